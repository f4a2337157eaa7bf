//! Two distributions side by side, over bins that suit both.

use hp_core::reference::Distribution;
use serde::Serialize;

/// Bins of numbers.
const BINS: usize = 20;

/// The most values that are shown one by one.
const MOST_VALUES: usize = 20;

/// How far beyond the range of the training the bins reach, in lengths of that range; what lies
/// further out counts in the outermost bins.
const BEYOND: f64 = 0.5;

/// The shares of the training rows and of the rows of a window in each bin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Histogram {
    /// The bins.
    #[serde(flatten)]
    pub bins: HistogramBins,
    /// The share of the training rows in each bin.
    pub reference: Vec<f64>,
    /// The share of the rows of the window in each bin; values further out than the first or last
    /// edge count in these bins.
    pub window: Vec<f64>,
}

/// The bins of a histogram.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HistogramBins {
    /// Numbers: the edges, ascending, one more than there are bins. A value on an edge belongs to
    /// the bin above it, one on the last edge to the last bin.
    Edges(Vec<f64>),
    /// Few values: each has a bin.
    Values(Vec<f64>),
}

/// Where a value lies in a histogram of the training rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// The bins.
    #[serde(flatten)]
    pub bins: HistogramBins,
    /// The share of the training rows in each bin.
    pub reference: Vec<f64>,
    /// The 0-based bin of the value; none when it has none.
    pub bin: Option<usize>,
}

impl Histogram {
    /// Counts the values of a window beside those of its reference.
    pub(super) fn new(reference: &Distribution, window: &[f64]) -> Self {
        let bins = HistogramBins::of(reference, window);
        Self {
            reference: bins.reference_shares(reference),
            window: bins.shares(window),
            bins,
        }
    }
}

impl Place {
    /// Finds `value` among the training rows.
    pub(super) fn of(reference: &Distribution, value: f64) -> Self {
        let bins = HistogramBins::of(reference, &[]);
        Self {
            reference: bins.reference_shares(reference),
            bin: bins.place(value),
            bins,
        }
    }
}

impl HistogramBins {
    fn of(reference: &Distribution, window: &[f64]) -> Self {
        if let Some(distinct) = reference.distinct() {
            let mut values: Vec<_> = distinct.iter().map(|entry| entry.value).collect();
            for value in window.iter().filter(|value| value.is_finite()) {
                if values.len() < MOST_VALUES && !values.contains(value) {
                    values.push(*value);
                }
            }
            values.sort_unstable_by(f64::total_cmp);
            return Self::Values(values);
        }
        let (min, max) = (reference.min(), reference.max());
        let reach = (max - min) * BEYOND;
        let finite = window.iter().copied().filter(|value| value.is_finite());
        let low = finite.clone().fold(min, f64::min).max(min - reach);
        let high = finite.fold(max, f64::max).min(max + reach);
        // A part of each, because their difference may be too large for a number.
        let edge = |place: usize| {
            let part = place as f64 / BINS as f64;
            low * (1.0 - part) + high * part
        };
        Self::Edges((0..=BINS).map(edge).collect())
    }

    fn len(&self) -> usize {
        match self {
            Self::Edges(edges) => edges.len() - 1,
            Self::Values(values) => values.len(),
        }
    }

    #[expect(clippy::float_cmp, reason = "a bin for exactly this value")]
    fn place(&self, value: f64) -> Option<usize> {
        match self {
            _ if !value.is_finite() => None,
            Self::Values(values) => values.iter().position(|of| *of == value),
            Self::Edges(edges) => {
                let above = edges.partition_point(|edge| *edge <= value);
                Some(above.clamp(1, edges.len() - 1) - 1)
            }
        }
    }

    /// Counts the rows of the reference, of few values exactly, otherwise by its quantiles.
    fn reference_shares(&self, reference: &Distribution) -> Vec<f64> {
        match reference.distinct() {
            Some(distinct) => {
                let rows = distinct.iter().map(|entry| (entry.value, entry.rows));
                self.count(rows)
            }
            None => self.shares(reference.values()),
        }
    }

    fn shares(&self, values: &[f64]) -> Vec<f64> {
        self.count(values.iter().map(|value| (*value, 1)))
    }

    /// The share of all finite values in each bin; zeros of none.
    fn count(&self, values: impl Iterator<Item = (f64, usize)>) -> Vec<f64> {
        let mut counts = vec![0_usize; self.len()];
        let mut total = 0;
        for (value, rows) in values.filter(|(value, _)| value.is_finite()) {
            total += rows;
            if let Some(place) = self.place(value) {
                counts[place] += rows;
            }
        }
        let total = total.max(1) as f64;
        counts.into_iter().map(|rows| rows as f64 / total).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{BINS, Histogram, HistogramBins, Place};
    use hp_core::reference::Distribution;

    #[test]
    fn bins_hold_both_and_outliers_do_not_stretch_them() {
        let reference: Vec<_> = (0..=100).map(|step| f64::from(step) / 10.0).collect();
        let reference = Distribution::of("x", &reference).unwrap();
        let histogram = Histogram::new(&reference, &[5.0, 12.0, 1e300, -1e300, f64::NAN]);
        let HistogramBins::Edges(edges) = &histogram.bins else {
            panic!("numbers have edges");
        };
        assert_eq!((edges[0], edges[BINS]), (-5.0, 15.0));
        assert!((histogram.window.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(
            (histogram.window[0], histogram.window[BINS - 1]),
            (0.25, 0.25)
        );
        assert!((histogram.reference.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let place = Place::of(&reference, 9.9);
        assert_eq!(place.bin, Some(BINS - 1));
        assert_eq!(Place::of(&reference, f64::NAN).bin, None);
    }

    #[test]
    fn few_values_have_a_bin_each() {
        let reference = Distribution::of("x", &[0.0, 0.0, 1.0, 0.0]).unwrap();
        let histogram = Histogram::new(&reference, &[1.0, 7.0]);
        assert_eq!(histogram.bins, HistogramBins::Values(vec![0.0, 1.0, 7.0]));
        assert_eq!(histogram.reference, [0.75, 0.25, 0.0]);
        assert_eq!(histogram.window, [0.0, 0.5, 0.5]);
    }

    #[test]
    fn a_range_too_large_for_a_number_has_bins_too() {
        let reference: Vec<_> = (0..20)
            .map(|step| f64::from(step) * 1e307 - 9.5e307)
            .collect();
        let reference = Distribution::of("x", &reference);
        if let Ok(reference) = reference {
            let histogram = Histogram::new(&reference, &[f64::MAX, f64::MIN]);
            assert!(histogram.window.iter().all(|share| share.is_finite()));
        }
    }
}
