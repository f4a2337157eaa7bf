//! The two-sample test of Kolmogorov and Smirnov.

use super::StatisticsError;
use super::sample::Pool;

/// The largest sample whose p-value is exact; the time for it grows with the product of both sizes.
const MOST_EXACT: usize = 10_000;

/// The result of [`kolmogorov_smirnov`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KolmogorovSmirnov {
    /// The largest difference of the two empirical distribution functions.
    pub statistic: f64,
    /// The probability of one at least as large when both samples come from one continuous
    /// distribution; with ties it is too large.
    pub p_value: f64,
}

/// Computes the two-sided two-sample Kolmogorov–Smirnov test.
///
/// Up to 10,000 rows on either side the p-value is exact, as that of
/// `scipy.stats.ks_2samp(method="exact")`, by the recursion of Schröer and Trenkler (Computational
/// Statistics & Data Analysis 20, 1995); above, it is that of Kolmogorov's limiting distribution.
///
/// # Errors
/// A sample without finite values.
pub fn kolmogorov_smirnov(
    reference: &[f64],
    window: &[f64],
) -> Result<KolmogorovSmirnov, StatisticsError> {
    let pool = Pool::new(reference, window)?;
    let largest = pool.discrepancies().max().unwrap_or_default();
    let statistic = largest_difference(&pool);
    let p_value = if pool.reference.max(pool.window) <= MOST_EXACT {
        exact(pool.reference, pool.window, largest)
    } else {
        let effective = pool.scale() / pool.rows() as f64;
        limit(effective.sqrt() * statistic)
    };
    Ok(KolmogorovSmirnov { statistic, p_value })
}

/// The largest difference of the two empirical distribution functions.
pub(super) fn largest_difference(pool: &Pool) -> f64 {
    pool.discrepancies().max().unwrap_or_default() as f64 / pool.scale()
}

/// The probability that a random walk from `(0, 0)` to `(m, n)` meets `|i·n − j·m| ≥ largest`.
fn exact(m: usize, n: usize, largest: u64) -> f64 {
    if largest == 0 {
        return 1.0;
    }
    let outside = |i: usize, j: usize| ((i * n) as u64).abs_diff((j * m) as u64) >= largest;
    // met[j]: the probability that the walk has met the limit on its way to (i, j).
    let mut met = vec![0.0; n + 1];
    for i in 0..=m {
        let mut before = 0.0;
        for (j, here) in met.iter_mut().enumerate() {
            *here = if outside(i, j) {
                1.0
            } else if i + j == 0 {
                0.0
            } else {
                (i as f64 * *here + j as f64 * before) / (i + j) as f64
            };
            before = *here;
        }
    }
    met[n]
}

/// `P(K > x)` of Kolmogorov's distribution, by the series that converges fast on its side of 1.
fn limit(x: f64) -> f64 {
    use std::f64::consts::PI;
    if x <= 0.0 {
        return 1.0;
    }
    let p = if x < 1.0 {
        let term = |odd: f64| (-(odd * PI).powi(2) / (8.0 * x * x)).exp();
        let sum: f64 = [1.0, 3.0, 5.0, 7.0].map(term).iter().sum();
        1.0 - (2.0 * PI).sqrt() / x * sum
    } else {
        let term = |k: f64| (-2.0 * (k * x).powi(2)).exp();
        2.0 * (term(1.0) - term(2.0) + term(3.0) - term(4.0) + term(5.0))
    };
    p.clamp(0.0, 1.0)
}
