//! Which values of a feature go with uncertain predictions.

use super::{Bins, Proportion, StatisticsError, clopper_pearson};
use hp_core::reference::Distribution;
use serde::Serialize;

/// The share of uncertain predictions among the rows of one bin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BinShare {
    /// The values of the bin are above this limit; none for the first.
    pub above: Option<f64>,
    /// And at most this; none for the last.
    pub up_to: Option<f64>,
    /// The share of uncertain predictions; none without rows.
    pub uncertain: Option<Proportion>,
}

/// Computes the share of uncertain predictions in each of at most `bins` bins of a feature, which
/// hold equal shares of its reference, with the limits of the true share at `confidence`.
///
/// # Errors
/// Different lengths of `values` and `uncertain`, no bins, or a confidence that is not within
/// `(0, 1)`.
pub fn uncertain_by_bin(
    reference: &Distribution,
    values: &[f64],
    uncertain: &[bool],
    bins: usize,
    confidence: f64,
) -> Result<Vec<BinShare>, StatisticsError> {
    if values.len() != uncertain.len() {
        return Err(StatisticsError::LengthMismatch {
            left: values.len(),
            right: uncertain.len(),
        });
    }
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(StatisticsError::OutsideUnitInterval(confidence));
    }
    let bins = Bins::of(reference, bins)?;
    let mut counts = vec![(0, 0); bins.len()];
    for (value, uncertain) in values.iter().zip(uncertain) {
        if let Some(place) = bins.place(*value) {
            counts[place].0 += usize::from(*uncertain);
            counts[place].1 += 1;
        }
    }
    let limits = bins.limits();
    let share = |(place, (uncertain, rows)): (usize, (usize, usize))| BinShare {
        above: place.checked_sub(1).map(|before| limits[before]),
        up_to: limits.get(place).copied(),
        uncertain: clopper_pearson(uncertain, rows, confidence).ok(),
    };
    Ok(counts.into_iter().enumerate().map(share).collect())
}
