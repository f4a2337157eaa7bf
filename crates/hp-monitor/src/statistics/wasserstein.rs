//! The Wasserstein distance of two samples.

use super::StatisticsError;
use super::error::finite;
use super::sample::Pool;

/// The largest magnitude of a value in units of the deviation, so that sums of gaps stay finite.
const FARTHEST: f64 = 1e200;

/// Computes by how much the values of one sample must be moved, on average, to become the other:
/// the area between both empirical distribution functions, in units of the values.
///
/// The value of `scipy.stats.wasserstein_distance`.
///
/// # Errors
/// A sample without finite values, or overflow.
pub fn wasserstein_distance(reference: &[f64], window: &[f64]) -> Result<f64, StatisticsError> {
    let pool = Pool::new(reference, window)?;
    let gaps = gaps(&pool, 1.0);
    let terms = pool.discrepancies().zip(gaps);
    finite(terms.map(|(d, gap)| d as f64 * gap).sum())
}

/// What each discrepancy counts: the way to the next value in units of `unit`, divided by `n·m`.
pub(super) fn gaps(pool: &Pool, unit: f64) -> Vec<f64> {
    let scaled = |value: f64| (value / unit).clamp(-FARTHEST, FARTHEST);
    let gap = |values: &[super::sample::Step]| match values {
        [low, high] => (scaled(high.value) - scaled(low.value)) / pool.scale(),
        _ => 0.0,
    };
    let between = pool.steps.windows(2).map(gap);
    between.chain([0.0]).collect()
}
