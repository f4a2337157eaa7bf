//! The rate of false discoveries when many columns are tested at once.

use super::StatisticsError;

/// Computes the q-value of each p-value, in the same order: the smallest rate of false discoveries
/// at which it is still one.
///
/// Formula: Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995); the values
/// of `scipy.stats.false_discovery_control`.
///
/// # Errors
/// A p-value outside `[0, 1]`.
pub fn q_values(p_values: &[f64]) -> Result<Vec<f64>, StatisticsError> {
    if let Some(p) = p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(StatisticsError::OutsideUnitInterval(*p));
    }
    let mut order: Vec<_> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut q_values = vec![0.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, &place) in order.iter().enumerate().rev() {
        // The ratio first: it is at least 1, so that no q-value is below its p-value.
        let ratio = p_values.len() as f64 / (rank + 1) as f64;
        smallest = smallest.min(p_values[place] * ratio);
        q_values[place] = smallest;
    }
    Ok(q_values)
}
