//! How long the questions of monitoring take with a million records in a file of SQLite.
//!
//! `cargo test --release -p hp-store --test million -- --ignored --nocapture` prints the times.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

#[path = "conformance/records.rs"]
#[expect(dead_code, reason = "what other tests ask for")]
mod records;

use hp_core::fingerprint::Fingerprint;
use hp_store::{
    Bucket, MeasureQuery, PointsQuery, PredictionStore, RankBy, RankQuery, SampleQuery,
    SqliteStore, Window,
};
use records::{Maker, time};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

const RECORDS: usize = 1_000_000;

/// What a question may take once the log has been looked at, on a machine that does nothing else.
const LIMIT: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes, and measures time"]
async fn every_question_is_answered_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("log.db"), false).unwrap();
    let mut maker = Maker::new(1);
    let mut records = maker.records(RECORDS, time("01T00:00:00"), time("30T00:00:00"));
    for record in &mut records {
        record.data_fingerprint = Fingerprint::of(b"data");
    }
    let began = Instant::now();
    for part in records.chunks(256) {
        store.put(part.into()).await.unwrap();
    }
    let rate = RECORDS as f64 / began.elapsed().as_secs_f64();
    println!("{rate:.0} records are kept each second");
    let (window, number) = (whole_month(), |number| NonZeroUsize::new(number).unwrap());
    for round in ["cold", "warm"] {
        let mut times = Vec::new();
        let mut asked = Instant::now();
        let mut lap = |question: String| {
            times.push((question, asked.elapsed()));
            asked = Instant::now();
        };
        for bucket in [None, Some(Bucket::Hour), Some(Bucket::Week)] {
            let query = MeasureQuery {
                window,
                bucket,
                width_threshold: 22.0,
            };
            store.measure(&query).await.unwrap();
            lap(format!("measure {bucket:?}"));
        }
        let limit = number(5_000);
        let points = store.points(&PointsQuery { window, limit }).await.unwrap();
        lap("points".to_owned());
        assert_eq!(points.total, RECORDS as u64);
        for (by, offset) in [
            (RankBy::Time, 0),
            (RankBy::Width, 0),
            (RankBy::Error, 900_000),
        ] {
            let query = RankQuery {
                window,
                by,
                descending: true,
                offset,
                limit: number(50),
            };
            assert_eq!(store.rank(&query).await.unwrap().records.len(), 50);
            lap(format!("rank {by:?} from {offset}"));
        }
        let size = number(5_000);
        store.sample(&SampleQuery { window, size }).await.unwrap();
        lap("sample".to_owned());
        println!("{round}: {times:#?}");
        let late = times.iter().find(|(_, time)| LIMIT < *time);
        assert!(round == "cold" || late.is_none(), "{late:?}");
    }
}

fn whole_month() -> Window {
    Window {
        from: time("01T00:00:00"),
        to: time("30T00:00:00"),
        model_version: None,
        source: None,
        uncertain: None,
    }
}
