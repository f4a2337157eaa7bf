//! Ordinary least squares and ridge regression, in closed form.
//!
//! Both read the answer off the singular values `s` of the centred features: the coefficients are
//! `V · f(s) · Uᵀy` with `f(s) = 1/s` for least squares and `s/(s² + alpha)` for ridge. Directions
//! without any spread, or with next to none as `tol` says, take no part, which leaves the answer of
//! least norm.

mod centred;
mod decomposition;

pub(crate) use centred::Centred;
pub(crate) use decomposition::Decomposition;

use crate::{Fit, FitError};
use hp_core::method::{LinearParams, RidgeParams};
use ndarray::{ArrayView1, ArrayView2};

/// Fits ordinary least squares on `x` `[rows, features]` and `y` `[rows]`.
///
/// # Errors
/// When a number overflows.
pub(crate) fn fit_linear(
    params: &LinearParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
) -> Result<Fit, FitError> {
    let data = Centred::new(x, y, params.fit_intercept);
    fit_penalised(0.0, &data, params.tol)
}

/// Fits ridge regression on `x` `[rows, features]` and `y` `[rows]`.
///
/// # Errors
/// When a number overflows.
pub(crate) fn fit_ridge(
    params: &RidgeParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
) -> Result<Fit, FitError> {
    let data = Centred::new(x, y, params.fit_intercept);
    fit_penalised(params.alpha, &data, Decomposition::rounding(&data.x))
}

fn fit_penalised(alpha: f64, data: &Centred, cutoff: f64) -> Result<Fit, FitError> {
    let decomposition = Decomposition::new(&data.x, &data.y, cutoff)?;
    // The features were divided by `x_scale`, so the penalty has to be divided by its square; the
    // factors are arranged so that no intermediate of a tiny or huge scale overflows.
    let filter = |s: f64| {
        let penalty = alpha / data.x_scale / data.x_scale;
        if penalty.is_finite() {
            s / (s * s + penalty)
        } else {
            0.0
        }
    };
    let filtered = decomposition.filtered(filter);
    data.model(&filtered).into_fit(1, Vec::new())
}
