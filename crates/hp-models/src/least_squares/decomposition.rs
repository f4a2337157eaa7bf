//! The singular value decomposition that the closed forms are read from.

use crate::FitError;
use ndarray::{Array1, Array2, Axis, ShapeBuilder};
use smartcore::linalg::traits::qr::QRDecomposable;
use smartcore::linalg::traits::svd::{SVD, SVDDecomposable};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The directions of `x = U · diag(s) · Vᵀ` along which the rows differ, and what `y` is in them.
#[derive(Debug)]
pub(crate) struct Decomposition {
    /// Singular values that do not count as zero `[rank]`.
    pub(crate) singular_values: Array1<f64>,
    /// Right singular vectors `[features, rank]`.
    pub(crate) v: Array2<f64>,
    /// `Uᵀy` `[rank]`.
    pub(crate) projected_target: Array1<f64>,
}

impl Decomposition {
    /// Decomposes `x` `[rows, features]`, whose entries must be of moderate size. Singular values up
    /// to `cutoff` times the largest count as zero, as with `cond` of `scipy.linalg.lstsq`.
    ///
    /// # Errors
    /// When the singular values cannot be found.
    pub(crate) fn new(x: &Array2<f64>, y: &Array1<f64>, cutoff: f64) -> Result<Self, FitError> {
        let (rows, features) = x.dim();
        let (s, v, projected) = if rows > features {
            of_tall(x, y)?
        } else {
            of_wide(x, y)?
        };
        let largest = s.iter().copied().fold(0.0, f64::max);
        let kept: Vec<usize> = (0..s.len()).filter(|&k| s[k] > cutoff * largest).collect();
        Ok(Self {
            singular_values: kept.iter().map(|&k| s[k]).collect(),
            v: v.select(Axis(1), &kept),
            projected_target: kept.iter().map(|&k| projected[k]).collect(),
        })
    }

    /// The cutoff below which singular values of `x` `[rows, features]` are rounding errors,
    /// `ε · max(rows, features)`: that of `numpy.linalg.matrix_rank`.
    pub(crate) fn rounding(x: &Array2<f64>) -> f64 {
        f64::EPSILON * x.nrows().max(x.ncols()) as f64
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
    let svd = svd_of(corner)?;
    Ok((svd.s, svd.V, svd.U.t().dot(&rotated)))
}

/// Decomposes the transpose, which has no more columns than rows.
fn of_wide(x: &Array2<f64>, y: &Array1<f64>) -> Result<Factors, FitError> {
    let svd = svd_of(x.t().to_owned())?;
    Ok((svd.s, svd.U, svd.V.t().dot(y)))
}

/// The decomposition of a matrix that has no more columns than rows. The library panics when a
/// singular value takes more than 30 iterations and offers no way to ask beforehand; the matrix,
/// which it may have half rewritten by then, is dropped with the panic.
fn svd_of(matrix: Array2<f64>) -> Result<SVD<f64, Array2<f64>>, FitError> {
    catch_unwind(AssertUnwindSafe(|| matrix.svd_mut()))
        .map_err(|_| FitError::Numerical("the singular values do not converge".to_owned()))?
        .map_err(numerical)
}

fn numerical(error: smartcore::error::Failed) -> FitError {
    FitError::Numerical(error.to_string())
}
