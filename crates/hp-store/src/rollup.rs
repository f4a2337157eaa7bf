//! Counting and summing predictions into aggregates.

use crate::query::{Aggregate, AggregateQuery, Bucket};
use crate::record::{Actual, PredictionRecord, Source};
use hp_core::prediction::Prediction;
use hp_core::version::ModelVersion;
use jiff::Timestamp;
use std::collections::BTreeMap;

impl Bucket {
    /// When the bucket that holds `time` begins.
    #[must_use]
    pub fn start(self, time: Timestamp) -> Timestamp {
        const SECOND: i128 = 1_000_000_000;
        let length = i128::from(self.seconds()) * SECOND;
        // 1970 began on a Thursday.
        let first = match self {
            Self::Hour | Self::Day => 0,
            Self::Week => 4 * 86_400 * SECOND,
        };
        let start = (time.as_nanosecond() - first).div_euclid(length) * length + first;
        // The bucket of the earliest times begins before time does.
        Timestamp::from_nanosecond(start).unwrap_or(Timestamp::MIN)
    }

    /// How long it is.
    pub(crate) fn seconds(self) -> i64 {
        match self {
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
        }
    }
}

impl AggregateQuery {
    /// Whether the bucket that begins at `start` is asked for.
    pub(crate) fn covers(&self, start: Timestamp) -> bool {
        self.bucket.start(self.from) <= start && start < self.to
    }
}

/// Which aggregate a prediction counts in; ordered as the answer to an [`AggregateQuery`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RollupKey {
    pub(crate) start: Timestamp,
    pub(crate) model_version: ModelVersion,
    pub(crate) source: Source,
}

impl RollupKey {
    pub(crate) fn of(record: &PredictionRecord, bucket: Bucket) -> Self {
        Self {
            start: bucket.start(record.id.time()),
            model_version: record.model_version,
            source: record.source,
        }
    }
}

impl Aggregate {
    /// The aggregate of no prediction.
    pub(crate) fn empty(key: RollupKey) -> Self {
        Self {
            start: key.start,
            model_version: key.model_version,
            source: key.source,
            count: 0,
            uncertain: 0,
            sum_width: 0.0,
            sum_prediction: 0.0,
            actuals: 0,
            covered: 0,
            sum_absolute_error: 0.0,
            sum_squared_error: 0.0,
        }
    }

    fn key(&self) -> RollupKey {
        RollupKey {
            start: self.start,
            model_version: self.model_version,
            source: self.source,
        }
    }

    fn count_prediction(&mut self, prediction: &Prediction) {
        self.count += 1;
        self.uncertain += u64::from(prediction.is_uncertain());
        self.sum_width += prediction.interval_width();
        self.sum_prediction += prediction.prediction;
    }

    fn count_actual(&mut self, prediction: &Prediction, actual: Actual) {
        let error = actual.value - prediction.prediction;
        let limits = prediction.lower..=prediction.upper;
        self.actuals += 1;
        self.covered += u64::from(limits.contains(&actual.value));
        self.sum_absolute_error += error.abs();
        self.sum_squared_error += error * error;
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.uncertain += other.uncertain;
        self.sum_width += other.sum_width;
        self.sum_prediction += other.sum_prediction;
        self.actuals += other.actuals;
        self.covered += other.covered;
        self.sum_absolute_error += other.sum_absolute_error;
        self.sum_squared_error += other.sum_squared_error;
    }
}

/// Aggregates of buckets of one length, or what some records add to them.
#[derive(Debug, Default)]
pub(crate) struct Rollups(BTreeMap<RollupKey, Aggregate>);

impl Rollups {
    /// Counts a record that was not kept before, with its actual value if it has one.
    pub(crate) fn count(&mut self, record: &PredictionRecord, bucket: Bucket) {
        let aggregate = self.entry(RollupKey::of(record, bucket));
        aggregate.count_prediction(&record.prediction);
        if let Some(actual) = record.actual {
            aggregate.count_actual(&record.prediction, actual);
        }
    }

    /// Counts the actual value of a record that is counted already.
    pub(crate) fn count_actual(
        &mut self,
        record: &PredictionRecord,
        actual: Actual,
        bucket: Bucket,
    ) {
        let aggregate = self.entry(RollupKey::of(record, bucket));
        aggregate.count_actual(&record.prediction, actual);
    }

    /// Adds the hours or days that are asked for to the buckets of the query.
    pub(crate) fn answer<'a>(
        parts: impl IntoIterator<Item = &'a Aggregate>,
        query: &AggregateQuery,
    ) -> Vec<Aggregate> {
        let mut rollups = Self::default();
        for part in parts {
            let start = query.bucket.start(part.start);
            let of_version = query
                .model_version
                .is_none_or(|version| version == part.model_version);
            if of_version && query.covers(start) {
                let key = RollupKey {
                    start,
                    ..part.key()
                };
                rollups.entry(key).add(part);
            }
        }
        rollups.0.into_values().collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Aggregate> {
        self.0.values()
    }

    fn entry(&mut self, key: RollupKey) -> &mut Aggregate {
        self.0.entry(key).or_insert_with(|| Aggregate::empty(key))
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;
    use jiff::Timestamp;

    #[test]
    fn buckets_begin_at_whole_hours_days_and_weeks_of_utc() {
        let start = |bucket: Bucket, text: &str| {
            let time: Timestamp = text.parse().unwrap();
            bucket.start(time).to_string()
        };
        assert_eq!(
            start(Bucket::Hour, "2024-09-08T16:46:02.5Z"),
            "2024-09-08T16:00:00Z"
        );
        assert_eq!(
            start(Bucket::Day, "2024-09-08T16:46:02+20:00"),
            "2024-09-07T00:00:00Z"
        );
        assert_eq!(
            start(Bucket::Hour, "1969-12-31T23:59:59.5Z"),
            "1969-12-31T23:00:00Z"
        );
        for (time, monday) in [
            ("2024-09-08T23:59:59Z", "2024-09-02T00:00:00Z"),
            ("2024-09-09T00:00:00Z", "2024-09-09T00:00:00Z"),
            ("1970-01-01T00:00:00Z", "1969-12-29T00:00:00Z"),
        ] {
            assert_eq!(start(Bucket::Week, time), monday);
        }
        assert_eq!(Bucket::Day.start(Timestamp::MIN), Timestamp::MIN);
    }
}
