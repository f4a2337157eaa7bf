//! Records to keep, questions about them, and what a store should say of them.

use hp_core::fingerprint::Fingerprint;
use hp_core::prediction::Prediction;
use hp_core::version::ModelVersion;
use hp_store::{
    Aggregate, AggregateQuery, Bucket, IdGenerator, Inputs, PredictionRecord, PredictionStore,
    RecordQuery, Source,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

/// A time of the week in which the records are made.
pub(crate) fn time(text: &str) -> Timestamp {
    format!("2024-09-{text}Z").parse().unwrap()
}

/// The versions that records are made by.
pub(crate) const VERSIONS: [ModelVersion; 3] = [version(1, 9), version(1, 10), version(2, 0)];

const fn version(major: u32, minor: u32) -> ModelVersion {
    ModelVersion {
        major,
        minor,
        patch: 0,
    }
}

/// Makes random records. Their numbers are quarters below 64, whose sums and squares are exact in
/// any order.
pub(crate) struct Maker {
    ids: IdGenerator,
    rng: StdRng,
}

impl Maker {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            ids: IdGenerator::default(),
            rng: StdRng::seed_from_u64(seed),
        }
    }

    /// A record of `now`, or of the time of the last one if that is a little later.
    pub(crate) fn record(&mut self, now: Timestamp) -> PredictionRecord {
        let names = ["CRIM".to_owned(), "RM".to_owned()];
        let sources = [Source::Api, Source::Batch, Source::Simulation];
        let commits = [None, Some("909b04c"), Some("2933cd8fc8ce")];
        PredictionRecord {
            id: self.ids.next(now, &mut self.rng),
            model_version: VERSIONS[self.rng.random_range(0..VERSIONS.len())],
            data_fingerprint: Fingerprint::of(&[self.rng.random()]),
            git_commit: commits[self.rng.random_range(0..commits.len())].map(Into::into),
            inputs: Inputs {
                names: names.into(),
                values: vec![self.rng.random(), self.quarters()],
            },
            prediction: Prediction {
                lower: self.quarters(),
                prediction: self.quarters(),
                upper: self.quarters(),
            },
            source: sources[self.rng.random_range(0..sources.len())],
            latency: Duration::from_micros(self.rng.random_range(0..1_000_000)),
            actual: None,
        }
    }

    /// `count` records in the order of their random times between `from` and `to`.
    pub(crate) fn records(
        &mut self,
        count: usize,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<PredictionRecord> {
        let milliseconds = from.as_millisecond()..to.as_millisecond();
        let mut times: Vec<_> = (0..count)
            .map(|_| self.rng.random_range(milliseconds.clone()))
            .collect();
        times.sort_unstable();
        times
            .into_iter()
            .map(|ms| self.record(Timestamp::from_millisecond(ms).unwrap()))
            .collect()
    }

    /// A quarter of a random whole number.
    pub(crate) fn quarters(&mut self) -> f64 {
        f64::from(self.rng.random_range(-255..256)) / 4.0
    }
}

/// Asks for all records, `limit` at once.
pub(crate) fn everything(limit: usize) -> RecordQuery {
    RecordQuery {
        from: None,
        to: None,
        model_version: None,
        source: None,
        before: None,
        limit: NonZeroUsize::new(limit).unwrap(),
    }
}

/// Asks for all aggregates of the month of [`time`].
pub(crate) fn whole_month(bucket: Bucket) -> AggregateQuery {
    AggregateQuery {
        from: time("01T00:00:00"),
        to: time("30T00:00:00"),
        bucket,
        model_version: None,
    }
}

/// Follows the pages of `query` to the end.
pub(crate) async fn all_pages(
    store: &dyn PredictionStore,
    mut query: RecordQuery,
) -> Vec<PredictionRecord> {
    let mut records = Vec::new();
    loop {
        let page = store.list(&query).await.unwrap();
        let last = page.records.last().map(|record| record.id);
        assert!(page.records.len() <= query.limit.get());
        records.extend(page.records);
        if page.next.is_none() {
            return records;
        }
        assert_eq!(page.next, last);
        query.before = page.next;
    }
}

/// Asserts that `store` holds exactly `records`, of the month of [`time`], and their aggregates.
pub(crate) async fn assert_holds(store: &dyn PredictionStore, records: &[PredictionRecord]) {
    let mut records = records.to_vec();
    records.sort_by_key(|record| Reverse(record.id));
    assert_eq!(all_pages(store, everything(1_000)).await, records);
    assert_counts(store, &records).await;
}

/// Asserts that the aggregates of `store` are those of `records`, of the month of [`time`].
pub(crate) async fn assert_counts(store: &dyn PredictionStore, records: &[PredictionRecord]) {
    for bucket in [Bucket::Hour, Bucket::Day, Bucket::Week] {
        let query = whole_month(bucket);
        let counted = store.aggregate(&query).await.unwrap();
        assert_eq!(counted, aggregates(records, &query));
    }
}

/// When the bucket of a record begins and ends.
pub(crate) fn bucket_of(record: &PredictionRecord, bucket: Bucket) -> (Timestamp, Timestamp) {
    let made = record.id.time();
    let day = made.as_millisecond() - made.as_millisecond() % 86_400_000;
    let weekday = made.to_zoned(TimeZone::UTC).weekday();
    let (start, length) = match bucket {
        Bucket::Hour => (made.as_millisecond() / 3_600_000 * 3_600_000, 3_600_000),
        Bucket::Day => (day, 86_400_000),
        Bucket::Week => {
            let days = i64::from(weekday.to_monday_zero_offset());
            (day - days * 86_400_000, 7 * 86_400_000)
        }
    };
    let time = |ms| Timestamp::from_millisecond(ms).unwrap();
    (time(start), time(start + length))
}

/// The aggregates of `records`, recomputed from each of them.
pub(crate) fn aggregates(records: &[PredictionRecord], query: &AggregateQuery) -> Vec<Aggregate> {
    let mut groups = BTreeMap::<_, Vec<_>>::new();
    for record in records {
        let (start, end) = bucket_of(record, query.bucket);
        let of_version = [None, Some(record.model_version)].contains(&query.model_version);
        if of_version && query.from < end && start < query.to {
            let key = (start, record.model_version, record.source);
            groups.entry(key).or_default().push(record);
        }
    }
    let aggregate = |((start, model_version, source), records): (_, Vec<&PredictionRecord>)| {
        let count = |counts: &dyn Fn(&PredictionRecord) -> bool| {
            records.iter().filter(|record| counts(record)).count() as u64
        };
        let sum = |term: &dyn Fn(&PredictionRecord) -> f64| {
            records.iter().map(|record| term(record)).sum::<f64>()
        };
        let error = |record: &PredictionRecord| {
            let actual = record.actual.map(|actual| actual.value);
            actual.map_or(0.0, |actual| actual - record.prediction.prediction)
        };
        Aggregate {
            start,
            model_version,
            source,
            count: records.len() as u64,
            uncertain: count(&|record| {
                let Prediction {
                    lower,
                    prediction,
                    upper,
                } = record.prediction;
                prediction < lower || upper < prediction
            }),
            sum_width: sum(&|record| record.prediction.upper - record.prediction.lower),
            sum_prediction: sum(&|record| record.prediction.prediction),
            actuals: count(&|record| record.actual.is_some()),
            covered: count(&|record| {
                let actual = record.actual.map(|actual| actual.value);
                actual.is_some_and(|actual| {
                    record.prediction.lower <= actual && actual <= record.prediction.upper
                })
            }),
            sum_absolute_error: sum(&|record| error(record).abs()),
            sum_squared_error: sum(&|record| error(record).powi(2)),
        }
    };
    groups.into_iter().map(aggregate).collect()
}
