//! The two-sample statistic of Anderson and Darling.

use super::StatisticsError;
use super::sample::Pool;

/// Computes the two-sample Anderson–Darling statistic, by how much the two empirical distribution
/// functions differ over the whole range, weighted so that the tails count.
///
/// Formula: Scholz and Stephens, K-Sample Anderson–Darling Tests, Journal of the American
/// Statistical Association 82 (1987), equation (6) for discrete parents; the value that
/// `scipy.stats.anderson_ksamp(variant="right")` has before it is standardised.
///
/// # Errors
/// A sample without finite values.
pub fn anderson_darling(reference: &[f64], window: &[f64]) -> Result<f64, StatisticsError> {
    let pool = Pool::new(reference, window)?;
    let weights = weights(&pool);
    let terms = pool.discrepancies().zip(weights);
    Ok(terms.map(|(d, weight)| (d as f64).powi(2) * weight).sum())
}

/// What the square of each discrepancy counts: `l / (i·(N − i)) / (n·m)` for a value that `l` rows
/// of the pool have, 0 for the largest.
pub(super) fn weights(pool: &Pool) -> Vec<f64> {
    let rows = pool.rows();
    let mut before = 0;
    let weight = |end: usize| {
        let tied = (end - before) as f64;
        before = end;
        if end == rows {
            0.0
        } else {
            tied / (end as f64 * (rows - end) as f64) / pool.scale()
        }
    };
    pool.steps.iter().map(|step| step.end).map(weight).collect()
}
