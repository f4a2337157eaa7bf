//! Bins of a column, made from its training values.

use super::StatisticsError;
use hp_core::reference::Distribution;

/// Consecutive bins that cover all numbers: a value belongs to the first bin whose upper limit is
/// not below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    /// The inner limits, strictly ascending; one less than there are bins.
    limits: Vec<f64>,
}

impl Bins {
    /// At most `count` bins with equal shares of the reference. A value that fills several shares
    /// has one bin, and a column of few values a bin for each.
    ///
    /// # Errors
    /// `count` is 0.
    pub fn of(reference: &Distribution, count: usize) -> Result<Self, StatisticsError> {
        if count == 0 {
            return Err(StatisticsError::NotPositive("count"));
        }
        if let Some(distinct) = reference.distinct() {
            let values = &distinct[..distinct.len().saturating_sub(1)];
            let limits = values.iter().map(|entry| entry.value).collect();
            return Ok(Self { limits });
        }
        let values = reference.values();
        let last = values.len() - 1;
        let quantile = |share: usize| {
            // Linear interpolation, as numpy.quantile does by default.
            let (low, part) = (last * share / count, last * share % count);
            let high = values[(low + 1).min(last)];
            let part = part as f64 / count as f64;
            values[low] * (1.0 - part) + high * part
        };
        let mut limits: Vec<_> = (1..count).map(quantile).collect();
        limits.dedup();
        // Nothing lies above a limit at the maximum.
        limits.retain(|limit| *limit < reference.max());
        Ok(Self { limits })
    }

    /// How many bins there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.limits.len() + 1
    }

    /// Never: there is at least one bin.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The limits between the bins, ascending.
    #[must_use]
    pub fn limits(&self) -> &[f64] {
        &self.limits
    }

    /// The 0-based bin of `value`, none if it is not finite.
    #[must_use]
    pub fn place(&self, value: f64) -> Option<usize> {
        let below = self.limits.partition_point(|limit| *limit < value);
        value.is_finite().then_some(below)
    }

    /// How many of `values` lie in each bin `[bins]`; those that are not finite in none.
    #[must_use]
    pub fn counts(&self, values: &[f64]) -> Vec<u64> {
        let mut counts = vec![0; self.len()];
        for place in values.iter().filter_map(|value| self.place(*value)) {
            counts[place] += 1;
        }
        counts
    }
}
