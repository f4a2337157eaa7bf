//! Latencies of any number of calls in little memory.

use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// How much longer the next bucket is.
const GROWTH: f64 = 1.01;

/// A histogram of latencies: percentiles are exact to 1 %, minimum, mean and maximum fully.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Latencies {
    /// Calls by ⌊log(µs)/log([`GROWTH`])⌋.
    buckets: BTreeMap<u32, u64>,
    count: u64,
    sum: Duration,
    min: Option<Duration>,
    max: Duration,
}

/// What a histogram says, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Milliseconds {
    min: f64,
    mean: f64,
    p50: f64,
    p95: f64,
    p99: f64,
    max: f64,
}

impl Latencies {
    /// Adds one call.
    pub fn add(&mut self, latency: Duration) {
        *self.buckets.entry(bucket(latency)).or_default() += 1;
        self.count += 1;
        self.sum += latency;
        self.min = Some(self.min.map_or(latency, |min| min.min(latency)));
        self.max = self.max.max(latency);
    }

    /// Number of calls.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The shortest; `None` without calls, like the others.
    #[must_use]
    pub fn min(&self) -> Option<Duration> {
        self.min
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> Option<Duration> {
        (self.count > 0).then(|| self.sum.div_f64(self.count as f64))
    }

    /// The longest.
    #[must_use]
    pub fn max(&self) -> Option<Duration> {
        (self.count > 0).then_some(self.max)
    }

    /// The latency that the share `q`, 0 to 1, of the calls does not exceed.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        let min = self.min?;
        let wanted = q * self.count as f64;
        let mut below = 0;
        let reached = self.buckets.iter().find(|(_, calls)| {
            below += **calls;
            below as f64 >= wanted
        });
        let middle = reached.map_or(self.max, |(bucket, _)| {
            Duration::from_secs_f64(GROWTH.powf(f64::from(*bucket) + 0.5) / 1e6)
        });
        Some(middle.clamp(min, self.max))
    }

    pub(super) fn milliseconds(&self) -> Option<Milliseconds> {
        let ms = |duration: Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
        Some(Milliseconds {
            min: ms(self.min()?),
            mean: ms(self.mean()?),
            p50: ms(self.quantile(0.5)?),
            p95: ms(self.quantile(0.95)?),
            p99: ms(self.quantile(0.99)?),
            max: ms(self.max()?),
        })
    }
}

fn bucket(latency: Duration) -> u32 {
    let microseconds = (latency.as_secs_f64() * 1e6).max(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 6000 for any duration"
    )]
    let bucket = microseconds.log(GROWTH) as u32;
    bucket
}

#[cfg(test)]
mod tests {
    use super::Latencies;
    use std::time::Duration;

    #[test]
    fn percentiles_are_within_one_percent() {
        let mut latencies = Latencies::default();
        for ms in 1..=1000 {
            latencies.add(Duration::from_millis(ms));
        }
        for (q, expected) in [(0.5, 0.5), (0.95, 0.95), (0.99, 0.99), (1.0, 1.0)] {
            let found = latencies.quantile(q).unwrap().as_secs_f64();
            assert!((found / expected - 1.0).abs() < 0.011, "{q}: {found}");
        }
        assert_eq!(latencies.min(), Some(Duration::from_millis(1)));
        assert_eq!(latencies.max(), Some(Duration::from_secs(1)));
        assert_eq!(latencies.mean(), Some(Duration::from_micros(500_500)));
    }

    #[test]
    fn without_calls_there_are_none() {
        let none = Latencies::default();
        assert_eq!(
            (none.quantile(0.5), none.mean(), none.max()),
            (None, None, None)
        );
    }

    #[test]
    fn one_call_is_every_percentile() {
        let mut one = Latencies::default();
        one.add(Duration::from_micros(1234));
        assert_eq!(one.quantile(0.01), one.quantile(0.99));
        assert_eq!(one.quantile(0.5), Some(Duration::from_micros(1234)));
        one.add(Duration::ZERO);
        one.add(Duration::from_secs(1 << 40));
        assert_eq!(one.min(), Some(Duration::ZERO));
    }
}
