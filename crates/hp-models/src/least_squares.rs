//! Ordinary least squares and ridge regression, in closed form.
//!
//! One pass over the rows sums the products of all columns, and the normal equations give the
//! answer. Where these are ill-conditioned, or `tol` might neglect a direction, it is read off the
//! singular values `s` of the centred features instead: the coefficients are `V · f(s) · Uᵀy` with
//! `f(s) = 1/s` for least squares and `s/(s² + alpha)` for ridge. Directions without any spread,
//! or with next to none as `tol` says, take no part, which leaves the answer of least norm.

mod centred;
mod decomposition;
mod normal;
mod sums;
mod triangle;
mod units;

pub(crate) use centred::Centred;
pub(crate) use decomposition::Decomposition;
pub(crate) use triangle::Triangle;

use crate::{Fit, FitError};
use hp_core::method::{LinearParams, RidgeParams};
use ndarray::{ArrayView1, ArrayView2};

/// Fits ordinary least squares on `x` `[rows, features]` and `y` `[rows]`.
///
/// # Errors
/// When a number is not finite or overflows.
pub(crate) fn fit_linear(
    params: &LinearParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
) -> Result<Fit, FitError> {
    let data = Centred::new(x, y, params.fit_intercept)?;
    fit_penalised(0.0, &data, params.tol)
}

/// Fits ridge regression on `x` `[rows, features]` and `y` `[rows]`.
///
/// # Errors
/// When a number is not finite or overflows.
pub(crate) fn fit_ridge(
    params: &RidgeParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
) -> Result<Fit, FitError> {
    let data = Centred::new(x, y, params.fit_intercept)?;
    fit_penalised(params.alpha, &data, Decomposition::rounding(&data))
}

fn fit_penalised(alpha: f64, data: &Centred<'_>, cutoff: f64) -> Result<Fit, FitError> {
    // The features were divided by `x_scale`, so the penalty has to be divided by its square.
    let penalty = alpha / data.x_scale() / data.x_scale();
    let coef = match normal_coefficients(data, penalty, cutoff) {
        Some(coef) => coef,
        None => decomposed_coefficients(data, penalty, cutoff)?,
    };
    data.model(&coef).into_fit(1, Vec::new())
}

/// The solution of the normal equations, if these can be relied upon and no direction is neglected.
fn normal_coefficients(data: &Centred<'_>, penalty: f64, cutoff: f64) -> Option<Vec<f64>> {
    let normal = data.normal(penalty)?;
    normal.exceeds(cutoff).then(|| normal.solve())?
}

fn decomposed_coefficients(
    data: &Centred<'_>,
    penalty: f64,
    cutoff: f64,
) -> Result<Vec<f64>, FitError> {
    // A penalty beyond the floats leaves nothing.
    let filter = |s: f64| {
        if penalty.is_finite() {
            s / (s * s + penalty)
        } else {
            0.0
        }
    };
    let decomposition = Decomposition::new(data, cutoff)?;
    Ok(decomposition.filtered(filter).to_vec())
}
