//! Metrics of point predictions `[rows]` against observed values `[rows]`.

use super::error::{MetricError, check, finite};

/// Computes `mean (y − ŷ)²`, in squared units of the target.
///
/// # Errors
/// No values, different lengths, a value that is not finite, or overflow.
pub fn mean_squared_error(y_true: &[f64], y_pred: &[f64]) -> Result<f64, MetricError> {
    mean_loss(y_true, y_pred, |error| error * error)
}

/// Computes the square root of [`mean_squared_error`], in units of the target.
///
/// # Errors
/// As [`mean_squared_error`].
pub fn root_mean_squared_error(y_true: &[f64], y_pred: &[f64]) -> Result<f64, MetricError> {
    mean_squared_error(y_true, y_pred).map(f64::sqrt)
}

/// Computes `mean |y − ŷ|`, in units of the target.
///
/// # Errors
/// No values, different lengths, a value that is not finite, or overflow.
pub fn mean_absolute_error(y_true: &[f64], y_pred: &[f64]) -> Result<f64, MetricError> {
    mean_loss(y_true, y_pred, f64::abs)
}

/// Computes the coefficient of determination, `1 − Σ(y − ŷ)² / Σ(y − mean y)²`.
///
/// A constant `y_true` gives 1 for a perfect prediction and 0 for any other, as
/// `sklearn.metrics.r2_score` does.
///
/// # Errors
/// Fewer than two values, different lengths, a value that is not finite, or overflow.
pub fn r2_score(y_true: &[f64], y_pred: &[f64]) -> Result<f64, MetricError> {
    let residual = mean_squared_error(y_true, y_pred)?;
    if y_true.len() < 2 {
        return Err(MetricError::TooFew {
            found: y_true.len(),
            needed: 2,
        });
    }
    // With the first value as origin a constant series has the variance 0 exactly, not nearly.
    let origin = y_true[0];
    let rows = y_true.len() as f64;
    let mean = y_true.iter().map(|y| y - origin).sum::<f64>() / rows;
    let deviations = y_true.iter().map(|y| (y - origin - mean).powi(2));
    let variance = finite(deviations.sum::<f64>() / rows)?;
    if variance > 0.0 {
        finite(1.0 - residual / variance)
    } else {
        Ok(if residual > 0.0 { 0.0 } else { 1.0 })
    }
}

/// Computes the mean pinball loss of an estimate of the quantile `alpha`:
/// `mean max(alpha·(y − ŷ), (alpha − 1)·(y − ŷ))`, in units of the target.
///
/// Formula: Koenker and Bassett, Regression Quantiles, Econometrica 46 (1978).
///
/// # Errors
/// `alpha` outside `[0, 1]`, no values, different lengths, a value that is not finite, or overflow.
pub fn pinball_loss(y_true: &[f64], y_pred: &[f64], alpha: f64) -> Result<f64, MetricError> {
    if !(0.0..=1.0).contains(&alpha) {
        return Err(MetricError::OutsideUnitInterval(alpha));
    }
    mean_loss(y_true, y_pred, |error| {
        (alpha * error).max((alpha - 1.0) * error)
    })
}

fn mean_loss(
    y_true: &[f64],
    y_pred: &[f64],
    loss: impl Fn(f64) -> f64,
) -> Result<f64, MetricError> {
    check(y_true, &[y_pred])?;
    let losses = y_true.iter().zip(y_pred).map(|(y, p)| loss(y - p));
    finite(losses.sum::<f64>() / y_true.len() as f64)
}
