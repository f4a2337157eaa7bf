//! What every backend must answer about the predictions of a window, given an empty store. Each
//! answer is compared with one that is recomputed from the records.
//!
//! A test of a backend includes this file beside `suite.rs` and calls `window_tests!(function)`.

use crate::records::{Maker, VERSIONS, bucket_of, time};
use hp_core::fingerprint::Fingerprint;
use hp_store::{
    Actual, Bucket, Measure, MeasureQuery, Point, PointsQuery, PredictionRecord, PredictionStore,
    RankBy, RankQuery, SampleQuery, Source, Window,
};
use jiff::{Timestamp, ToSpan};
use std::fmt::Debug;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Makes one test of each case, with the empty stores of an async function.
#[macro_export]
macro_rules! window_tests {
    ($new_store:path) => {
        window_tests! { $new_store:
            measures_agree_with_the_records
            points_are_the_newest
            ranks_page_through_every_order
            samples_are_spread_evenly
            answers_follow_every_change
            the_ends_of_the_log_are_known
            windows_of_nothing_are_empty
        }
    };
    ($new_store:path: $($case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let fresh = $new_store().await;
                window::$case(fresh.store.clone()).await;
            }
        )*
    };
}

type Store = Arc<dyn PredictionStore>;

fn number(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

/// NaN, which equals nothing, has the same text as NaN.
fn assert_same<T: Debug>(actual: &T, expected: &T, query: &impl Debug) {
    let (actual, expected) = (format!("{actual:?}"), format!("{expected:?}"));
    assert!(actual == expected, "{query:?}: {actual} is not {expected}");
}

/// Records with ties, several versions, sources and data sets, true values, and numbers that are
/// not finite; oldest first.
async fn filled(store: &Store, seed: u64, count: usize) -> Vec<PredictionRecord> {
    let mut maker = Maker::new(seed);
    let mut records = maker.records(count, time("06T20:00:00"), time("11T04:00:00"));
    for (index, record) in records.iter_mut().enumerate() {
        record.data_fingerprint = Fingerprint::of(&[u8::try_from(index % 3).unwrap()]);
        let prediction = &mut record.prediction;
        if index % 4 == 0 {
            // A few values only, so that many are equal.
            prediction.lower = prediction.lower.signum();
            prediction.prediction = 0.0;
            prediction.upper = 2.0;
        }
        match index % 17 {
            1 => prediction.lower = f64::NAN,
            2 => prediction.prediction = f64::NAN,
            3 => prediction.upper = f64::INFINITY,
            4 => prediction.lower = f64::NEG_INFINITY,
            5 => (prediction.lower, prediction.upper) = (f64::NEG_INFINITY, f64::INFINITY),
            _ => {}
        }
    }
    for part in records.chunks(40) {
        store.put(part.into()).await.unwrap();
    }
    for record in records.iter_mut().skip(1).step_by(3) {
        let actual = Actual {
            value: maker.quarters(),
            time: time("20T00:00:00"),
        };
        store.attach(record.id, actual).await.unwrap();
        record.actual = Some(actual);
    }
    records
}

/// Some windows of the records of [`filled`].
fn windows(records: &[PredictionRecord]) -> Vec<Window> {
    let all = Window {
        from: time("01T00:00:00"),
        to: time("30T00:00:00"),
        model_version: None,
        source: None,
        uncertain: None,
    };
    let exactly = records[records.len() / 2].id.time();
    vec![
        all,
        Window {
            from: time("08T10:59:59.999"),
            to: exactly,
            ..all
        },
        Window {
            from: exactly,
            to: exactly.saturating_add(1.millisecond()).unwrap(),
            ..all
        },
        Window {
            model_version: Some(VERSIONS[1]),
            ..all
        },
        Window {
            source: Some(Source::Simulation),
            uncertain: Some(true),
            ..all
        },
        Window {
            from: time("08T00:00:00"),
            model_version: Some(VERSIONS[0]),
            source: Some(Source::Api),
            uncertain: Some(false),
            ..all
        },
        Window {
            from: all.to,
            to: all.from,
            ..all
        },
        Window {
            from: Timestamp::MIN,
            to: Timestamp::MAX,
            uncertain: Some(false),
            ..all
        },
    ]
}

fn is_uncertain(record: &PredictionRecord) -> bool {
    let limits = record.prediction;
    let certain = limits.lower <= limits.prediction && limits.prediction <= limits.upper;
    !certain
}

/// The records of the window, oldest first.
fn within<'a>(records: &'a [PredictionRecord], window: &Window) -> Vec<&'a PredictionRecord> {
    let asked_for = |record: &&PredictionRecord| {
        (window.from <= record.id.time() && record.id.time() < window.to)
            && [None, Some(record.model_version)].contains(&window.model_version)
            && [None, Some(record.source)].contains(&window.source)
            && [None, Some(is_uncertain(record))].contains(&window.uncertain)
    };
    records.iter().filter(asked_for).collect()
}

fn error(record: &PredictionRecord) -> Option<f64> {
    let actual = record.actual?.value;
    Some((actual - record.prediction.prediction).abs())
}

fn measures(records: &[&PredictionRecord], query: &MeasureQuery) -> Vec<Measure> {
    let key = |record: &PredictionRecord| {
        let bucket = query.bucket.map(|bucket| bucket_of(record, bucket).0);
        let start = bucket.unwrap_or(query.window.from);
        (start, record.model_version, record.data_fingerprint)
    };
    let mut keys: Vec<_> = records.iter().map(|record| key(record)).collect();
    keys.sort_unstable();
    keys.dedup();
    let measure = |of: (Timestamp, _, _)| {
        let all = || records.iter().filter(move |record| key(record) == of);
        let known = || all().filter(|record| record.actual.is_some());
        let count = |counts: &dyn Fn(&PredictionRecord) -> bool| {
            all().filter(|record| counts(record)).count() as u64
        };
        let sum = |numbers: Vec<f64>| -> f64 {
            let finite = numbers.into_iter().filter(|number| number.is_finite());
            finite.fold(0.0, |sum, number| sum + number)
        };
        let width = |record: &PredictionRecord| record.prediction.upper - record.prediction.lower;
        let errors = || known().filter_map(|record| error(record));
        let of_uncertain = || known().filter(|record| is_uncertain(record));
        let uncertain_errors = || of_uncertain().filter_map(|record| error(record));
        Measure {
            start: of.0,
            model_version: of.1,
            data_fingerprint: of.2,
            count: all().count() as u64,
            uncertain: count(&is_uncertain),
            over_width: count(&|record| width(record) > query.width_threshold),
            sum_width: sum(all().map(|record| width(record)).collect()),
            sum_lower: sum(all().map(|record| record.prediction.lower).collect()),
            sum_prediction: sum(all().map(|record| record.prediction.prediction).collect()),
            sum_upper: sum(all().map(|record| record.prediction.upper).collect()),
            actuals: known().count() as u64,
            covered: count(&|record| {
                let actual = record.actual.map(|actual| actual.value);
                actual.is_some_and(|actual| {
                    record.prediction.lower <= actual && actual <= record.prediction.upper
                })
            }),
            sum_absolute_error: sum(errors().collect()),
            sum_squared_error: sum(errors().map(|error| error * error).collect()),
            actuals_uncertain: of_uncertain().count() as u64,
            sum_absolute_error_uncertain: sum(uncertain_errors().collect()),
            sum_squared_error_uncertain: sum(uncertain_errors().map(|e| e * e).collect()),
        }
    };
    keys.into_iter().map(measure).collect()
}

pub(crate) async fn measures_agree_with_the_records(store: Store) {
    let records = filled(&store, 31, 120).await;
    let buckets = [
        [(None, 22.0), (Some(Bucket::Hour), 0.0)],
        [(Some(Bucket::Day), 0.25), (Some(Bucket::Week), -3.0)],
    ];
    // Each window with half of them, as some backends take milliseconds for a page.
    for (window, buckets) in windows(&records).into_iter().zip(buckets.iter().cycle()) {
        for &(bucket, width_threshold) in buckets {
            let query = MeasureQuery {
                window,
                bucket,
                width_threshold,
            };
            let found = store.measure(&query).await.unwrap();
            let expected = measures(&within(&records, &window), &query);
            assert_same(&found, &expected, &query);
        }
    }
}

pub(crate) async fn points_are_the_newest(store: Store) {
    let records = filled(&store, 32, 120).await;
    for window in windows(&records) {
        for limit in [1, 7, 1_000] {
            let query = PointsQuery {
                window,
                limit: number(limit),
            };
            let points = store.points(&query).await.unwrap();
            let all = within(&records, &window);
            let newest = &all[all.len() - limit.min(all.len())..];
            let expected: Vec<_> = newest.iter().map(|record| point(record)).collect();
            assert_same(&points.points, &expected, &query);
            assert_eq!(points.total, all.len() as u64);
        }
    }
}

fn point(record: &PredictionRecord) -> Point {
    Point {
        id: record.id,
        lower: record.prediction.lower,
        prediction: record.prediction.prediction,
        upper: record.prediction.upper,
        model_version: record.model_version,
        data_fingerprint: record.data_fingerprint,
        source: record.source,
        actual: record.actual.map(|actual| actual.value),
    }
}

fn ranked_by(record: &PredictionRecord, by: RankBy) -> f64 {
    let limits = record.prediction;
    match by {
        RankBy::Width => limits.upper - limits.lower,
        RankBy::Prediction => limits.prediction,
        RankBy::Lower => limits.lower,
        RankBy::Upper => limits.upper,
        RankBy::Excess
            if [limits.lower, limits.prediction, limits.upper]
                .iter()
                .any(|n| n.is_nan()) =>
        {
            f64::NAN
        }
        RankBy::Excess if limits.prediction < limits.lower && limits.upper < limits.prediction => {
            (limits.lower - limits.prediction).max(limits.prediction - limits.upper)
        }
        RankBy::Excess if limits.prediction < limits.lower => limits.lower - limits.prediction,
        RankBy::Excess if limits.upper < limits.prediction => limits.prediction - limits.upper,
        RankBy::Time | RankBy::Excess => 0.0,
        RankBy::Error => error(record).unwrap_or(f64::NAN),
    }
}

pub(crate) async fn ranks_page_through_every_order(store: Store) {
    let records = filled(&store, 33, 80).await;
    let columns = [
        RankBy::Time,
        RankBy::Width,
        RankBy::Prediction,
        RankBy::Lower,
        RankBy::Upper,
        RankBy::Excess,
        RankBy::Error,
    ];
    // Each window with one direction of each column.
    for (index, window) in windows(&records).into_iter().enumerate() {
        for (column, by) in columns.into_iter().enumerate() {
            let descending = (index + column).is_multiple_of(2);
            let mut expected = within(&records, &window);
            // Sorting is stable: equal ones stay newest first.
            if by != RankBy::Time || descending {
                expected.reverse();
            }
            expected.sort_by(|a, b| {
                let (a, b) = (ranked_by(a, by), ranked_by(b, by));
                let order = if descending {
                    b.partial_cmp(&a)
                } else {
                    a.partial_cmp(&b)
                };
                let nan_last = || a.is_nan().cmp(&b.is_nan());
                order.unwrap_or_else(nan_last)
            });
            for (offset, limit) in [(0, 1_000), (5, 9)] {
                let query = RankQuery {
                    window,
                    by,
                    descending,
                    offset,
                    limit: number(limit),
                };
                let ranked = store.rank(&query).await.unwrap();
                let page = expected.iter().skip(offset).take(limit);
                let page: Vec<_> = page.map(|&record| record.clone()).collect();
                assert_same(&ranked.records, &page, &query);
                assert_eq!(ranked.total, expected.len() as u64);
            }
        }
    }
}

pub(crate) async fn samples_are_spread_evenly(store: Store) {
    let records = filled(&store, 34, 100).await;
    for window in windows(&records) {
        for size in [1, 10, 1_000] {
            let query = SampleQuery {
                window,
                size: number(size),
            };
            let sample = store.sample(&query).await.unwrap();
            let mut newest_first = within(&records, &window);
            newest_first.reverse();
            assert_eq!(sample.total, newest_first.len() as u64);
            let count = size.min(newest_first.len());
            assert_eq!(sample.records.len(), count);
            let mut places = Vec::new();
            for record in &sample.records {
                let place = newest_first.iter().position(|other| other.id == record.id);
                assert_same(record, newest_first[place.unwrap()], &query);
                places.push(place.unwrap());
            }
            assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
            let step = newest_first.len() / count.max(1);
            for pair in places.windows(2) {
                assert!(
                    [step, step + 1].contains(&(pair[1] - pair[0])),
                    "{places:?}"
                );
            }
        }
    }
}

/// Records that come late, true values and pruning change an answer that was given before.
pub(crate) async fn answers_follow_every_change(store: Store) {
    let mut records = Maker::new(36).records(60, time("07T20:00:00"), time("10T04:00:00"));
    let query = MeasureQuery {
        window: Window {
            from: time("01T00:00:00"),
            to: time("30T00:00:00"),
            model_version: None,
            source: None,
            uncertain: None,
        },
        bucket: None,
        width_threshold: 1.0,
    };
    let agrees = async |records: &[PredictionRecord]| {
        let found = store.measure(&query).await.unwrap();
        let expected = measures(&within(records, &query.window), &query);
        assert_same(&found, &expected, &query);
    };
    let (early, late) = (&records[..30], &records[30..]);
    store.put(late.into()).await.unwrap();
    agrees(late).await;
    store.put(early.into()).await.unwrap();
    agrees(&records).await;
    for index in [0, 31, 59] {
        let actual = Actual {
            value: 1.25,
            time: time("20T00:00:00"),
        };
        store.attach(records[index].id, actual).await.unwrap();
        records[index].actual = Some(actual);
        agrees(&records).await;
    }
    store.prune(records[20].id.time()).await.unwrap();
    // One of those that were pruned is delivered again.
    store.put(records[3..4].into()).await.unwrap();
    let left: Vec<_> = records[3..4]
        .iter()
        .chain(&records[20..])
        .cloned()
        .collect();
    agrees(&left).await;
}

pub(crate) async fn the_ends_of_the_log_are_known(store: Store) {
    assert_eq!(store.newest().await.unwrap(), None);
    assert_eq!(store.extent().await.unwrap(), None);
    let records = filled(&store, 35, 30).await;
    let newest = records[29].id;
    assert_eq!(store.newest().await.unwrap(), Some(newest));
    let ends = (records[0].id.time(), newest.time());
    assert_eq!(store.extent().await.unwrap(), Some(ends));
    store.prune(records[12].id.time()).await.unwrap();
    let ends = (records[12].id.time(), newest.time());
    assert_eq!(store.extent().await.unwrap(), Some(ends));
}

pub(crate) async fn windows_of_nothing_are_empty(store: Store) {
    let window = Window {
        from: Timestamp::MIN,
        to: Timestamp::MAX,
        model_version: None,
        source: None,
        uncertain: None,
    };
    let (limit, size) = (number(5), number(5));
    let measure = MeasureQuery {
        window,
        bucket: Some(Bucket::Week),
        width_threshold: 0.0,
    };
    let rank = RankQuery {
        window,
        by: RankBy::Width,
        descending: true,
        offset: 3,
        limit,
    };
    assert!(store.measure(&measure).await.unwrap().is_empty());
    let points = store.points(&PointsQuery { window, limit }).await.unwrap();
    assert_eq!((points.points.len(), points.total), (0, 0));
    let ranked = store.rank(&rank).await.unwrap();
    assert_eq!((ranked.records.len(), ranked.total), (0, 0));
    let sample = store.sample(&SampleQuery { window, size }).await.unwrap();
    assert_eq!((sample.records.len(), sample.total), (0, 0));
}
