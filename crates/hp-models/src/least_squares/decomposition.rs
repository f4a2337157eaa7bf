//! The singular value decomposition that the closed forms are read from.

use super::{Centred, Triangle};
use crate::FitError;
use ndarray::{Array1, Array2, Axis};
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
    /// Decomposes the features of `data`. Singular values up to `cutoff` times the largest count
    /// as zero, as with `cond` of `scipy.linalg.lstsq`.
    ///
    /// # Errors
    /// When the singular values cannot be found.
    pub(crate) fn new(data: &Centred<'_>, cutoff: f64) -> Result<Self, FitError> {
        let (s, v, projected) = if data.is_wide() {
            of_wide(data)?
        } else {
            of_tall(data)?
        };
        let largest = s.iter().copied().fold(0.0, f64::max);
        let kept: Vec<usize> = (0..s.len()).filter(|&k| s[k] > cutoff * largest).collect();
        Ok(Self {
            singular_values: kept.iter().map(|&k| s[k]).collect(),
            v: v.select(Axis(1), &kept),
            projected_target: kept.iter().map(|&k| projected[k]).collect(),
        })
    }

    /// The cutoff below which singular values of the features are rounding errors,
    /// `ε · max(rows, features)`: that of `numpy.linalg.matrix_rank`.
    pub(crate) fn rounding(data: &Centred<'_>) -> f64 {
        f64::EPSILON * data.rows().max(data.features()) as f64
    }

    /// The coefficients `V · filter(s) · Uᵀy` `[features]`.
    pub(crate) fn filtered(&self, filter: impl Fn(f64) -> f64) -> Array1<f64> {
        self.v
            .dot(&(self.singular_values.mapv(filter) * &self.projected_target))
    }
}

/// Singular values, right singular vectors and `Uᵀy`.
type Factors = (Vec<f64>, Array2<f64>, Array1<f64>);

/// Decomposes the triangle of the features.
fn of_tall(data: &Centred<'_>) -> Result<Factors, FitError> {
    let triangle = Triangle::new(data)?;
    let svd = svd_of(triangle.r)?;
    Ok((svd.s, svd.V, svd.U.t().dot(&triangle.projected_target)))
}

/// Decomposes the transpose, which has no more columns than rows.
fn of_wide(data: &Centred<'_>) -> Result<Factors, FitError> {
    let (rows, features) = (data.rows(), data.features());
    let mut transposed = Array2::zeros((features, rows));
    let mut target = Array1::zeros(rows);
    for row in 0..rows {
        let values = data.row(row);
        let entries = transposed
            .column_mut(row)
            .into_iter()
            .chain([&mut target[row]]);
        entries
            .zip(values)
            .for_each(|(entry, value)| *entry = value);
    }
    let svd = svd_of(transposed)?;
    Ok((svd.s, svd.U, svd.V.t().dot(&target)))
}

/// The decomposition of a matrix that has no more columns than rows. The library panics when a singular value takes more than
/// 30 iterations and offers no way to ask beforehand; the matrix, which it may have half rewritten
/// by then, is dropped with the panic.
fn svd_of(matrix: Array2<f64>) -> Result<SVD<f64, Array2<f64>>, FitError> {
    catch_unwind(AssertUnwindSafe(|| matrix.svd_mut()))
        .map_err(|_| FitError::Numerical("the singular values do not converge".to_owned()))?
        .map_err(|error| FitError::Numerical(error.to_string()))
}
