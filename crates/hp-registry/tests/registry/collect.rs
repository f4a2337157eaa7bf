//! Removing old runs, and never one that is needed.

use crate::runs::{all, record, store};
use crate::sample::{alias, at, id, run, version, write};
use hp_registry::RegistryError;
use hp_registry::aliases::{Promotion, Rollback, promote, rollback};
use hp_registry::run::{RunId, RunStatus};
use hp_registry::runs::{Collected, GcPolicy, RunStore};
use std::fs;
use std::path::Path;

const ALL: GcPolicy = GcPolicy {
    keep_last: Some(0),
    older_than: None,
};

fn ids(collected: &Collected) -> Vec<RunId> {
    collected.removed.iter().map(|run| run.id).collect()
}

/// A finished run that wrote the version `text`.
fn made(artifacts: &Path, store: &RunStore, number: u32, text: &str) {
    let mut run = run(number, text);
    run.artifact = Some(write(artifacts, text, f64::from(number)));
    record(store, &run);
}

fn champion(artifacts: &Path, to: &str, from: Option<&str>) {
    let promotion = Promotion {
        alias: alias("champion"),
        version: version(to),
        expected: from.map(version),
        at: at(1),
        by: None,
        reason: None,
        gate: None,
    };
    promote(artifacts, promotion).unwrap();
}

#[test]
fn a_run_goes_when_it_meets_every_rule() {
    let runs: Vec<_> = (1..=5).map(|number| run(number, "v1.0.0")).collect();
    let (folder, store) = store(&runs);
    let would = |keep_last, older_than| {
        let policy = GcPolicy {
            keep_last,
            older_than,
        };
        ids(&store.collect(&policy, true).unwrap())
    };
    assert_eq!(would(Some(3), None), [id(2), id(1)]);
    assert_eq!(would(None, Some(at(3))), [id(2), id(1)]);
    assert_eq!(would(Some(4), Some(at(3))), [id(1)]);
    assert_eq!(would(Some(1), Some(at(2))), [id(1)]);
    assert!(would(Some(9), None).is_empty());
    let error = store.collect(&GcPolicy::default(), false).unwrap_err();
    assert!(matches!(error, RegistryError::NoPolicy));
    assert_eq!(all(&store).len(), 5);

    let policy = GcPolicy {
        keep_last: Some(3),
        older_than: None,
    };
    let would = store.collect(&policy, true).unwrap().removed;
    let length = fs::metadata(store.folder(id(1)).join("run.json"))
        .unwrap()
        .len();
    assert_eq!(would[1].bytes, length);
    assert_eq!(store.collect(&policy, false).unwrap().removed, would);
    assert_eq!(all(&store).len(), 3);
    assert!(!store.folder(id(1)).exists());
    let left = fs::read_dir(folder.path().join("runs")).unwrap().count();
    assert_eq!(left, 4, "three runs and the lock");
    let index = rusqlite::Connection::open(folder.path().join("runs.db")).unwrap();
    let rows: i64 = index
        .query_row("SELECT count(*) FROM runs", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 3);
}

#[test]
fn a_run_at_work_stays() {
    let (_folder, store) = store(&[run(1, "v1.0.0")]);
    let active = store.start(run(2, "v1.0.0"), &[]).unwrap();
    assert_eq!(ids(&store.collect(&ALL, false).unwrap()), [id(1)]);
    active.finish(RunStatus::Finished, at(9)).unwrap();
    assert_eq!(ids(&store.collect(&ALL, false).unwrap()), [id(2)]);
}

#[test]
fn the_maker_of_a_version_stays() {
    let (folder, store) = store(&[]);
    made(folder.path(), &store, 1, "v1.0.0");
    made(folder.path(), &store, 2, "v1.0.0");
    made(folder.path(), &store, 3, "v1.1.0");
    record(&store, &run(4, "v1.1.0"));
    // The first was overwritten by the second; the last wrote nothing.
    assert_eq!(ids(&store.collect(&ALL, false).unwrap()), [id(4), id(1)]);
    fs::write(folder.path().join("v1.0.0/manifest.json"), "").unwrap();
    fs::remove_file(folder.path().join("v1.1.0/manifest.json")).unwrap();
    assert_eq!(ids(&store.collect(&ALL, false).unwrap()), [id(2)]);
    fs::remove_dir_all(folder.path().join("v1.1.0")).unwrap();
    assert_eq!(ids(&store.collect(&ALL, false).unwrap()), [id(3)]);
}

#[test]
fn a_run_behind_an_alias_stays_even_without_its_version() {
    let (folder, store) = store(&[]);
    let path = folder.path();
    for (number, text) in [(1, "v1.0.0"), (2, "v1.1.0"), (3, "v1.2.0")] {
        made(path, &store, number, text);
    }
    champion(path, "v1.0.0", None);
    champion(path, "v1.1.0", Some("v1.0.0"));
    champion(path, "v1.2.0", Some("v1.1.0"));
    let back = Rollback {
        alias: alias("champion"),
        expected: Some(version("v1.2.0")),
        at: at(2),
        by: None,
        reason: None,
    };
    rollback(path, back).unwrap();
    for text in ["v1.0.0", "v1.1.0", "v1.2.0"] {
        fs::remove_dir_all(path.join(text)).unwrap();
    }
    // The champion and what a rollback leads to are needed, what was rolled back is not.
    assert_eq!(ids(&store.collect(&ALL, false).unwrap()), [id(3)]);
    fs::write(path.join("aliases.json"), "{").unwrap();
    store.collect(&ALL, false).unwrap_err();
    assert_eq!(all(&store).len(), 2);
}

#[test]
fn every_run_of_a_version_that_an_alias_means_stays_though_another_replaced_it() {
    let (folder, store) = store(&[]);
    let path = folder.path();
    made(path, &store, 1, "v1.0.0");
    champion(path, "v1.0.0", None);
    made(path, &store, 2, "v1.0.0");
    made(path, &store, 3, "v1.1.0");
    champion(path, "v1.1.0", Some("v1.0.0"));
    assert!(ids(&store.collect(&ALL, false).unwrap()).is_empty());
    made(path, &store, 4, "v1.2.0");
    made(path, &store, 5, "v1.2.0");
    assert_eq!(ids(&store.collect(&ALL, false).unwrap()), [id(4)]);
}

#[test]
fn damaged_folders_are_told_and_left() {
    let (_folder, store) = store(&[run(1, "v1.0.0"), run(2, "v1.0.0")]);
    let file = store.folder(id(2)).join("run.json");
    fs::write(&file, "{").unwrap();
    let collected = store.collect(&ALL, false).unwrap();
    assert_eq!(ids(&collected), [id(1)]);
    assert!(matches!(
        collected.damaged[..],
        [RegistryError::Malformed { .. }]
    ));
    assert!(file.exists());
}

#[test]
fn what_a_killed_collection_left_goes_with_the_next() {
    let (folder, store) = store(&[run(1, "v1.0.0")]);
    let aside = folder
        .path()
        .join("runs")
        .join(format!(".hp-removed-{}", id(1)));
    fs::rename(store.folder(id(1)), &aside).unwrap();
    assert!(all(&store).is_empty());
    let starting = aside.with_file_name(format!(".hp-starting-{}", id(2)));
    fs::create_dir(&starting).unwrap();
    let alive = aside.with_file_name(format!(".hp-starting-{}", id(3)));
    fs::create_dir(&alive).unwrap();
    let _lock = hp_durable::Lock::exclusive(&alive.join(".lock")).unwrap();
    store.collect(&ALL, true).unwrap();
    assert!(aside.exists());
    store.collect(&ALL, false).unwrap();
    assert!(!aside.exists() && !starting.exists() && alive.exists());
}

#[cfg(unix)]
#[test]
fn symlinks_in_a_run_lead_nowhere() {
    let (folder, store) = store(&[run(1, "v1.0.0")]);
    let precious = folder.path().join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("file"), "x".repeat(1 << 20)).unwrap();
    std::os::unix::fs::symlink(&precious, store.folder(id(1)).join("link")).unwrap();
    let removed = store.collect(&ALL, false).unwrap().removed;
    assert!(removed[0].bytes < 1 << 16);
    assert!(precious.join("file").exists());
}
