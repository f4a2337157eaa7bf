//! The population stability index.

use super::{Bins, StatisticsError};
use hp_core::reference::Distribution;

/// The share that an empty bin counts as, because the index has no value for 0.
pub const ZERO_SHARE: f64 = 1e-4;

/// How many bins of equal shares the reference is cut into.
const BINS: usize = 10;

/// Computes the population stability index `Σ (w − r)·ln(w / r)` over ten bins of equal shares of
/// the reference, where `r` and `w` are the shares of a bin in the reference and in the window.
///
/// A value that fills several bins makes one of them, a column of few values has a bin for each,
/// and an empty bin counts as [`ZERO_SHARE`]. How large the index is without any drift depends on
/// the number of rows, so that a fixed threshold means nothing for small windows.
///
/// # Errors
/// A window without finite values.
pub fn population_stability_index(
    reference: &Distribution,
    window: &[f64],
) -> Result<f64, StatisticsError> {
    let bins = Bins::of(reference, BINS)?;
    let shares = |counts: Vec<u64>| {
        let total: u64 = counts.iter().sum();
        let shares = counts
            .into_iter()
            .map(move |count| count as f64 / total as f64);
        (total > 0).then(|| shares.map(|share| share.max(ZERO_SHARE)))
    };
    let window = shares(bins.counts(window)).ok_or(StatisticsError::Empty)?;
    let reference = shares(bins.counts(reference.values())).ok_or(StatisticsError::Empty)?;
    let terms = reference.zip(window).map(|(r, w)| (w - r) * (w / r).ln());
    Ok(terms.sum())
}
