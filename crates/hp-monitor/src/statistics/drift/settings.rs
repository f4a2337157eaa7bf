//! When a difference is an alarm.

use super::super::StatisticsError;
use super::super::permutation::BLOCK;

/// The most rows that may be compared at once.
const MOST_ROWS: usize = 10_000;

/// The most permutations of one column.
const MOST_PERMUTATIONS: usize = 20_000;

/// How many times `columns / alpha` permutations there are at least. A p-value cannot be below one
/// in the number of permutations, and with less room a single column of many could never alarm.
const ROOM: f64 = 4.0;

/// When a difference is an alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftSettings {
    /// The largest q-value of an alarm: the rate of windows without drift that alarm anyway.
    pub alpha: f64,
    /// The smallest effect of an alarm: a Wasserstein distance of so many standard deviations, or a
    /// Cramér's V.
    pub min_effect: f64,
    /// The least rows to be judged.
    pub min_rows: usize,
    /// The most rows compared, at most 10,000; of more, so many are drawn.
    pub max_rows: usize,
    /// The least permutations, at most 20,000; rounded up to a multiple of 500.
    pub permutations: usize,
}

impl Default for DriftSettings {
    /// The values that `docs/monitoring.md` gives measurements for.
    fn default() -> Self {
        Self {
            alpha: 0.05,
            min_effect: 0.1,
            min_rows: 20,
            max_rows: 2_000,
            permutations: 1_000,
        }
    }
}

impl DriftSettings {
    pub(super) fn check(&self) -> Result<(), StatisticsError> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(StatisticsError::OutsideUnitInterval(self.alpha));
        }
        // Not a number is no smaller effect either.
        if !(self.min_effect >= 0.0 && self.min_effect.is_finite()) {
            return Err(StatisticsError::NotPositive("min_effect"));
        }
        let sizes = [
            ("min_rows", self.min_rows, self.max_rows),
            ("max_rows", self.max_rows, MOST_ROWS),
            ("permutations", self.permutations, MOST_PERMUTATIONS),
        ];
        for (name, value, most) in sizes {
            if value == 0 {
                return Err(StatisticsError::NotPositive(name));
            }
            if value > most {
                return Err(StatisticsError::TooLarge { name, value, most });
            }
        }
        Ok(())
    }

    /// How many blocks of permutations each of `columns` columns gets.
    pub(super) fn blocks(&self, columns: usize) -> usize {
        let enough = |blocks: &usize| {
            let permutations = blocks * BLOCK;
            permutations >= self.permutations
                && permutations as f64 >= ROOM * columns as f64 / self.alpha
        };
        let most = MOST_PERMUTATIONS / BLOCK;
        (1..=most).find(enough).unwrap_or(most)
    }
}
