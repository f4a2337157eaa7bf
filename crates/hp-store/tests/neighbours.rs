//! What a process answers about a file of SQLite while others write to it and remove from it. It
//! keeps what it has read, and must notice every change.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

#[path = "conformance/records.rs"]
#[expect(dead_code, reason = "what other tests ask for")]
mod records;

use hp_core::fingerprint::Fingerprint;
use hp_store::{
    Actual, Bucket, MeasureQuery, MemoryStore, PointsQuery, PredictionRecord, PredictionStore,
    SqliteStore, Window,
};
use jiff::{Timestamp, ToSpan};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use records::{Maker, time};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// More than one connection reads as many at once.
const MANY: usize = 24_000;

fn window() -> Window {
    Window {
        from: time("01T00:00:00"),
        to: time("30T00:00:00"),
        model_version: None,
        source: None,
        uncertain: None,
    }
}

/// Records of three data sets between two times, oldest first.
fn records_between(maker: &mut Maker, count: usize, ends: (&str, &str)) -> Vec<PredictionRecord> {
    let mut records = maker.records(count, time(ends.0), time(ends.1));
    for (index, record) in records.iter_mut().enumerate() {
        record.data_fingerprint = Fingerprint::of(&[u8::try_from(index % 3).unwrap()]);
    }
    records
}

/// A file that one store writes and another reads, and what should be in it.
struct Log {
    writer: SqliteStore,
    reader: SqliteStore,
    expected: MemoryStore,
}

impl Log {
    fn new(path: &Path) -> Self {
        Self {
            writer: SqliteStore::open(path, false).unwrap(),
            reader: SqliteStore::open(path, false).unwrap(),
            expected: MemoryStore::default(),
        }
    }

    async fn put(&self, records: &[PredictionRecord]) {
        self.writer.put(records.into()).await.unwrap();
        self.expected.put(records.into()).await.unwrap();
    }

    async fn attach(&self, record: &PredictionRecord, value: f64) {
        let actual = Actual {
            value,
            time: time("20T00:00:00"),
        };
        self.writer.attach(record.id, actual).await.unwrap();
        self.expected.attach(record.id, actual).await.unwrap();
    }

    async fn prune(&self, before: Timestamp) {
        let removed = self.writer.prune(before).await.unwrap();
        assert_eq!(removed, self.expected.prune(before).await.unwrap());
    }

    /// The reader, and one that has kept nothing yet, say of everything what they should.
    async fn agrees(&self, path: &Path, step: &str) {
        let fresh = SqliteStore::open(path, false).unwrap();
        let query = MeasureQuery {
            window: window(),
            bucket: Some(Bucket::Hour),
            width_threshold: 1.0,
        };
        let limit = NonZeroUsize::new(usize::MAX).unwrap();
        let window = window();
        let points = PointsQuery { window, limit };
        let expected = self.expected.measure(&query).await.unwrap();
        let all = self.expected.points(&points).await.unwrap();
        for store in [&self.reader, &fresh] {
            assert!(store.points(&points).await.unwrap() == all, "{step}");
            assert_eq!(store.measure(&query).await.unwrap(), expected, "{step}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_by_a_neighbour_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = Log::new(&path);
    let mut maker = Maker::new(51);
    let mut rng = StdRng::seed_from_u64(52);
    // Those of each hour end in disorder, as writers have clocks of their own.
    let mut waiting = records_between(&mut maker, 600, ("08T09:00:00", "08T12:00:00"));
    for index in 1..waiting.len() {
        if rng.random_range(0..4) == 0 {
            waiting.swap(index - 1, index);
        }
    }
    let mut late = records_between(&mut maker, 60, ("08T08:00:00", "08T12:00:00"));
    let mut written: Vec<PredictionRecord> = Vec::new();
    while !waiting.is_empty() {
        let step = match rng.random_range(0..10) {
            0 if !late.is_empty() => {
                let record = late.swap_remove(rng.random_range(0..late.len()));
                log.put(std::slice::from_ref(&record)).await;
                written.push(record);
                "late"
            }
            1 | 2 if !written.is_empty() => {
                let record = &written[rng.random_range(0..written.len())];
                log.attach(record, maker.quarters()).await;
                "attach"
            }
            3 if written.len() > 150 => {
                let oldest = written[rng.random_range(0..written.len() / 4)].id.time();
                log.prune(oldest).await;
                "prune"
            }
            _ => {
                let count = rng.random_range(1..9).min(waiting.len());
                let part: Vec<_> = waiting.drain(..count).collect();
                log.put(&part).await;
                written.extend(part);
                "put"
            }
        };
        log.agrees(&path, step).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_predictions_are_read_as_few_are() {
    for (seed, ends) in [
        (53, ("08T09:00:00", "08T09:50:00")),
        (54, ("02T09:00:00", "28T09:50:00")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let log = Log::new(&path);
        let records = records_between(&mut Maker::new(seed), MANY, ends);
        log.put(&records).await;
        log.agrees(&path, "put").await;
        log.attach(&records[MANY / 2], 1.0).await;
        log.agrees(&path, "attach").await;
        log.prune(records[MANY / 3].id.time()).await;
        log.agrees(&path, "prune").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let writer = SqliteStore::open(&path, false).unwrap();
    let mut maker = Maker::new(55);
    // Tens that are written at once and, as they are of one time, removed at once.
    let mut tens = |begin: Timestamp, count: usize| -> Vec<Vec<PredictionRecord>> {
        let time = |index: usize| {
            let step = i64::try_from(index).unwrap().milliseconds();
            begin.checked_add(step).unwrap()
        };
        let mut ten = |index| (0..10).map(|_| maker.record(time(index))).collect();
        (0..count).map(&mut ten).collect()
    };
    let old = tens(time("08T09:00:00"), MANY / 10);
    writer.put(old.concat().into()).await.unwrap();
    let new = tens(time("08T09:30:00"), 200);
    let done = Arc::new(AtomicBool::new(false));
    let writing = {
        let done = Arc::clone(&done);
        tokio::spawn(async move {
            for (index, ten) in new.into_iter().enumerate() {
                writer.put(ten.into()).await.unwrap();
                if index % 40 == 39 {
                    let before = old[index * 10][0].id.time();
                    writer.prune(before).await.unwrap();
                }
            }
            done.store(true, Ordering::Relaxed);
        })
    };
    let query = MeasureQuery {
        window: window(),
        bucket: None,
        width_threshold: 1.0,
    };
    let count = async |store: &SqliteStore| -> u64 {
        let measures = store.measure(&query).await.unwrap();
        measures.iter().map(|measure| measure.count).sum()
    };
    let neighbour = SqliteStore::open(&path, false).unwrap();
    while !done.load(Ordering::Relaxed) {
        let fresh = SqliteStore::open(&path, false).unwrap();
        for store in [&neighbour, &fresh] {
            assert_eq!(count(store).await % 10, 0);
        }
    }
    writing.await.unwrap();
    let left = 10 * (MANY / 10 - 1_990 + 200);
    assert_eq!(count(&neighbour).await, left as u64);
}
