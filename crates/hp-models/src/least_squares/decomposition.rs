//! The singular value decomposition that the closed forms are read from.

use crate::FitError;
use ndarray::{Array1, Array2, Axis, ShapeBuilder};
use smartcore::linalg::traits::{qr::QRDecomposable, svd::SVDDecomposable};

/// The directions of `x = U · diag(s) · Vᵀ` along which the rows differ, and what `y` is in them.
#[derive(Debug)]
pub(crate) struct Decomposition {
    /// Singular values above the rounding error `[rank]`.
    pub(crate) singular_values: Array1<f64>,
    /// Right singular vectors `[features, rank]`.
    pub(crate) v: Array2<f64>,
    /// `Uᵀy` `[rank]`.
    pub(crate) projected_target: Array1<f64>,
}

impl Decomposition {
    /// Decomposes `x` `[rows, features]`, whose entries must be of moderate size.
    ///
    /// Singular values below `ε · max(rows, features)` times the largest count as zero, as in
    /// `scipy.linalg.lstsq` when scikit-learn calls it.
    pub(crate) fn new(x: &Array2<f64>, y: &Array1<f64>) -> Result<Self, FitError> {
        let (rows, features) = x.dim();
        let (s, v, projected) = if rows > features {
            of_tall(x, y)?
        } else {
            of_wide(x, y)?
        };
        let largest = s.iter().copied().fold(0.0, f64::max);
        let cutoff = f64::EPSILON * rows.max(features) as f64 * largest;
        let kept: Vec<usize> = (0..s.len()).filter(|&k| s[k] > cutoff).collect();
        Ok(Self {
            singular_values: kept.iter().map(|&k| s[k]).collect(),
            v: v.select(Axis(1), &kept),
            projected_target: kept.iter().map(|&k| projected[k]).collect(),
        })
    }

    /// The coefficients `V · filter(s) · Uᵀy` `[features]`.
    pub(crate) fn filtered(&self, filter: impl Fn(f64) -> f64) -> Array1<f64> {
        self.v
            .dot(&(self.singular_values.mapv(filter) * &self.projected_target))
    }
}

/// Singular values, right singular vectors and `Uᵀy`.
type Factors = (Vec<f64>, Array2<f64>, Array1<f64>);

/// Triangularises `[x | y]` first, so that only a `[features, features]` matrix is iterated on.
fn of_tall(x: &Array2<f64>, y: &Array1<f64>) -> Result<Factors, FitError> {
    let (rows, features) = x.dim();
    // Column-major, since the factorisation walks down columns.
    let mut joined = Array2::zeros((rows, features + 1).f());
    let (mut left, mut right) = joined.view_mut().split_at(Axis(1), features);
    left.assign(x);
    right.column_mut(0).assign(y);
    let triangle = joined.qr_mut().map_err(numerical)?.R();
    let corner = Array2::from_shape_fn((features, features), |at| triangle[at]);
    let rotated = Array1::from_shape_fn(features, |row| triangle[(row, features)]);
    let svd = corner.svd_mut().map_err(numerical)?;
    Ok((svd.s, svd.V, svd.U.t().dot(&rotated)))
}

/// Decomposes the transpose, which has no more columns than rows.
fn of_wide(x: &Array2<f64>, y: &Array1<f64>) -> Result<Factors, FitError> {
    let svd = x.t().to_owned().svd_mut().map_err(numerical)?;
    Ok((svd.s, svd.U, svd.V.t().dot(y)))
}

fn numerical(error: smartcore::error::Failed) -> FitError {
    FitError::Numerical(error.to_string())
}
