//! One series of a histogram.

use metrics::HistogramFn;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many values are at most as large as each bound, and their sum.
#[derive(Debug)]
pub(super) struct Buckets {
    bounds: &'static [f64],
    /// Values above the bound before and not above this one; the last has those above all bounds
    /// `[bounds + 1]`.
    counts: Box<[AtomicU64]>,
    /// The bits of the sum.
    sum: AtomicU64,
}

impl Buckets {
    pub(super) fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    /// Each bound with the number of values up to it, and the number of all values.
    pub(super) fn cumulative(&self) -> (Vec<(f64, u64)>, u64) {
        let mut total = 0;
        let mut up_to = |count: &AtomicU64| {
            total += count.load(Ordering::Relaxed);
            total
        };
        let bounds = self.bounds.iter().zip(&self.counts);
        let bounds = bounds.map(|(&bound, count)| (bound, up_to(count)));
        let bounds = bounds.collect();
        (bounds, self.counts.last().map_or(0, up_to))
    }

    pub(super) fn sum(&self) -> f64 {
        f64::from_bits(self.sum.load(Ordering::Relaxed))
    }
}

impl HistogramFn for Buckets {
    fn record(&self, value: f64) {
        let index = self.bounds.partition_point(|&bound| bound < value);
        self.counts[index].fetch_add(1, Ordering::Relaxed);
        let add = |sum| Some((f64::from_bits(sum) + value).to_bits());
        // It never gives up.
        let _ = self
            .sum
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

#[cfg(test)]
mod tests {
    use super::Buckets;
    use metrics::HistogramFn;

    #[test]
    fn a_value_counts_up_to_its_bound_and_all_larger_ones() {
        let buckets = Buckets::new(&[1.0, 2.0]);
        for value in [0.5, 1.0, 1.5, 2.5, -1.0] {
            buckets.record(value);
        }
        assert_eq!(buckets.cumulative(), (vec![(1.0, 3), (2.0, 4)], 5));
        assert_eq!(buckets.sum().to_bits(), 4.5f64.to_bits());
    }

    #[test]
    fn no_count_is_lost_between_threads() {
        let buckets = Buckets::new(&[0.0]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1_000).for_each(|_| buckets.record(1.0)));
            }
        });
        assert_eq!(buckets.cumulative(), (vec![(0.0, 0)], 4_000));
        assert_eq!(buckets.sum().to_bits(), 4_000f64.to_bits());
    }
}
