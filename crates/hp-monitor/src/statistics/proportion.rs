//! A proportion with the band that its number of rows allows.

use super::StatisticsError;
use serde::Serialize;
use statrs::function::beta::beta_reg;

/// The relative width at which a limit is found.
const RELATIVE: f64 = 1e-14;

/// How often something was so, and between which limits the true share lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Proportion {
    /// The rows for which it was so.
    pub successes: usize,
    /// All rows.
    pub trials: usize,
    /// `successes / trials`.
    pub share: f64,
    /// The lower limit of the true share.
    pub low: f64,
    /// The upper limit of the true share.
    pub high: f64,
}

/// Computes the limits that hold the true share with at least `confidence`, whatever it is.
///
/// Formula: Clopper and Pearson, Biometrika 26 (1934); the limits of
/// `scipy.stats.binomtest(...).proportion_ci(method="exact")`.
///
/// # Errors
/// No trials, more successes than trials, or a confidence that is not within `(0, 1)`.
pub fn clopper_pearson(
    successes: usize,
    trials: usize,
    confidence: f64,
) -> Result<Proportion, StatisticsError> {
    if trials == 0 {
        return Err(StatisticsError::Empty);
    }
    if successes > trials {
        return Err(StatisticsError::MoreThanAll { successes, trials });
    }
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(StatisticsError::OutsideUnitInterval(confidence));
    }
    let tail = (1.0 - confidence) / 2.0;
    let (k, n) = (successes as f64, trials as f64);
    Ok(Proportion {
        successes,
        trials,
        share: k / n,
        low: if successes == 0 {
            0.0
        } else {
            beta_quantile(k, n - k + 1.0, tail)
        },
        high: if successes == trials {
            1.0
        } else {
            // The mirror image of a lower limit, whose small tail is not lost to rounding.
            1.0 - beta_quantile(n - k, k + 1.0, tail)
        },
    })
}

/// The `x` with `I_x(a, b) = share`, by halving: the library's own inverse is off by 0.04 % for the
/// smallest shares of a million rows.
fn beta_quantile(a: f64, b: f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high || (high - low) <= RELATIVE * high {
            return middle;
        }
        if beta_reg(a, b, middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
}
