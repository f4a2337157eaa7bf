//! The index: made anew when it is gone, told apart when it is unusable, never needed.

use crate::runs::{all, record, store};
use crate::sample::{at, id, run};
use hp_registry::RegistryError;
use hp_registry::run::RunStatus;
use hp_registry::runs::{Listing, RunQuery, RunStore};
use rusqlite::Connection;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;
use std::path::Path;

fn list(store: &RunStore) -> Listing {
    store.list(&RunQuery::default()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_missing_index_makes_itself() {
    let (folder, store) = store(&[run(1, "v1.0.0"), run(2, "v1.0.0")]);
    let before = all(&store);
    fs::remove_file(folder.path().join("runs.db")).unwrap();
    assert_eq!(all(&store), before);
    assert!(folder.path().join("runs.db").is_file());
    fs::remove_file(folder.path().join("runs.db")).unwrap();
    record(&store, &run(3, "v1.0.0"));
    assert_eq!(all(&store).len(), 3);
}

#[test]
fn folders_alone_carry_the_history() {
    let (folder, store) = store(&[run(1, "v1.0.0"), run(2, "v1.0.0")]);
    let other = tempfile::tempdir().unwrap();
    let elsewhere = RunStore::new(other.path());
    record(&elsewhere, &run(3, "v1.0.0"));
    assert_eq!(all(&elsewhere).len(), 1);
    copy(&folder.path().join("runs"), &other.path().join("runs"));
    let ids = |store: &RunStore| -> Vec<_> { all(store).iter().map(|run| run.id).collect() };
    assert_eq!(ids(&elsewhere), [id(3), id(2), id(1)]);
    fs::remove_dir_all(elsewhere.folder(id(2))).unwrap();
    assert_eq!(ids(&elsewhere), [id(3), id(1)]);
    assert_eq!(all(&store).len(), 2);
}

#[test]
fn an_unusable_index_hides_nothing() {
    let (folder, store) = store(&[run(1, "v1.0.0")]);
    let before = all(&store);
    let index = folder.path().join("runs.db");
    let sound = fs::read(&index).unwrap();
    let mut spoilt = sound.clone();
    spoilt[100..].fill(0x5a);
    let foreign = || {
        let connection = Connection::open(&index).unwrap();
        connection.execute_batch("CREATE TABLE mine (x)").unwrap();
    };
    let without_table = || {
        fs::write(&index, &sound).unwrap();
        Connection::open(&index)
            .unwrap()
            .execute_batch("DROP TABLE runs")
            .unwrap();
    };
    let odd_value = || {
        fs::write(&index, &sound).unwrap();
        let connection = Connection::open(&index).unwrap();
        connection
            .execute_batch("UPDATE runs SET status = 'DANCING'")
            .unwrap();
    };
    let spoil: [&dyn Fn(); 6] = [
        &|| {
            fs::write(
                &index,
                "no database at all, but long enough to look like one",
            )
            .unwrap();
        },
        &|| fs::write(&index, &spoilt).unwrap(),
        &|| fs::write(&index, &sound[..sound.len() / 2]).unwrap(),
        &foreign,
        &without_table,
        &odd_value,
    ];
    for (round, spoil) in spoil.into_iter().enumerate() {
        fs::remove_file(&index).unwrap();
        spoil();
        let listing = list(&store);
        assert_eq!(listing.runs, before, "{round}");
        let problem = &listing.warnings[0];
        assert!(
            matches!(problem, RegistryError::IndexDamaged { .. }),
            "{round}: {problem:?}"
        );
        assert!(problem.hint().unwrap().contains("hp runs reindex"));

        // The run is recorded all the same.
        let active = store.start(run(2, "v1.0.0"), &[]).unwrap();
        let finished = active.finish(RunStatus::Finished, at(4)).unwrap();
        if round < 5 {
            assert!(finished.warning.is_some(), "{round}");
        }
        assert_eq!(store.get(id(2)).unwrap(), run(2, "v1.0.0"));

        let reindexed = store.reindex().unwrap();
        assert_eq!((reindexed.runs, reindexed.damaged.len()), (2, 0));
        assert_eq!(all(&store).len(), 2);
        fs::remove_dir_all(store.folder(id(2))).unwrap();
        assert_eq!(all(&store), before);
    }
}

#[test]
fn an_index_of_another_hp_is_replaced() {
    let (folder, store) = store(&[run(1, "v1.0.0")]);
    let index = Connection::open(folder.path().join("runs.db")).unwrap();
    index
        .execute_batch("DROP TABLE runs; PRAGMA user_version = 99")
        .unwrap();
    drop(index);
    assert_eq!(all(&store).len(), 1);
}

#[test]
fn a_locked_index_is_told() {
    let (folder, store) = store(&[run(1, "v1.0.0")]);
    let other = Connection::open(folder.path().join("runs.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let listing = list(&store);
    assert_eq!(listing.runs.len(), 1);
    assert!(matches!(
        listing.warnings[0],
        RegistryError::IndexLocked { .. }
    ));
    drop(other);
    assert!(list(&store).warnings.is_empty());
}

#[test]
fn an_index_that_cannot_be_opened_is_told() {
    let (folder, store) = store(&[run(1, "v1.0.0")]);
    let index = folder.path().join("runs.db");
    fs::remove_file(&index).unwrap();
    fs::create_dir(&index).unwrap();
    let listing = list(&store);
    assert_eq!(listing.runs.len(), 1);
    let problem = &listing.warnings[0];
    assert!(
        matches!(problem, RegistryError::IndexReadOnly { .. }),
        "{problem:?}"
    );
    assert!(problem.hint().unwrap().contains("permissions"));
    store.reindex().unwrap_err();
}

/// What a killed writer leaves would be played back into the next index.
#[test]
fn a_journal_of_the_old_index_does_not_spoil_the_new_one() {
    let (folder, store) = store(&[run(1, "v1.0.0")]);
    let index = folder.path().join("runs.db");
    let journal = folder.path().join("runs.db-journal");
    let writer = Connection::open(&index).unwrap();
    writer
        .execute_batch("BEGIN IMMEDIATE; DELETE FROM runs; CREATE TABLE large (x)")
        .unwrap();
    writer
        .execute_batch("PRAGMA cache_size = 1; INSERT INTO large VALUES (randomblob(100000))")
        .unwrap();
    let (kept, hot) = (fs::read(&index).unwrap(), fs::read(&journal).unwrap());
    assert!(hot.len() > 512);
    writer.execute_batch("ROLLBACK").unwrap();
    drop(writer);
    fs::write(&index, kept).unwrap();
    fs::write(&journal, hot).unwrap();
    store.reindex().unwrap();
    assert!(!journal.exists());
    assert_eq!(all(&store).len(), 1);
}

#[cfg(unix)]
#[test]
fn a_bad_folder_hides_no_other() {
    let (folder, store) = store(&[run(1, "v1.0.0")]);
    let runs = folder.path().join("runs");
    let sound = fs::read_to_string(store.folder(id(1)).join("run.json")).unwrap();
    let bad = |number: u32, content: &str| {
        fs::create_dir(store.folder(id(number))).unwrap();
        fs::write(store.folder(id(number)).join("run.json"), content).unwrap();
    };
    bad(2, "{");
    bad(3, "[]");
    bad(4, &sound);
    bad(
        5,
        &sound.replacen("\"format_version\": 1", "\"format_version\": 9", 1),
    );
    bad(6, &" ".repeat((4 << 20) + 1));
    fs::create_dir(store.folder(id(7))).unwrap();
    symlink(store.folder(id(1)), store.folder(id(8))).unwrap();
    fs::create_dir(store.folder(id(9))).unwrap();
    symlink(
        store.folder(id(1)).join("run.json"),
        store.folder(id(9)).join("run.json"),
    )
    .unwrap();
    fs::write(store.folder(id(10)), "a file").unwrap();
    fs::create_dir(runs.join("copy of a run")).unwrap();
    fs::write(runs.join("notes.txt"), "").unwrap();

    let kinds = |warnings: &[RegistryError]| -> Vec<String> {
        let names = warnings.iter().map(|error| format!("{error:?}"));
        names
            .map(|text| text.split(' ').next().unwrap().to_owned())
            .collect()
    };
    let expected = [
        "NotRun",
        "Malformed",
        "Malformed",
        "OtherRun",
        "NewerFormat",
        "TooLarge",
        "NotRun",
        "NotRun",
        "NotRegular",
        "NotRun",
    ];
    let listing = list(&store);
    assert_eq!(listing.runs.len(), 1);
    assert_eq!(kinds(&listing.warnings), expected);
    let reindexed = store.reindex().unwrap();
    assert_eq!(reindexed.runs, 1);
    assert_eq!(kinds(&reindexed.damaged), expected);
    for number in [2, 4, 5, 6, 7, 8, 9, 10] {
        store.get(id(number)).unwrap_err();
    }
    let newer = store.get(id(5)).unwrap_err();
    assert!(
        newer
            .to_string()
            .ends_with("has format 9, and this hp reads formats up to 1")
    );
}

/// The figures of a large history; run it with `--release --ignored --nocapture`.
#[test]
#[ignore = "it measures"]
fn ten_thousand_runs_are_listed_quickly() {
    let (_folder, store) = store(&[run(0, "v1.0.0")]);
    for number in 1..10_000 {
        let run = run(number, "v1.0.0");
        fs::create_dir(store.folder(run.id)).unwrap();
        let text = serde_json::to_vec_pretty(&run).unwrap();
        fs::write(store.folder(run.id).join("run.json"), text).unwrap();
    }
    let timed = |what: &str, work: &dyn Fn()| {
        let start = std::time::Instant::now();
        work();
        println!("{what}: {:?}", start.elapsed());
    };
    let limited = |limit| {
        let query = RunQuery {
            limit,
            ..RunQuery::default()
        };
        let count = store.list(&query).unwrap().runs.len();
        assert_eq!(count, limit.unwrap_or(10_000));
    };
    timed("first list, which reads all folders", &|| limited(Some(20)));
    for _ in 0..3 {
        timed("list 20", &|| limited(Some(20)));
        timed("list 1,000", &|| limited(Some(1_000)));
        timed("list all", &|| limited(None));
    }
    timed("record", &|| record(&store, &run(20_000, "v1.0.0")));
    timed("reindex", &|| {
        assert_eq!(store.reindex().unwrap().runs, 10_001);
    });
}
