//! A store with a spool beside it: nothing is lost while the store is down, late or hanging.

use crate::moody::{Mood, MoodyStore};
use crate::records::{Maker, assert_holds, time};
use hp_store::{
    Inputs, Kept, LogCounts, LogError, LogOptions, PredictionLog, PredictionRecord,
    PredictionStore, read_spool,
};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::{self, JoinHandle};
use tokio::time::timeout;

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
        assert_holds(&*self.store, records).await;
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
    assert!(!log.has_room());
    assert_eq!(log.counts().refused, refused);
    assert!(length(&setting.spool()) <= 5 * line);
    setting.store.set(Mood::Working);
    assert_eq!(log.deliver().await.unwrap(), kept.len());
    assert!(log.has_room());
    setting.assert_stored(&kept).await;
}

/// When the spool refuses, a store that is back is found at once, not after the pause.
#[tokio::test(start_paused = true)]
async fn a_full_spool_asks_the_store_again() {
    let mut setting = Setting::new();
    let records = setting.records(3);
    let log = setting.try_open(1).unwrap();
    setting.store.set(Mood::Failing);
    assert!(log.record(vec![records[0].clone()]).await.is_err());
    setting.store.set(Mood::Working);
    let kept = log.record(vec![records[1].clone()]).await.unwrap();
    assert_eq!(kept, Kept::Stored);
    assert_eq!(log.counts().stored, 1);
    assert!(!log.is_down());
}

/// A large batch has more time than a single record.
#[tokio::test(start_paused = true)]
async fn many_records_have_several_deadlines() {
    let mut setting = Setting::new();
    let log = setting.open();
    let few = setting.records(500);
    let many = setting.records(50_000);
    setting.store.set(Mood::Late);
    assert_eq!(log.record(many).await.unwrap(), Kept::Stored);
    assert_eq!(log.record(few).await.unwrap(), Kept::Spooled);
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

/// Requests that are given up leave no other one waiting, wherever they were.
#[test]
fn a_caller_that_gives_up_takes_nobody_along() {
    // With one thread for what blocks, the test decides when the spool is written.
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().max_blocking_threads(1).build();
    runtime.unwrap().block_on(async {
        let mut setting = Setting::new();
        let log = Arc::new(setting.open());
        setting.store.set(Mood::Failing);
        let records = setting.records(60);
        let (write_first, held) = mpsc::channel::<()>();
        drop(task::spawn_blocking(move || held.recv()));
        let call = |record: &PredictionRecord| {
            let (log, record) = (log.clone(), record.clone());
            tokio::spawn(async move { log.record(vec![record]).await })
        };
        let mut calls: Vec<_> = records.iter().map(call).collect();
        // The first call has the spool and is about to write; the others wait for it.
        task::yield_now().await;
        let (write_second, held) = mpsc::channel::<()>();
        let (begin, begun) = oneshot::channel();
        drop(task::spawn_blocking(move || {
            begin.send(()).unwrap();
            held.recv()
        }));
        calls[0].abort();
        drop(write_first);
        begun.await.unwrap();
        for _ in 0..100 {
            task::yield_now().await;
        }
        // Now the second has it, and is about to write for everyone.
        calls[1].abort();
        calls.iter().step_by(3).for_each(JoinHandle::abort);
        task::yield_now().await;
        drop(write_second);
        let (mut kept, mut given_up) = (Vec::new(), 0);
        for (call, record) in calls.drain(..).zip(&records) {
            match timeout(Duration::from_mins(1), call).await.unwrap() {
                Ok(outcome) => {
                    assert_eq!(outcome.unwrap(), Kept::Spooled);
                    kept.push(record.id);
                }
                Err(_) => given_up += 1,
            }
        }
        assert_eq!((kept.len(), given_up), (39, 21));
        setting.store.set(Mood::Working);
        log.deliver().await.unwrap();
        for id in kept {
            assert!(setting.store.get(id).await.unwrap().is_some());
        }
    });
}

/// A record that the store never takes is moved aside, and keeps no other one back.
#[tokio::test(start_paused = true)]
async fn refused_records_keep_no_others_back() {
    let mut setting = Setting::new();
    let log = setting.open();
    setting.store.set(Mood::Picky);
    let mut records = setting.records(1_234);
    let is_refused = |index: usize| [3, 700, 701, 1_233].contains(&index);
    for (index, record) in records.iter_mut().enumerate() {
        if is_refused(index) {
            record.inputs = Inputs {
                names: Vec::new().into(),
                values: Vec::new(),
            };
        }
    }
    assert_eq!(log.record(records.clone()).await.unwrap(), Kept::Spooled);
    assert!(!log.is_down());
    assert_eq!(log.deliver().await.unwrap(), records.len() - 4);
    assert!(!log.is_down() && log.has_room());
    assert_eq!((log.spooled_bytes(), log.counts().rejected), (0, 4));
    assert!(setting.store.puts() < 100, "{}", setting.store.puts());
    let (refused, taken): (Vec<_>, Vec<_>) = records
        .into_iter()
        .enumerate()
        .partition(|&(index, _)| is_refused(index));
    let records = |part: Vec<(usize, PredictionRecord)>| -> Vec<_> {
        part.into_iter().map(|(_, record)| record).collect()
    };
    let rejected = setting.folder.path().join("spool.ndjson.rejected");
    assert_eq!(read_spool(&rejected).unwrap(), records(refused));
    setting.assert_stored(&records(taken)).await;
}

/// A spool that somebody else has cut is an error, not a delivery without an end.
#[tokio::test]
async fn a_spool_that_was_cut_is_an_error() {
    let mut setting = Setting::new();
    let log = setting.open();
    setting.store.set(Mood::Failing);
    log.record(setting.records(2)).await.unwrap();
    setting.store.set(Mood::Working);
    fs::write(setting.spool(), "").unwrap();
    let delivery = timeout(Duration::from_mins(1), log.deliver()).await;
    let error = delivery.unwrap().unwrap_err();
    assert!(error.to_string().starts_with("cannot read `"), "{error}");
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
