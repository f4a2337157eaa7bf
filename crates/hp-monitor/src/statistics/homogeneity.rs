//! The chi-square test of homogeneity: whether two samples take the same values equally often.

use super::StatisticsError;
use super::sample::{Pool, Step};
use statrs::function::gamma::gamma_ur;

/// The smallest count that a bin must be expected to have in the smaller sample.
///
/// The usual 5 is for the asymptotic p-value; alarms use permutations, which are right for any
/// counts, and 1 is enough to keep a single odd row from being a bin of its own.
const LEAST_EXPECTED: usize = 1;

/// The result of [`chi_square`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    /// `Σ (observed − expected)² / expected` over both samples and all values.
    pub statistic: f64,
    /// One less than the number of values that occur.
    pub degrees_of_freedom: usize,
    /// The asymptotic probability of a statistic at least as large without a difference.
    pub p_value: f64,
}

/// Computes the chi-square test of homogeneity from how often each value occurs in the reference
/// and in the window `[values]`; values that occur in neither do not count.
///
/// As `scipy.stats.chi2_contingency(correction=False)`.
///
/// # Errors
/// Different lengths, or a sample without rows.
pub fn chi_square(reference: &[u64], window: &[u64]) -> Result<ChiSquare, StatisticsError> {
    if reference.len() != window.len() {
        return Err(StatisticsError::LengthMismatch {
            left: reference.len(),
            right: window.len(),
        });
    }
    let total = |counts: &[u64]| counts.iter().map(|&count| count as f64).sum::<f64>();
    let (m, n) = (total(reference), total(window));
    if m == 0.0 || n == 0.0 {
        return Err(StatisticsError::Empty);
    }
    let pairs = reference
        .iter()
        .zip(window)
        .map(|(&r, &w)| (r as f64, w as f64));
    let (mut statistic, mut values) = (0.0, 0_usize);
    for (r, w) in pairs.filter(|(r, w)| r + w > 0.0) {
        let expected = (r + w) / (m + n);
        statistic += (r - expected * m).powi(2) / (expected * m);
        statistic += (w - expected * n).powi(2) / (expected * n);
        values += 1;
    }
    let degrees_of_freedom = values - 1;
    let p_value = if degrees_of_freedom == 0 || statistic <= 0.0 {
        1.0
    } else {
        gamma_ur(degrees_of_freedom as f64 / 2.0, statistic / 2.0)
    };
    Ok(ChiSquare {
        statistic,
        degrees_of_freedom,
        p_value,
    })
}

/// The steps at which the bins of a pool end. A bin takes neighbouring values until it is expected
/// to have a row in the smaller sample; what remains at the end joins the last bin.
pub(super) fn bins(pool: &Pool) -> Vec<Step> {
    let smaller = pool.reference.min(pool.window);
    let (mut bins, mut before) = (Vec::new(), 0);
    for step in &pool.steps {
        if (step.end - before) * smaller >= LEAST_EXPECTED * pool.rows() {
            bins.push(*step);
            before = step.end;
        }
    }
    if before < pool.rows() {
        bins.pop();
        bins.extend(pool.steps.last());
    }
    bins
}
