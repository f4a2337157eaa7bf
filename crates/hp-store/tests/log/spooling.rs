//! A store with a spool beside it: nothing is lost while the store is down, late or hanging.

use crate::moody::{Mood, MoodyStore};
use crate::records::{Maker, aggregates, time};
use hp_store::{
    AggregateQuery, Bucket, Kept, LogCounts, LogError, LogOptions, PredictionLog, PredictionRecord,
    PredictionStore, read_spool,
};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

struct Setting {
    folder: TempDir,
    store: Arc<MoodyStore>,
    maker: Maker,
}

impl Setting {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            store: Arc::default(),
            maker: Maker::new(1),
        }
    }

    fn spool(&self) -> PathBuf {
        self.folder.path().join("spool.ndjson")
    }

    fn try_open(&self, spool_bytes: u64) -> Result<PredictionLog, LogError> {
        let store: Arc<dyn PredictionStore> = self.store.clone();
        let options = LogOptions {
            deadline: Duration::from_secs(5),
            spool: self.spool(),
            spool_bytes,
        };
        PredictionLog::open(store, options)
    }

    fn open(&self) -> PredictionLog {
        self.try_open(1_000_000).unwrap()
    }

    fn records(&mut self, count: usize) -> Vec<PredictionRecord> {
        let (from, to) = (time("08T10:00:00"), time("08T12:00:00"));
        self.maker.records(count, from, to)
    }

    /// Asserts that the store has each record once, and no other.
    async fn assert_stored(&self, records: &[PredictionRecord]) {
        for record in records {
            assert_eq!(
                self.store.get(record.id).await.unwrap().as_ref(),
                Some(record)
            );
        }
        let query = AggregateQuery {
            from: time("01T00:00:00"),
            to: time("30T00:00:00"),
            bucket: Bucket::Day,
            model_version: None,
        };
        let counted = self.store.aggregate(&query).await.unwrap();
        assert_eq!(counted, aggregates(records, &query));
    }
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn a_store_that_works_needs_no_spool() {
    let mut setting = Setting::new();
    let log = setting.open();
    let records = setting.records(3);
    assert_eq!(log.record(records.clone()).await.unwrap(), Kept::Stored);
    assert_eq!(log.record(Vec::new()).await.unwrap(), Kept::Stored);
    assert_eq!((log.spooled_bytes(), length(&setting.spool())), (0, 0));
    assert_eq!(log.deliver().await.unwrap(), 0);
    setting.assert_stored(&records).await;
}

#[tokio::test(start_paused = true)]
async fn what_the_store_refuses_is_spooled_and_delivered() {
    let mut setting = Setting::new();
    let log = setting.open();
    setting.store.set(Mood::Failing);
    let records = setting.records(1_234);
    for part in records.chunks(100) {
        assert_eq!(log.record(part.to_vec()).await.unwrap(), Kept::Spooled);
    }
    assert!(log.is_down());
    assert_eq!(log.spooled_bytes(), length(&setting.spool()));
    assert_eq!(read_spool(&setting.spool()).unwrap(), records);
    let error = log.deliver().await.unwrap_err();
    assert!(matches!(error, LogError::Undelivered { .. }), "{error}");
    setting.store.set(Mood::Working);
    assert_eq!(log.deliver().await.unwrap(), records.len());
    assert!(!log.is_down());
    assert_eq!((log.spooled_bytes(), length(&setting.spool())), (0, 0));
    setting.assert_stored(&records).await;
    let expected = LogCounts {
        spooled: 1_234,
        delivered: 1_234,
        ..LogCounts::default()
    };
    assert_eq!(log.counts(), expected);
}

/// Requests wait for a hanging store only when it is tried, and a late success harms nothing.
#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_given_up_and_left_alone() {
    let mut setting = Setting::new();
    let log = setting.open();
    setting.store.set(Mood::Late);
    let records = setting.records(50);
    let begin = tokio::time::Instant::now();
    for record in &records {
        let kept = log.record(vec![record.clone()]).await.unwrap();
        assert_eq!(kept, Kept::Spooled);
    }
    assert_eq!(begin.elapsed(), Duration::from_secs(5));
    assert_eq!(setting.store.puts(), 1);
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(setting.store.get(records[0].id).await.unwrap().is_some());
    setting.store.set(Mood::Working);
    assert_eq!(log.deliver().await.unwrap(), records.len());
    setting.assert_stored(&records).await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_is_tried_after_ever_longer_pauses() {
    let mut setting = Setting::new();
    let log = setting.open();
    setting.store.set(Mood::Failing);
    let records = setting.records(600);
    for record in &records {
        log.record(vec![record.clone()]).await.unwrap();
        tokio::time::advance(Duration::from_millis(100)).await;
    }
    // Within a minute: at once, then after 0.5, 1, 2, 4, 8 and 10 seconds, again and again.
    let attempts = setting.store.puts();
    assert!((7..=12).contains(&attempts), "{attempts}");
    setting.store.set(Mood::Working);
    tokio::time::advance(Duration::from_secs(10)).await;
    let last = setting.records(1);
    assert_eq!(log.record(last).await.unwrap(), Kept::Stored);
    assert!(!log.is_down());
}

#[tokio::test(start_paused = true)]
async fn delivers_by_itself_when_the_store_is_back() {
    let mut setting = Setting::new();
    let log = Arc::new(setting.open());
    let deliverer = tokio::spawn({
        let log = log.clone();
        async move { log.keep_delivering().await }
    });
    let mut all = Vec::new();
    for _ in 0..3 {
        setting.store.set(Mood::Failing);
        let records = setting.records(10);
        assert_eq!(log.record(records.clone()).await.unwrap(), Kept::Spooled);
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert!(log.spooled_bytes() > 0);
        setting.store.set(Mood::Working);
        while log.spooled_bytes() > 0 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        all.extend(records);
        setting.assert_stored(&all).await;
    }
    deliverer.abort();
}

#[tokio::test(start_paused = true)]
async fn a_full_spool_refuses() {
    let mut setting = Setting::new();
    let records = setting.records(9);
    let line = serde_json::to_string(&records[0]).unwrap().len() as u64;
    let log = setting.try_open(5 * line).unwrap();
    setting.store.set(Mood::Failing);
    let mut kept = Vec::new();
    let mut refused = 0;
    for record in &records {
        match log.record(vec![record.clone()]).await {
            Ok(_) => kept.push(record.clone()),
            Err(LogError::SpoolFull { limit, .. }) => {
                assert_eq!(limit, 5 * line);
                refused += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!((3..=5).contains(&kept.len()), "{}", kept.len());
    assert_eq!(log.counts().refused, refused);
    assert!(length(&setting.spool()) <= 5 * line);
    setting.store.set(Mood::Working);
    assert_eq!(log.deliver().await.unwrap(), kept.len());
    setting.assert_stored(&kept).await;
}

/// A store that fails in the middle of a delivery has the first slices, and their room is used.
#[tokio::test(start_paused = true)]
async fn the_room_of_delivered_records_is_used() {
    let mut setting = Setting::new();
    let first = setting.records(1_100);
    let bytes: usize = first
        .iter()
        .map(|record| serde_json::to_string(record).unwrap().len() + 1)
        .sum();
    let log = setting.try_open(bytes as u64 + 10).unwrap();
    setting.store.set(Mood::Failing);
    log.record(first.clone()).await.unwrap();
    setting.store.set(Mood::FailingAfter(2));
    log.deliver().await.unwrap_err();
    assert_eq!(log.counts().delivered, 1_000);
    let more = setting.records(800);
    log.record(more.clone()).await.unwrap();
    assert!(length(&setting.spool()) <= bytes as u64 + 10);
    setting.store.set(Mood::Working);
    assert_eq!(log.deliver().await.unwrap(), 900);
    setting.assert_stored(&[first, more].concat()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_come_during_a_delivery_are_kept() {
    let mut setting = Setting::new();
    let log = Arc::new(setting.open());
    setting.store.set(Mood::Failing);
    let records = setting.records(400);
    let tasks: Vec<_> = records
        .chunks(10)
        .map(|part| {
            let (log, part) = (log.clone(), part.to_vec());
            tokio::spawn(async move { log.record(part).await.unwrap() })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Kept::Spooled);
    }
    let more = setting.records(400);
    setting.store.set(Mood::FailingEverySecond);
    let tasks: Vec<_> = more
        .chunks(10)
        .map(|part| {
            let (log, part) = (log.clone(), part.to_vec());
            tokio::spawn(async move {
                let _ = log.deliver().await;
                log.record(part).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    setting.store.set(Mood::Working);
    log.deliver().await.unwrap();
    assert_eq!(log.spooled_bytes(), 0);
    setting.assert_stored(&[records, more].concat()).await;
}

/// A request that is given up leaves no other one waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_gives_up_takes_nobody_along() {
    let mut setting = Setting::new();
    let log = Arc::new(setting.open());
    setting.store.set(Mood::Failing);
    let records = setting.records(60);
    let tasks: Vec<_> = records
        .iter()
        .enumerate()
        .map(|(index, record)| {
            let (log, record) = (log.clone(), record.clone());
            let task = tokio::spawn(async move { log.record(vec![record]).await.unwrap() });
            if index % 2 == 0 {
                task.abort();
            }
            task
        })
        .collect();
    let mut kept = Vec::new();
    for (task, record) in tasks.into_iter().zip(&records) {
        if task.await.is_ok() {
            kept.push(record.id);
        }
    }
    assert!(kept.len() >= 30);
    setting.store.set(Mood::Working);
    log.deliver().await.unwrap();
    for id in kept {
        assert!(setting.store.get(id).await.unwrap().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_spool_left_behind_is_repaired() {
    let mut setting = Setting::new();
    let records = setting.records(5);
    let mut left = Vec::new();
    for record in &records[..4] {
        serde_json::to_writer(&mut left, record).unwrap();
        left.push(b'\n');
    }
    let whole = left.len() as u64;
    left.extend(&serde_json::to_vec(&records[4]).unwrap()[..50]);
    fs::write(setting.spool(), &left).unwrap();
    assert_eq!(read_spool(&setting.spool()).unwrap(), records[..4]);
    let log = setting.open();
    assert_eq!(
        (log.spooled_bytes(), length(&setting.spool())),
        (whole, whole)
    );
    setting.store.set(Mood::Failing);
    log.record(records[4..].to_vec()).await.unwrap();
    setting.store.set(Mood::Working);
    assert_eq!(log.deliver().await.unwrap(), 5);
    setting.assert_stored(&records).await;
}

#[tokio::test(start_paused = true)]
async fn lines_that_are_no_records_are_moved_aside() {
    let mut setting = Setting::new();
    let records = setting.records(2);
    let mut file = fs::File::create(setting.spool()).unwrap();
    let line = |record| serde_json::to_string(record).unwrap();
    writeln!(file, "{}", line(&records[0])).unwrap();
    file.write_all(b"\0\0\0\xff\n{\"id\": 1}\n").unwrap();
    writeln!(file, "{}", line(&records[1])).unwrap();
    let error = read_spool(&setting.spool()).unwrap_err();
    assert!(
        matches!(error, LogError::NotARecord { line: 2, .. }),
        "{error}"
    );
    let log = setting.open();
    let rejected = fs::read(setting.folder.path().join("spool.ndjson.rejected")).unwrap();
    assert_eq!(rejected, b"\0\0\0\xff\n{\"id\": 1}\n");
    assert_eq!(log.deliver().await.unwrap(), 2);
    setting.assert_stored(&records).await;
}

#[test]
fn two_processes_do_not_share_a_spool() {
    let setting = Setting::new();
    let first = setting.open();
    let error = setting.try_open(1_000).unwrap_err();
    assert!(error.to_string().starts_with("cannot lock `"), "{error}");
    drop(first);
    setting.open();
}

#[test]
fn a_spool_needs_its_folder() {
    let setting = Setting::new();
    let options = LogOptions {
        deadline: Duration::from_secs(1),
        spool: setting.folder.path().join("none/spool"),
        spool_bytes: 1_000,
    };
    let error = PredictionLog::open(setting.store.clone(), options).unwrap_err();
    assert!(error.to_string().starts_with("cannot lock `"), "{error}");
}

#[test]
fn records_are_found_in_the_log_of_a_function() {
    let mut setting = Setting::new();
    let records = setting.records(2);
    let json = |record| serde_json::to_string(record).unwrap();
    let text = format!(
        "START RequestId: 6f1c Version: $LATEST\n\
         {{\"level\":\"WARN\",\"message\":\"the prediction log is down\"}}\n\
         {{\"prediction_record\":{}}}\n\n\
         {{\"level\":\"WARN\",\"prediction_record\":{},\"function\":\"hp\"}}\r\n\
         END RequestId: 6f1c",
        json(&records[0]),
        json(&records[1])
    );
    fs::write(setting.spool(), text).unwrap();
    assert_eq!(read_spool(&setting.spool()).unwrap(), records);
    let broken = "{\"prediction_record\": {\"id\": \"x\"}}\n";
    fs::write(setting.spool(), broken).unwrap();
    let error = read_spool(&setting.spool()).unwrap_err();
    assert!(
        matches!(error, LogError::NotARecord { line: 1, .. }),
        "{error}"
    );
    fs::remove_file(setting.spool()).unwrap();
    let error = read_spool(&setting.spool()).unwrap_err();
    assert!(error.to_string().starts_with("cannot read `"), "{error}");
}
