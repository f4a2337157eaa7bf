//! Metrics of intervals, given by their lower `[rows]` and upper limits `[rows]`.

use super::error::{MetricError, check, finite};

/// Computes the share of rows whose observed value lies within its limits, the limits included.
///
/// # Errors
/// No values, different lengths, or a value that is not finite.
pub fn coverage(y_true: &[f64], lower: &[f64], upper: &[f64]) -> Result<f64, MetricError> {
    check(y_true, &[lower, upper])?;
    let limits = lower.iter().zip(upper);
    let inside = y_true
        .iter()
        .zip(limits)
        .filter(|&(y, (low, high))| low <= y && y <= high);
    Ok(inside.count() as f64 / y_true.len() as f64)
}

/// Computes `mean (upper − lower)`, in units of the target; crossed limits count as negative.
///
/// # Errors
/// No values, different lengths, a value that is not finite, or overflow.
pub fn mean_interval_width(lower: &[f64], upper: &[f64]) -> Result<f64, MetricError> {
    check(lower, &[upper])?;
    let widths = lower.iter().zip(upper).map(|(low, high)| high - low);
    finite(widths.sum::<f64>() / lower.len() as f64)
}

/// Counts the rows whose lower limit is above the upper one.
///
/// # Errors
/// No values, different lengths, or a value that is not finite.
pub fn crossings(lower: &[f64], upper: &[f64]) -> Result<usize, MetricError> {
    check(lower, &[upper])?;
    Ok(lower
        .iter()
        .zip(upper)
        .filter(|(low, high)| low > high)
        .count())
}

/// Computes the range that holds the true proportion with 95 % confidence when the `share` was
/// observed on `rows` rows.
///
/// Formula: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22
/// (1927).
///
/// # Errors
/// No rows, or a `share` outside `[0, 1]`.
pub fn proportion_interval(share: f64, rows: usize) -> Result<(f64, f64), MetricError> {
    /// The 97.5 % quantile of the standard normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if rows == 0 {
        return Err(MetricError::Empty);
    }
    if !(0.0..=1.0).contains(&share) {
        return Err(MetricError::OutsideUnitInterval(share));
    }
    let n = rows as f64;
    let centre = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    let low = ((centre - spread) / scale).max(0.0);
    let high = ((centre + spread) / scale).min(1.0);
    Ok((low, high))
}
