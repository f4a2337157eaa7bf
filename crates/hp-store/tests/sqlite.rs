//! The prediction log in a file of SQLite: what every backend does, and what only a file can do.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

#[path = "conformance/records.rs"]
mod records;
#[path = "conformance/suite.rs"]
#[macro_use]
mod suite;
#[path = "conformance/window.rs"]
#[macro_use]
mod window;

use hp_store::{
    Actual, Attached, Clock, Kept, LogOptions, PredictionId, PredictionLog, PredictionRecord,
    PredictionStore, SqliteStore, StoreError,
};
use jiff::Timestamp;
use records::{Maker, all_pages, assert_holds, everything, time};
use rusqlite::Connection;
use std::fs;
use std::future::{Ready, ready};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use suite::Fresh;
use tempfile::TempDir;

fn empty() -> Ready<Fresh> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log/predictions.db");
    ready(Fresh {
        store: Arc::new(SqliteStore::open(&path, true).unwrap()),
        _keep: Box::new(folder),
    })
}

conformance_tests!(empty);
window_tests!(empty);

/// A folder with the path of a file that does not exist.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b?c=%20 'ü.db");
    (folder, path)
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, true).unwrap()
}

fn some_records(seed: u64, count: usize) -> Vec<PredictionRecord> {
    Maker::new(seed).records(count, time("08T10:00:00"), time("08T16:00:00"))
}

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let (folder, path) = place();
    let records = some_records(1, 10);
    let store = open(&path);
    store.put(records.clone().into()).await.unwrap();
    drop(store);
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_holds(&open(&path), &records).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_may_have_it_open() {
    let (_folder, path) = place();
    let stores = [Arc::new(open(&path)), Arc::new(open(&path))];
    let records = some_records(2, 200);
    let tasks: Vec<_> = records
        .chunks(5)
        .enumerate()
        .map(|(index, part)| {
            let (store, part) = (stores[index % 2].clone(), part.to_vec());
            tokio::spawn(async move { store.put(part.into()).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    for store in stores {
        assert_holds(&*store, &records).await;
    }
}

#[tokio::test]
async fn opening_at_once_makes_one_file() {
    let (_folder, path) = place();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || open(&path))
        })
        .collect();
    let stores = threads.into_iter().map(|thread| thread.join().unwrap());
    let stores: Vec<_> = stores.collect();
    let records = some_records(3, 8);
    for (store, record) in stores.iter().zip(&records) {
        store.put([record.clone()].into()).await.unwrap();
    }
    assert_holds(&stores[0], &records).await;
}

#[tokio::test]
async fn files_of_others_are_left_alone() {
    let problem = |prepare: &dyn Fn(&Path)| {
        let (_folder, path) = place();
        prepare(&path);
        let before = fs::read(&path).unwrap();
        let error = SqliteStore::open(&path, true).unwrap_err();
        assert!(fs::read(&path).unwrap() == before);
        match error {
            StoreError::Foreign { store, problem } => {
                assert_eq!(store, format!("sqlite://{}", path.display()));
                problem
            }
            other => panic!("{other:?}"),
        }
    };
    let text = "id,price\n".repeat(1_000);
    assert_eq!(
        problem(&|path| fs::write(path, &text).unwrap()),
        "it is no file of SQLite"
    );
    let other = |path: &Path| {
        let connection = Connection::open(path).unwrap();
        connection
            .execute_batch("CREATE TABLE notes (text TEXT)")
            .unwrap();
    };
    assert_eq!(problem(&other), "it belongs to another program");
    let newer = |path: &Path| {
        drop(open(path));
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "user_version", 7).unwrap();
    };
    let expected = "its format is 7, and this version of hp knows 3";
    assert_eq!(problem(&newer), expected);
}

#[tokio::test]
async fn a_damaged_file_is_an_error() {
    let (_folder, path) = place();
    let records = some_records(4, 500);
    let store = open(&path);
    store.put(records.clone().into()).await.unwrap();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    bytes[4_096..].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let store = open(&path);
    let is_foreign = |error: StoreError| matches!(error, StoreError::Foreign { .. });
    assert!(is_foreign(store.get(records[0].id).await.unwrap_err()));
    assert!(is_foreign(store.put(records.into()).await.unwrap_err()));
}

#[tokio::test]
async fn a_row_that_hp_did_not_write_is_an_error() {
    let (_folder, path) = place();
    let records = some_records(5, 3);
    let store = open(&path);
    store.put(records.clone().into()).await.unwrap();
    let connection = Connection::open(&path).unwrap();
    let damage = "UPDATE predictions SET inputs = '[' WHERE id = ?1";
    connection
        .execute(damage, [records[1].id.to_string()])
        .unwrap();
    let error = store.get(records[1].id).await.unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert!(store.get(records[0].id).await.unwrap().is_some());
}

/// Calls that are written together fail one by one.
#[tokio::test]
async fn a_call_that_fails_takes_nobody_along() {
    let (_folder, path) = place();
    let records = some_records(9, 30);
    let store = Arc::new(open(&path));
    store.put(records[..2].into()).await.unwrap();
    let other = Connection::open(&path).unwrap();
    let damage = "UPDATE predictions SET inputs = '[' WHERE id = ?1";
    other.execute(damage, [records[0].id.to_string()]).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let put = |record: &PredictionRecord| {
        let (store, record) = (store.clone(), record.clone());
        tokio::spawn(async move { store.put([record].into()).await })
    };
    let actual = Actual {
        value: 1.5,
        time: time("09T00:00:00"),
    };
    let attach = |record: &PredictionRecord| {
        let (store, id) = (store.clone(), record.id);
        tokio::spawn(async move { store.attach(id, actual).await })
    };
    let mut puts: Vec<_> = records[2..16].iter().map(put).collect();
    let attached = [attach(&records[0]), attach(&records[1])];
    puts.extend(records[16..].iter().map(put));
    // Everyone waits behind the first, and that one for the lock.
    tokio::task::yield_now().await;
    other.execute_batch("ROLLBACK").unwrap();
    let [damaged, whole] = attached;
    let error = damaged.await.unwrap().unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(whole.await.unwrap().unwrap(), Attached::New);
    for put in puts {
        put.await.unwrap().unwrap();
    }
    let repair = "UPDATE predictions SET inputs = ?2 WHERE id = ?1";
    let inputs = serde_json::to_string(&records[0].inputs).unwrap();
    let id = records[0].id.to_string();
    other.execute(repair, [id, inputs]).unwrap();
    let mut expected = records;
    expected[1].actual = Some(actual);
    assert_holds(&*store, &expected).await;
}

/// A file of the first format, and the ids of its records, newest first.
fn first_format() -> (TempDir, PathBuf, [PredictionId; 3]) {
    let (folder, path) = place();
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-data/format_1.db");
    fs::copy(made, &path).unwrap();
    let ids = [
        "01M8402G4FDWQ3B6V5A6PT3ZX6",
        "01M8402G43T3XNTFGFH8B5SJ0E",
        "01M8402G3QZ6M0RAMH4YB0BWZD",
    ];
    (folder, path, ids.map(|id| id.parse().unwrap()))
}

fn columns(path: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(path).unwrap();
    let mut columns = connection
        .prepare("PRAGMA table_info(predictions)")
        .unwrap();
    let columns = columns.query_map([], |row| Ok((row.get("name")?, row.get("type")?)));
    columns.unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_file_of_the_first_format_is_read_and_written() {
    let (_folder, path, ids) = first_format();
    let store = open(&path);
    let old = all_pages(&store, everything(2)).await;
    assert_eq!(old.iter().map(|record| record.id).collect::<Vec<_>>(), ids);
    assert!(old.iter().all(|record| record.git_commit.is_none()));
    assert_eq!(old[0].actual.unwrap().value.to_string(), "24");
    let later = time("09T00:00:00");
    let attached = store.attach(
        ids[1],
        Actual {
            value: 24.5,
            time: later,
        },
    );
    assert_eq!(attached.await.unwrap(), Attached::New);
    let new = PredictionRecord {
        git_commit: Some("909b04c".into()),
        ..Maker::new(10).record(later)
    };
    store.put([new.clone()].into()).await.unwrap();
    drop(store);
    assert_eq!(open(&path).get(new.id).await.unwrap(), Some(new));
    let (_folder, fresh) = place();
    drop(open(&fresh));
    assert_eq!(columns(&path), columns(&fresh));
    assert_eq!(indexes(&path), indexes(&fresh));
}

/// The second format had the index that the third took the place of.
#[tokio::test]
async fn a_file_of_the_second_format_is_read_and_written() {
    let (_folder, path) = place();
    let records = some_records(11, 40);
    let store = open(&path);
    store.put(records[..20].into()).await.unwrap();
    drop(store);
    let schema = indexes(&path);
    let connection = Connection::open(&path).unwrap();
    let back = "DROP INDEX points_of_version; DROP TABLE epoch;
        CREATE INDEX predictions_of_version ON predictions (model_version, id);
        PRAGMA user_version = 2";
    connection.execute_batch(back).unwrap();
    drop(connection);
    let store = open(&path);
    store.put(records[20..].into()).await.unwrap();
    assert_holds(&store, &records).await;
    assert_eq!(store.newest().await.unwrap(), Some(records[39].id));
    assert_eq!(indexes(&path), schema);
}

/// The indexes with the statements that made them.
fn indexes(path: &Path) -> Vec<(String, Option<String>)> {
    let connection = Connection::open(path).unwrap();
    let select = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name";
    let mut select = connection.prepare(select).unwrap();
    let found = select.query_map([], |row| Ok((row.get("name")?, row.get("sql")?)));
    found.unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_file_of_the_first_format_may_be_opened_by_many_at_once() {
    let (_folder, path, ids) = first_format();
    let threads = [(); 8].map(|()| {
        let path = path.clone();
        std::thread::spawn(move || open(&path))
    });
    for thread in threads {
        let store = thread.join().unwrap();
        assert!(store.get(ids[0]).await.unwrap().is_some());
    }
}

/// A file that takes the place of the one that is open is met by a read first.
#[cfg(unix)]
#[tokio::test]
async fn a_file_of_the_first_format_may_be_put_in_the_place_of_another() {
    let (_folder, old, ids) = first_format();
    let (folder, path) = place();
    let store = open(&path);
    for entry in fs::read_dir(folder.path()).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    fs::copy(old, &path).unwrap();
    let found = store.get(ids[0]).await.unwrap().unwrap();
    assert_eq!(found.git_commit, None);
}

/// Whoever holds the lock delays records; those whose request gave up are not counted twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_of_another_process_is_waited_for() {
    let (folder, path) = place();
    let store: Arc<dyn PredictionStore> = Arc::new(open(&path));
    let options = LogOptions {
        deadline: Duration::from_millis(200),
        spool: folder.path().join("spool"),
        spool_bytes: 1_000_000,
    };
    let log = PredictionLog::open(store.clone(), options).unwrap();
    let records = some_records(6, 40);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(
        log.record(records[..20].to_vec()).await.unwrap(),
        Kept::Spooled
    );
    assert_eq!(store.get(records[0].id).await.unwrap(), None);
    let waiting = tokio::spawn({
        let (store, records) = (store.clone(), records[20..].to_vec());
        async move { store.put(records.into()).await }
    });
    other.execute_batch("ROLLBACK").unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(log.deliver().await.unwrap(), 20);
    assert_holds(&*store, &records).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_removed_is_made_again() {
    let (folder, path) = place();
    let store = open(&path);
    let records = some_records(7, 20);
    store.put(records[..10].into()).await.unwrap();
    assert_holds(&store, &records[..10]).await;
    for entry in fs::read_dir(folder.path()).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    store.put(records[10..].into()).await.unwrap();
    assert_holds(&store, &records[10..]).await;
    assert_holds(&open(&path), &records[10..]).await;
}

#[tokio::test]
async fn pruning_gives_room_back() {
    let (_folder, path) = place();
    let store = open(&path);
    let records = some_records(8, 5_000);
    store.put(records.clone().into()).await.unwrap();
    let pages = || -> i64 {
        let connection = Connection::open(&path).unwrap();
        connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap()
    };
    let before = pages();
    let last = records.last().unwrap();
    let others = records
        .iter()
        .filter(|record| record.id.time() < last.id.time());
    let removed = store.prune(last.id.time()).await.unwrap();
    assert_eq!(removed, others.count() as u64);
    assert!(pages() < before / 10, "{} of {before} pages", pages());
    assert!(store.get(last.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_an_error() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    let error = SqliteStore::open(&path.join("log.db"), true).unwrap_err();
    let failed_to_open = |error: &StoreError| {
        matches!(
            error,
            StoreError::Failed {
                operation: "opened",
                ..
            }
        )
    };
    assert!(failed_to_open(&error), "{error:?}");
    let folder = path.parent().unwrap();
    let error = SqliteStore::open(folder, true).unwrap_err();
    assert!(failed_to_open(&error), "{error:?}");
}

#[tokio::test]
async fn an_address_opens_its_store() {
    let (_folder, path) = place();
    let clock: Clock = Arc::new(|| Timestamp::UNIX_EPOCH);
    let open = async |text: &str| hp_store::open(&text.parse().unwrap(), clock.clone()).await;
    let plain = path.with_file_name("p.db");
    for options in ["", "?synchronous=normal"] {
        let store = open(&format!("sqlite://{}{options}", plain.display())).await;
        store.unwrap().check().await.unwrap();
    }
    open("memory:").await.unwrap().check().await.unwrap();
    fs::write(&plain, "text").unwrap();
    open(&format!("sqlite://{}", plain.display()))
        .await
        .unwrap_err();
    if cfg!(not(feature = "dynamodb")) {
        let error = open("dynamodb://table").await.unwrap_err();
        assert!(
            error.to_string().contains("cargo feature `dynamodb`"),
            "{error}"
        );
    }
}
