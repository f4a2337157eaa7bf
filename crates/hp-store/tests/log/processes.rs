//! The log in processes of their own: killed at any moment, on a full disk, without permission.

use crate::moody::{Mood, MoodyStore};
use crate::records::{Maker, all_pages, assert_counts, assert_holds, everything, time};
use hp_store::{
    Inputs, Kept, LogOptions, PredictionId, PredictionLog, PredictionRecord, PredictionStore,
    SqliteStore, StoreError, read_spool,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Tells a child process where to write, and which random records.
const FOLDER: &str = "HP_STORE_TEST_FOLDER";
const SEED: &str = "HP_STORE_TEST_SEED";

/// A user who owns nothing.
const NOBODY: u32 = 65_534;

fn database(folder: &Path) -> PathBuf {
    folder.join("predictions.db")
}

fn spool(folder: &Path) -> PathBuf {
    folder.join("spool.ndjson")
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_time().build().unwrap()
}

/// A log whose store is the database, or one that never works.
fn open_log(folder: &Path, store: Arc<dyn PredictionStore>) -> PredictionLog {
    let options = LogOptions {
        deadline: Duration::from_secs(30),
        spool: spool(folder),
        spool_bytes: 1 << 30,
    };
    PredictionLog::open(store, options).unwrap()
}

fn failing_store() -> Arc<MoodyStore> {
    let store = Arc::<MoodyStore>::default();
    store.set(Mood::Failing);
    store
}

/// Runs an ignored test of this file as a process.
fn child(test: &str, folder: &Path, seed: u64) -> Command {
    child_of(&std::env::current_exe().unwrap(), test, folder, seed)
}

/// Runs an ignored test of this `program`, or of its copy, as a process.
fn child_of(program: &Path, test: &str, folder: &Path, seed: u64) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--ignored", "--exact"])
        .arg(format!("processes::{test}"))
        .env(FOLDER, folder)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped());
    command
}

/// What a child process was told, unless the test runs on its own and has nothing to do.
fn told() -> Option<(PathBuf, u64)> {
    let folder = std::env::var_os(FOLDER)?;
    Some((folder.into(), std::env::var(SEED).ok()?.parse().ok()?))
}

/// Tells the parent that a record is acknowledged.
fn print(id: PredictionId) {
    // `println!` would be captured until the test ends.
    let mut output = std::io::stdout().lock();
    writeln!(output, "\n{id}")
        .and_then(|()| output.flush())
        .unwrap();
}

/// The ids in the lines of a child's output that are whole.
fn ids(output: &[u8]) -> Vec<PredictionId> {
    let lines = output.split_inclusive(|&byte| byte == b'\n');
    lines.filter_map(id).collect()
}

/// The id that a line is, if it is whole.
fn id(line: &[u8]) -> Option<PredictionId> {
    let line = line.strip_suffix(b"\n")?;
    std::str::from_utf8(line).ok()?.parse().ok()
}

/// Runs the child until it is killed, when some 30 of its records were acknowledged, and gives all
/// that were.
fn killed(test: &str, folder: &Path, seed: u64) -> Vec<PredictionId> {
    let enough = StdRng::seed_from_u64(seed).random_range(1..60);
    let mut child = child(test, folder, seed).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let (mut acknowledged, mut line) = (Vec::new(), Vec::new());
    while acknowledged.len() < enough {
        line.clear();
        let read = output.read_until(b'\n', &mut line).unwrap();
        assert!(read > 0, "the child ended by itself");
        acknowledged.extend(id(&line));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).unwrap();
    acknowledged.extend(ids(&rest));
    acknowledged
}

/// Asserts that `store` holds each acknowledged record once, and that its aggregates agree.
async fn assert_kept(store: &dyn PredictionStore, acknowledged: &[PredictionId]) {
    let records = all_pages(store, everything(1_000)).await;
    let kept: HashSet<_> = records.iter().map(|record| record.id).collect();
    assert_eq!(kept.len(), records.len());
    let lost = acknowledged.iter().filter(|id| !kept.contains(id)).count();
    assert_eq!(lost, 0, "of {}", acknowledged.len());
    assert_counts(store, &records).await;
}

#[test]
fn a_killed_process_loses_no_acknowledged_record() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..15 {
        let test = "puts_forever";
        acknowledged.extend(killed(test, folder.path(), round));
        let store = SqliteStore::open(&database(folder.path()), true).unwrap();
        runtime().block_on(assert_kept(&store, &acknowledged));
    }
    assert!(acknowledged.len() > 15 * 4, "{}", acknowledged.len());
}

#[test]
fn a_killed_process_loses_nothing_of_its_spool() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..9 {
        let test = "spools_forever";
        acknowledged.extend(killed(test, folder.path(), round));
        read_spool(&spool(folder.path())).unwrap();
        if round % 3 == 2 {
            let store = SqliteStore::open(&database(folder.path()), true).unwrap();
            let store: Arc<dyn PredictionStore> = Arc::new(store);
            runtime().block_on(async {
                let log = open_log(folder.path(), store.clone());
                log.deliver().await.unwrap();
                assert_eq!(log.spooled_bytes(), 0);
                assert_kept(&*store, &acknowledged).await;
            });
        }
    }
    assert!(acknowledged.len() > 9 * 4, "{}", acknowledged.len());
}

/// Puts random records from many tasks, for ever, and prints each id.
async fn record_forever(seed: u64, log: Arc<PredictionLog>, expected: Kept) {
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut maker = Maker::new(seed * 100 + task);
                loop {
                    let record = maker.record(time("08T16:00:00"));
                    let id = record.id;
                    assert_eq!(log.record(vec![record]).await.unwrap(), expected);
                    print(id);
                }
            })
        })
        .collect();
    for task in tasks {
        let () = task.await.unwrap();
    }
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn puts_forever() {
    if let Some((folder, seed)) = told() {
        let store = Arc::new(SqliteStore::open(&database(&folder), true).unwrap());
        let log = Arc::new(open_log(&folder, store));
        runtime().block_on(record_forever(seed, log, Kept::Stored));
    }
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn spools_forever() {
    if let Some((folder, seed)) = told() {
        let log = Arc::new(open_log(&folder, failing_store()));
        runtime().block_on(record_forever(seed, log, Kept::Spooled));
    }
}

/// Runs a child that may not make files larger than 150 KiB or so, which stands for a full disk.
fn on_a_full_disk(test: &str, folder: &Path) -> Vec<PredictionId> {
    let limited = child(test, folder, 1);
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 300; exec \"$0\" \"$@\""])
        .arg(limited.get_program())
        .args(limited.get_args())
        .env(FOLDER, folder)
        .env(SEED, "1");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    ids(&output.stdout)
}

#[test]
fn a_full_disk_stops_the_store_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = on_a_full_disk("puts_until_the_disk_is_full", folder.path());
    assert!(acknowledged.len() > 10, "{}", acknowledged.len());
    let store = SqliteStore::open(&database(folder.path()), true).unwrap();
    runtime().block_on(async {
        assert_kept(&store, &acknowledged).await;
        let more = Maker::new(2).record(time("08T16:00:00"));
        store.put([more.clone()].into()).await.unwrap();
        assert_kept(&store, &[acknowledged, vec![more.id]].concat()).await;
    });
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn puts_until_the_disk_is_full() {
    let Some((folder, seed)) = told() else { return };
    let store = SqliteStore::open(&database(&folder), true).unwrap();
    let mut maker = Maker::new(seed);
    runtime().block_on(async {
        let first = maker.record(time("08T16:00:00"));
        store.put([first.clone()].into()).await.unwrap();
        let mut failures = 0;
        while failures < 3 {
            let record = maker.record(time("08T16:00:00"));
            let id = record.id;
            match store.put([record].into()).await {
                Ok(()) => print(id),
                Err(StoreError::Failed { .. }) => failures += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
        assert!(store.get(first.id).await.unwrap().is_some());
    });
}

#[test]
fn a_full_disk_stops_the_spool_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = on_a_full_disk("spools_until_the_disk_is_full", folder.path());
    assert!(acknowledged.len() > 2, "{}", acknowledged.len());
    let spooled = read_spool(&spool(folder.path())).unwrap();
    let spooled: Vec<_> = spooled.iter().map(|record| record.id).collect();
    assert_eq!(spooled, acknowledged);
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn spools_until_the_disk_is_full() {
    let Some((folder, seed)) = told() else { return };
    let log = open_log(&folder, failing_store());
    let mut maker = Maker::new(seed);
    let keep = async |record: PredictionRecord| {
        let id = record.id;
        log.record(vec![record]).await.map(|_| print(id))
    };
    runtime().block_on(async {
        let mut large = maker.record(time("08T16:00:00"));
        large.inputs = Inputs {
            names: (0..2_000).map(|index| format!("x{index}")).collect(),
            values: vec![1.0; 2_000],
        };
        let error = loop {
            large.id = maker.record(time("08T16:00:00")).id;
            if let Err(error) = keep(large.clone()).await {
                break error;
            }
        };
        assert!(error.to_string().starts_with("cannot write `"), "{error}");
        assert!(!log.has_room());
        // What was written of it is cut off, so that a small record has room.
        keep(maker.record(time("08T16:00:00"))).await.unwrap();
        assert!(log.has_room());
        keep(large).await.unwrap_err();
    });
}

/// Runs a child that may do in `folder` only what its `mode` says, which an administrator need not
/// care for.
fn with_permissions(test: &str, folder: &Path, mode: u32) {
    match run_with_permissions(test, folder, mode) {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{text}");
            assert!(text.contains("1 passed"), "{text}");
        }
        // `eprintln!` would be captured.
        Err(error) => {
            let note = format!("NOT TESTED: {test}: no other user can run it: {error}\n");
            std::io::stderr().write_all(note.as_bytes()).unwrap();
        }
    }
}

fn run_with_permissions(test: &str, folder: &Path, mode: u32) -> std::io::Result<Output> {
    let allow = |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode));
    let program = std::env::current_exe()?;
    let place = tempfile::tempdir()?;
    let mut command = child_of(&program, test, folder, 0);
    if fs::metadata(folder)?.uid() == 0 {
        // The program may lie where others may not go.
        let copy = place.path().join("program");
        let linked = fs::hard_link(&program, &copy);
        linked.or_else(|_| fs::copy(&program, &copy).map(drop))?;
        allow(place.path(), 0o755)?;
        for entry in fs::read_dir(folder)? {
            chown(entry?.path(), Some(NOBODY), Some(NOBODY))?;
        }
        chown(folder, Some(NOBODY), Some(NOBODY))?;
        command = child_of(&copy, test, folder, 0);
        command.uid(NOBODY).gid(NOBODY);
    }
    allow(folder, mode)?;
    let output = command.output();
    allow(folder, 0o755)?;
    output
}

#[test]
fn a_file_that_may_only_be_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    drop(SqliteStore::open(&path, true).unwrap());
    fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
    with_permissions("cannot_open", folder.path(), 0o555);
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn cannot_open() {
    let Some((folder, _)) = told() else { return };
    for path in [database(&folder), folder.join("none/new.db")] {
        let error = SqliteStore::open(&path, true).unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::Failed {
                    operation: "opened",
                    ..
                }
            ),
            "{error:?}"
        );
    }
}

#[test]
fn a_spool_whose_folder_cannot_be_synced_keeps_what_it_acknowledges() {
    let folder = tempfile::tempdir().unwrap();
    with_permissions("renames_its_spool", folder.path(), 0o700);
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn renames_its_spool() {
    let Some((folder, _)) = told() else { return };
    let allow = |mode| fs::set_permissions(&folder, PermissionsExt::from_mode(mode)).unwrap();
    let store = Arc::<MoodyStore>::default();
    let mut records = Maker::new(1).records(1_010, time("08T10:00:00"), time("08T12:00:00"));
    let last = records.split_off(1_000);
    let lines = |records: &[PredictionRecord]| -> usize {
        let length = |record| serde_json::to_string(record).unwrap().len() + 1;
        records.iter().map(length).sum()
    };
    let options = LogOptions {
        deadline: Duration::from_secs(30),
        spool: spool(&folder),
        spool_bytes: lines(&records) as u64,
    };
    let log = PredictionLog::open(store.clone(), options).unwrap();
    runtime().block_on(async {
        store.set(Mood::Failing);
        log.record(records.clone()).await.unwrap();
        store.set(Mood::FailingAfter(1));
        log.deliver().await.unwrap_err();
        // Files can be made and renamed, but the folder cannot be opened.
        allow(0o300);
        // There is room only without what is delivered: the file is replaced.
        for record in &last[..2] {
            let error = log.record(vec![record.clone()]).await.unwrap_err();
            assert!(error.to_string().starts_with("cannot write `"), "{error}");
        }
        allow(0o700);
        log.record(last[2..].to_vec()).await.unwrap();
        records.extend_from_slice(&last[2..]);
        assert_eq!(read_spool(&spool(&folder)).unwrap(), records[500..]);
        store.set(Mood::Working);
        let delivery = tokio::time::timeout(Duration::from_mins(1), log.deliver());
        assert_eq!(delivery.await.unwrap().unwrap(), 508);
        assert_holds(&*store, &records).await;
    });
}
