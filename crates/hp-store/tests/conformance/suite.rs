//! What every backend of the prediction log must do, one function each, given an empty store.
//!
//! A test of a backend includes this file and `records.rs` and calls
//! `conformance_tests!(function)`, where `async fn function() -> Fresh` makes an empty store.

use crate::records::{
    Maker, VERSIONS, aggregates, all_pages, assert_counts, assert_holds, everything, time,
    whole_month,
};
use hp_core::fingerprint::Fingerprint;
use hp_core::prediction::Prediction;
use hp_core::version::ModelVersion;
use hp_store::{
    Actual, Aggregate, AggregateQuery, Attached, Bucket, Inputs, PredictionId, PredictionRecord,
    PredictionStore, RecordQuery, Source,
};
use jiff::{Timestamp, ToSpan};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// An empty store, and what must live as long as it.
pub(crate) struct Fresh {
    pub(crate) store: Arc<dyn PredictionStore>,
    pub(crate) _keep: Box<dyn Any + Send>,
}

/// Makes one test of each case, with the empty stores of an async function.
#[macro_export]
macro_rules! conformance_tests {
    ($new_store:path) => {
        conformance_tests! { $new_store:
            keeps_every_field
            keeps_hostile_names
            knows_only_what_was_put
            a_repeated_put_counts_once
            the_first_actual_value_stays
            an_actual_value_counts_in_the_bucket_of_its_prediction
            a_record_may_come_with_its_actual_value
            one_of_many_actual_values_wins
            lists_what_is_asked_for
            pages_through_everything
            lists_within_a_millisecond
            aggregates_agree_with_the_records
            sums_beyond_all_numbers_do_no_harm
            pruning_keeps_aggregates
            concurrent_puts_are_all_kept
        }
    };
    ($new_store:path: $($case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let fresh = $new_store().await;
                suite::$case(fresh.store.clone()).await;
            }
        )*
    };
}

type Store = Arc<dyn PredictionStore>;

async fn put(store: &Store, records: &[PredictionRecord]) {
    store.put(records.into()).await.unwrap();
}

/// A true value that came at `time`.
fn actual(maker: &mut Maker, time: Timestamp) -> Actual {
    let value = maker.quarters();
    Actual { value, time }
}

/// All aggregates of the month.
async fn month(store: &Store, bucket: Bucket) -> Vec<Aggregate> {
    store.aggregate(&whole_month(bucket)).await.unwrap()
}

/// All records of the month, at most `limit` of them.
fn records_of_month(limit: usize) -> RecordQuery {
    RecordQuery {
        from: Some(time("01T00:00:00")),
        to: Some(time("30T00:00:00")),
        ..everything(limit)
    }
}

/// Asserts that two records are the same to the last bit of every number, but for the sign of zeros.
fn assert_same(actual: &PredictionRecord, expected: &PredictionRecord) {
    let bits = |record: &PredictionRecord| {
        let Prediction {
            lower,
            prediction,
            upper,
        } = record.prediction;
        let mut numbers = record.inputs.values.clone();
        numbers.extend([lower, prediction, upper]);
        numbers.extend(record.actual.map(|actual| actual.value));
        numbers
            .into_iter()
            .map(|number| (number + 0.0).to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(actual, expected);
    assert_eq!(bits(actual), bits(expected), "{actual:?}");
}

fn assert_all_same(actual: &[PredictionRecord], expected: &[PredictionRecord]) {
    let ids = |records: &[PredictionRecord]| -> Vec<_> {
        records.iter().map(|record| record.id.to_string()).collect()
    };
    assert_eq!(ids(actual), ids(expected));
    for (actual, expected) in actual.iter().zip(expected) {
        assert_same(actual, expected);
    }
}

pub(crate) async fn keeps_every_field(store: Store) {
    store.check().await.unwrap();
    let names: Vec<_> = (0..8).map(|index| format!("x{index}")).collect();
    let extremes = [
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        -0.0,
        0.1 + 0.2,
        9_007_199_254_740_993.0,
        -1e-300,
    ];
    let mut maker = Maker::new(1);
    let mut records = Vec::new();
    for (index, &extreme) in extremes.iter().enumerate() {
        let mut values = extremes.to_vec();
        values.rotate_left(index);
        records.push(PredictionRecord {
            inputs: Inputs {
                names: names.clone().into(),
                values,
            },
            prediction: Prediction {
                lower: extreme,
                prediction: extreme,
                upper: extreme,
            },
            latency: Duration::from_micros(u64::from(u32::MAX) * 1_000),
            actual: Some(Actual {
                value: extreme,
                time: time("08T16:46:02.003"),
            }),
            ..maker.record(time("08T16:00:00"))
        });
    }
    records.push(PredictionRecord {
        id: PredictionId::first_at(Timestamp::UNIX_EPOCH),
        model_version: ModelVersion {
            major: 0,
            minor: u32::MAX,
            patch: u32::MAX,
        },
        data_fingerprint: Fingerprint::of(b""),
        git_commit: Some("a'b\"c; -- größe 🏠\0\n".into()),
        inputs: Inputs {
            names: Vec::new().into(),
            values: Vec::new(),
        },
        latency: Duration::ZERO,
        ..maker.record(time("08T16:00:00"))
    });
    records.push(PredictionRecord {
        id: PredictionId::first_at("9999-12-30T00:00:00Z".parse().unwrap()),
        git_commit: None,
        ..maker.record(time("08T16:00:00"))
    });
    put(&store, &records).await;
    for record in &records {
        let kept = store.get(record.id).await.unwrap().unwrap();
        assert_same(&kept, record);
    }
    let counted: u64 = month(&store, Bucket::Day)
        .await
        .iter()
        .map(|a| a.count)
        .sum();
    assert_eq!(counted, extremes.len() as u64);
}

pub(crate) async fn keeps_hostile_names(store: Store) {
    let long = "long".repeat(200);
    let names = [
        "",
        " ",
        "a'b\"c`d",
        "'; DROP TABLE predictions; --",
        "$.x[0]",
        "a.b#c:d",
        "pk",
        "größe 🏠\u{200f}",
        "null\0byte\n\t\\",
        &long,
    ];
    let mut record = Maker::new(2).record(time("08T16:00:00"));
    record.inputs = Inputs {
        names: names.map(str::to_owned).into(),
        values: (0_u8..).map(f64::from).take(names.len()).collect(),
    };
    put(&store, std::slice::from_ref(&record)).await;
    let kept = store.get(record.id).await.unwrap().unwrap();
    assert_same(&kept, &record);
}

pub(crate) async fn knows_only_what_was_put(store: Store) {
    let mut maker = Maker::new(3);
    let record = maker.record(time("08T16:00:00"));
    put(&store, &[]).await;
    assert_eq!(store.get(record.id).await.unwrap(), None);
    assert!(all_pages(&*store, records_of_month(5)).await.is_empty());
    assert!(month(&store, Bucket::Hour).await.is_empty());
    put(&store, std::slice::from_ref(&record)).await;
    let other = maker.record(time("08T16:00:00"));
    assert_eq!(store.get(other.id).await.unwrap(), None);
    let actual = actual(&mut maker, time("09T00:00:00"));
    let attached = store.attach(other.id, actual).await.unwrap();
    assert_eq!(attached, Attached::Unknown);
    assert_counts(&*store, &[record]).await;
}

pub(crate) async fn a_repeated_put_counts_once(store: Store) {
    let mut maker = Maker::new(4);
    let records = maker.records(3, time("08T16:00:00"), time("08T17:00:00"));
    put(&store, &records[..2]).await;
    put(&store, &records[..2]).await;
    let mut again = maker.record(time("08T16:00:00"));
    again.id = records[0].id;
    let twice = [
        again,
        records[2].clone(),
        records[2].clone(),
        records[1].clone(),
    ];
    put(&store, &twice).await;
    for record in &records {
        let kept = store.get(record.id).await.unwrap().unwrap();
        assert_same(&kept, record);
    }
    assert_eq!(all_pages(&*store, records_of_month(2)).await.len(), 3);
    assert_counts(&*store, &records).await;
}

pub(crate) async fn the_first_actual_value_stays(store: Store) {
    let mut maker = Maker::new(5);
    let mut record = maker.record(time("08T16:00:00"));
    put(&store, std::slice::from_ref(&record)).await;
    let first = Actual {
        value: 0.1 + 0.2,
        time: time("09T16:46:02.003"),
    };
    let attach = async |actual| store.attach(record.id, actual).await.unwrap();
    assert_eq!(attach(first).await, Attached::New);
    let after_first = month(&store, Bucket::Hour).await;
    let later = Actual {
        time: time("10T00:00:00"),
        ..first
    };
    assert_eq!(attach(first).await, Attached::Same);
    assert_eq!(attach(later).await, Attached::Same);
    let other = Actual {
        value: 0.3,
        ..later
    };
    assert_eq!(attach(other).await, Attached::Other(first));
    put(&store, std::slice::from_ref(&record)).await;
    assert_eq!(month(&store, Bucket::Hour).await, after_first);
    record.actual = Some(first);
    let kept = store.get(record.id).await.unwrap().unwrap();
    assert_same(&kept, &record);
}

pub(crate) async fn an_actual_value_counts_in_the_bucket_of_its_prediction(store: Store) {
    let mut maker = Maker::new(6);
    let mut records = maker.records(40, time("08T22:00:00"), time("09T02:00:00"));
    put(&store, &records).await;
    for record in records.iter_mut().step_by(2) {
        let actual = actual(&mut maker, time("20T12:00:00"));
        let attached = store.attach(record.id, actual).await.unwrap();
        assert_eq!(attached, Attached::New);
        record.actual = Some(actual);
    }
    assert_counts(&*store, &records).await;
    records.reverse();
    assert_all_same(&all_pages(&*store, records_of_month(100)).await, &records);
}

pub(crate) async fn a_record_may_come_with_its_actual_value(store: Store) {
    let mut maker = Maker::new(7);
    let mut record = maker.record(time("08T16:00:00"));
    let actual = actual(&mut maker, time("09T00:00:00"));
    record.actual = Some(actual);
    put(&store, std::slice::from_ref(&record)).await;
    let attached = store.attach(record.id, actual).await.unwrap();
    assert_eq!(attached, Attached::Same);
    assert_counts(&*store, &[record]).await;
}

pub(crate) async fn one_of_many_actual_values_wins(store: Store) {
    let mut maker = Maker::new(8);
    let mut record = maker.record(time("08T16:00:00"));
    let id = record.id;
    put(&store, std::slice::from_ref(&record)).await;
    let came = time("09T00:00:00");
    let attempts: Vec<_> = (0_u8..8)
        .map(|value| {
            let (store, value) = (store.clone(), f64::from(value));
            let actual = Actual { value, time: came };
            tokio::spawn(async move { (actual, store.attach(id, actual).await.unwrap()) })
        })
        .collect();
    let mut outcomes = Vec::new();
    for attempt in attempts {
        outcomes.push(attempt.await.unwrap());
    }
    record.actual = store.get(id).await.unwrap().unwrap().actual;
    let winner = record.actual.unwrap();
    for (actual, attached) in outcomes {
        let expected = if actual == winner {
            Attached::New
        } else {
            Attached::Other(winner)
        };
        assert_eq!(attached, expected);
    }
    assert_counts(&*store, &[record]).await;
}

pub(crate) async fn lists_what_is_asked_for(store: Store) {
    let mut records = Maker::new(9).records(150, time("07T20:00:00"), time("11T04:00:00"));
    records[60].id = PredictionId::first_at(records[60].id.time());
    put(&store, &records).await;
    let (earliest, latest) = (time("01T00:00:00"), time("30T00:00:00"));
    let exactly = records[60].id.time();
    let ranges = [
        (earliest, latest),
        (time("08T00:00:00"), time("09T00:00:00")),
        (time("08T13:30:00"), time("10T01:00:00")),
        (exactly, exactly),
        (exactly, exactly.saturating_add(1.millisecond()).unwrap()),
        (latest, earliest),
        (time("20T00:00:00"), latest),
    ];
    let sources = [None, Some(Source::Api), Some(Source::Simulation)];
    for (from, to) in ranges {
        for model_version in [None, Some(VERSIONS[0]), Some(VERSIONS[1])] {
            for source in sources {
                let query = RecordQuery {
                    from: Some(from),
                    to: Some(to),
                    model_version,
                    source,
                    ..records_of_month(1_000)
                };
                let asked_for = |record: &&PredictionRecord| {
                    (from <= record.id.time() && record.id.time() < to)
                        && model_version.is_none_or(|version| record.model_version == version)
                        && source.is_none_or(|source| record.source == source)
                };
                let newest_first = records.iter().rev().filter(asked_for);
                let expected: Vec<_> = newest_first.cloned().collect();
                let page = store.list(&query).await.unwrap();
                assert_eq!(page.next, None);
                assert_all_same(&page.records, &expected);
            }
        }
    }
}

pub(crate) async fn pages_through_everything(store: Store) {
    let mut records = Maker::new(10).records(60, time("07T20:00:00"), time("10T04:00:00"));
    put(&store, &records).await;
    records.reverse();
    for limit in [1, 7, 59, 60, 61] {
        let query = records_of_month(limit);
        let first = store.list(&query).await.unwrap();
        assert_eq!(first.records.len(), limit.min(60));
        assert_eq!(first.next.is_some(), limit < 60, "limit {limit}");
        assert_all_same(&all_pages(&*store, query).await, &records);
    }
    let of_version = |record: &&PredictionRecord| {
        record.model_version == VERSIONS[2] && record.source == Source::Batch
    };
    let expected: Vec<_> = records.iter().filter(of_version).cloned().collect();
    for limit in [1, 2, expected.len()] {
        let query = RecordQuery {
            model_version: Some(VERSIONS[2]),
            source: Some(Source::Batch),
            ..records_of_month(limit)
        };
        assert_all_same(&all_pages(&*store, query).await, &expected);
    }
    let middle = RecordQuery {
        before: Some(records[30].id),
        ..records_of_month(100)
    };
    assert_all_same(&all_pages(&*store, middle).await, &records[31..]);
}

/// Ids of one millisecond keep their order, and the limits of a range may lie between milliseconds.
pub(crate) async fn lists_within_a_millisecond(store: Store) {
    let mut maker = Maker::new(11);
    let now = time("08T23:59:59.999");
    let mut records: Vec<_> = (0..10).map(|_| maker.record(now)).collect();
    put(&store, &records).await;
    records.reverse();
    assert_all_same(&all_pages(&*store, records_of_month(3)).await, &records);
    let count = async |from: &str, to: &str| {
        let query = RecordQuery {
            from: Some(time(from)),
            to: Some(time(to)),
            ..records_of_month(3)
        };
        all_pages(&*store, query).await.len()
    };
    assert_eq!(count("08T23:59:59.999", "08T23:59:59.9990001").await, 10);
    assert_eq!(count("08T23:59:59.9989999", "09T00:00:00").await, 10);
    assert_eq!(count("08T23:59:59.9990001", "09T00:00:00").await, 0);
    assert_eq!(count("08T00:00:00", "08T23:59:59.999").await, 0);
}

pub(crate) async fn aggregates_agree_with_the_records(store: Store) {
    let records = Maker::new(12).records(300, time("07T20:00:00"), time("10T04:00:00"));
    for part in records.chunks(120) {
        put(&store, part).await;
    }
    let ranges = [
        ("01T00:00:00", "30T00:00:00"),
        ("08T00:00:00", "09T00:00:00"),
        ("08T10:59:59.999", "09T11:00:00.001"),
        ("08T11:00:00", "08T11:00:00"),
        ("20T00:00:00", "21T00:00:00"),
        ("09T00:00:00", "08T00:00:00"),
    ];
    for (from, to) in ranges {
        for bucket in [Bucket::Hour, Bucket::Day, Bucket::Week] {
            for model_version in [None, Some(VERSIONS[0]), Some(VERSIONS[2])] {
                let query = AggregateQuery {
                    from: time(from),
                    to: time(to),
                    bucket,
                    model_version,
                };
                let found = store.aggregate(&query).await.unwrap();
                assert_eq!(found, aggregates(&records, &query), "{query:?}");
            }
        }
    }
}

pub(crate) async fn sums_beyond_all_numbers_do_no_harm(store: Store) {
    let mut maker = Maker::new(13);
    let (largest, smallest) = (f64::MAX, f64::MIN);
    let limits = [
        (smallest, largest),
        (largest, smallest),
        (smallest, largest),
    ];
    for (lower, upper) in limits {
        let mut record = maker.record(time("08T16:00:00"));
        record.prediction = Prediction {
            lower,
            prediction: upper,
            upper,
        };
        record.model_version = VERSIONS[0];
        record.source = Source::Api;
        put(&store, std::slice::from_ref(&record)).await;
        let actual = Actual {
            value: lower,
            time: time("09T00:00:00"),
        };
        let attached = store.attach(record.id, actual).await.unwrap();
        assert_eq!(attached, Attached::New);
    }
    for bucket in [Bucket::Hour, Bucket::Day, Bucket::Week] {
        let found = month(&store, bucket).await;
        let counts: Vec<_> = found.iter().map(|a| (a.count, a.actuals)).collect();
        assert_eq!(counts, [(3, 3)]);
    }
}

pub(crate) async fn pruning_keeps_aggregates(store: Store) {
    let mut maker = Maker::new(14);
    let mut records = maker.records(80, time("07T20:00:00"), time("10T04:00:00"));
    records[33].id = PredictionId::first_at(records[33].id.time());
    put(&store, &records).await;
    let (hours, days) = (
        month(&store, Bucket::Hour).await,
        month(&store, Bucket::Day).await,
    );
    let time_of_prune = records[33].id.time();
    let old = records
        .iter()
        .filter(|record| record.id.time() < time_of_prune)
        .count();
    assert_eq!(store.prune(time_of_prune).await.unwrap(), old as u64);
    assert_eq!(store.prune(time_of_prune).await.unwrap(), 0);
    let newest_first: Vec<_> = records[old..].iter().rev().cloned().collect();
    assert_all_same(
        &all_pages(&*store, records_of_month(50)).await,
        &newest_first,
    );
    assert_eq!(store.get(records[0].id).await.unwrap(), None);
    let actual = actual(&mut maker, time("20T00:00:00"));
    let attached = store.attach(records[0].id, actual).await.unwrap();
    assert_eq!(attached, Attached::Unknown);
    assert_eq!(month(&store, Bucket::Hour).await, hours);
    assert_eq!(month(&store, Bucket::Day).await, days);
}

pub(crate) async fn concurrent_puts_are_all_kept(store: Store) {
    let mut records = Maker::new(15).records(90, time("08T20:00:00"), time("09T04:00:00"));
    let tasks: Vec<_> = (0..32)
        .map(|task| {
            // Each record is put by three tasks or so.
            let part: Vec<_> = records.iter().skip(task).step_by(11).cloned().collect();
            let store = store.clone();
            tokio::spawn(async move { store.put(part.into()).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_holds(&*store, &records).await;
    records.reverse();
    assert_all_same(&all_pages(&*store, records_of_month(40)).await, &records);
}
