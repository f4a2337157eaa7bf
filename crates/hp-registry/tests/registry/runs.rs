//! Recording and finding runs.

use crate::sample::{at, id, metrics, run, version, write};
use hp_registry::RegistryError;
use hp_registry::run::{Run, RunStatus};
use hp_registry::runs::{RunQuery, RunStore, RunSummary};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tempfile::TempDir;

/// A store with these runs, all of which are finished.
pub(crate) fn store(runs: &[Run]) -> (TempDir, RunStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = RunStore::new(folder.path());
    for run in runs {
        record(&store, run);
    }
    (folder, store)
}

/// Records a run as it is.
pub(crate) fn record(store: &RunStore, run: &Run) {
    let active = store.start(run.clone(), &[]).unwrap();
    let ended_at = run.ended_at.unwrap();
    let finished = active.finish(run.status, ended_at).unwrap();
    assert!(finished.warning.is_none(), "{:?}", finished.warning);
}

pub(crate) fn all(store: &RunStore) -> Vec<RunSummary> {
    let listing = store.list(&RunQuery::default()).unwrap();
    assert!(listing.warnings.is_empty(), "{:?}", listing.warnings);
    listing.runs
}

#[test]
fn a_run_is_kept_as_it_is() {
    let (folder, store) = store(&[]);
    let wanted = run(1, "v1.0.0");
    let config: &[u8] = b"Methods: []\n";
    let active = store
        .start(wanted.clone(), &[("model_config.yaml", config)])
        .unwrap();
    assert_eq!(store.get(id(1)).unwrap().status, RunStatus::Running);
    assert_eq!(all(&store)[0].status, RunStatus::Running);
    active.add_file("manifest.json", b"{}").unwrap();
    let finished = active.finish(RunStatus::Finished, at(3)).unwrap();
    assert_eq!(finished.run, wanted);
    assert_eq!(store.get(id(1)).unwrap(), wanted);
    assert_eq!(all(&store), [RunSummary::of(&wanted)]);
    assert_eq!(all(&store)[0].duration().unwrap().as_secs(), 2);
    let path = folder.path().join("runs").join(id(1).to_string());
    assert_eq!(store.folder(id(1)), path);
    let mut names: Vec<_> = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["manifest.json", "model_config.yaml", "run.json"]);
    assert_eq!(fs::read(path.join("model_config.yaml")).unwrap(), config);
}

#[test]
fn what_becomes_known_later_is_added() {
    let (_folder, store) = store(&[run(1, "v1.0.0")]);
    let mut known = run(1, "v1.0.0");
    known.metrics.insert("mae".to_owned(), 2.25);
    assert!(store.update(&known).unwrap().is_none());
    assert_eq!(store.get(id(1)).unwrap(), known);
    assert_eq!(all(&store)[0].metrics, known.metrics);
    store.update(&run(2, "v1.0.0")).unwrap_err();
}

#[test]
fn numbers_that_json_does_not_know_are_left_out() {
    let (_folder, store) = store(&[]);
    let mut odd = run(1, "v1.0.0");
    odd.metrics.insert("mae".to_owned(), f64::NAN);
    odd.timings.insert("load".to_owned(), f64::INFINITY);
    odd.methods[0].fit_seconds = Some(f64::NAN);
    odd.methods[0].cross_validation.as_mut().unwrap().scores[0] = f64::NAN;
    record(&store, &odd);
    let kept = store.get(id(1)).unwrap();
    assert_eq!(kept.metrics, run(1, "v1.0.0").metrics);
    assert_eq!(kept.timings, run(1, "v1.0.0").timings);
    assert_eq!(kept.methods[0].fit_seconds, None);
    assert_eq!(kept.methods[0].cross_validation, None);
    assert_eq!(all(&store)[0].metrics, kept.metrics);
}

#[test]
fn a_run_that_is_dropped_has_failed_and_one_that_panicked_is_killed() {
    let (_folder, store) = store(&[]);
    drop(store.start(run(1, "v1.0.0"), &[]).unwrap());
    let dropped = store.get(id(1)).unwrap();
    assert_eq!(dropped.status, RunStatus::Failed);
    assert_eq!(dropped.failure.unwrap(), "it ended without a result");

    let active = store.start(run(2, "v1.0.0"), &[]).unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _active = active;
        panic!("on purpose");
    }));
    panicked.unwrap_err();
    let failed = store.get(id(2)).unwrap();
    assert_eq!(failed.status, RunStatus::Killed);
    assert_eq!(failed.failure.unwrap(), "the program panicked");
    let listed: Vec<_> = all(&store).iter().map(|run| run.status).collect();
    assert_eq!(listed, [RunStatus::Killed, RunStatus::Failed]);
}

#[test]
fn a_failure_that_is_known_stays() {
    let (_folder, store) = store(&[]);
    let mut active = store.start(run(1, "v1.0.0"), &[]).unwrap();
    active.run.failure = Some("no convergence".to_owned());
    drop(active);
    assert_eq!(store.get(id(1)).unwrap().failure.unwrap(), "no convergence");
}

#[test]
fn a_run_begins_once() {
    let (_folder, store) = store(&[run(1, "v1.0.0")]);
    store.start(run(1, "v2.0.0"), &[]).unwrap_err();
    assert_eq!(store.get(id(1)).unwrap(), run(1, "v1.0.0"));
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let (_folder, store) = store(&[run(1, "v1.0.0")]);
    let mut large = run(1, "v1.0.0");
    large.failure = Some("x".repeat(4 << 20));
    let error = store.update(&large).unwrap_err();
    assert!(matches!(error, RegistryError::TooLarge { .. }), "{error}");
    assert_eq!(store.get(id(1)).unwrap(), run(1, "v1.0.0"));
    large.id = id(2);
    store.start(large, &[]).unwrap_err();
    assert_eq!(all(&store).len(), 1);
}

#[test]
fn names_of_files_lead_nowhere_else() {
    let (_folder, store) = store(&[]);
    for name in [
        "", ".", "..", "../x", "a/b", "/etc/x", "run.json", ".lock", "a\\b", "é",
    ] {
        let error = store.start(run(1, "v1.0.0"), &[(name, b"")]).unwrap_err();
        assert!(
            matches!(error, RegistryError::FileName { .. }),
            "{name}: {error}"
        );
    }
    let active = store.start(run(1, "v1.0.0"), &[]).unwrap();
    active.add_file("../x", b"").unwrap_err();
}

#[test]
fn lists_are_filtered_and_newest_first() {
    let mut failed = run(3, "v1.0.0");
    failed.status = RunStatus::Failed;
    let (_folder, store) = store(&[run(1, "v1.0.0"), run(2, "v1.1.0"), failed, run(4, "v1.0.0")]);
    let ids = |query: RunQuery| -> Vec<_> {
        let listed = store.list(&query).unwrap().runs;
        listed.iter().map(|run| run.id).collect()
    };
    let every = RunQuery::default();
    assert_eq!(ids(every), [id(4), id(3), id(2), id(1)]);
    assert_eq!(
        ids(RunQuery {
            limit: Some(2),
            ..every
        }),
        [id(4), id(3)]
    );
    let version = Some(version("v1.0.0"));
    assert_eq!(ids(RunQuery { version, ..every }), [id(4), id(3), id(1)]);
    let status = Some(RunStatus::Finished);
    let limit = Some(2);
    assert_eq!(
        ids(RunQuery {
            status,
            limit,
            version
        }),
        [id(4), id(1)]
    );
}

#[test]
fn nothing_is_made_by_looking() {
    let (folder, store) = store(&[]);
    assert!(all(&store).is_empty());
    let error = store.find("latest").unwrap_err();
    assert_eq!(error.to_string(), "there is no run `latest`");
    assert!(error.hint().unwrap().starts_with("no run is recorded"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn runs_are_found_by_every_name() {
    let mut failed = run(3, "v1.0.0");
    failed.status = RunStatus::Failed;
    let far = run(2_000_000_000, "v1.1.0");
    let (_folder, store) = store(&[run(1, "v1.0.0"), run(2, "v1.0.0"), failed, far]);
    let found = |text: &str| store.find(text).unwrap().id;
    assert_eq!(found(&id(1).to_string()), id(1));
    assert_eq!(found("latest"), id(2_000_000_000));
    assert_eq!(found("v1.0.0"), id(2));
    let far = id(2_000_000_000).to_string();
    assert_eq!(found(&far[..4]), id(2_000_000_000));
    assert_eq!(found(&far[..8].to_lowercase()), id(2_000_000_000));

    let error = store.find(&id(1).to_string()[..4]).unwrap_err();
    assert!(
        error.to_string().ends_with("is the beginning of 3 runs"),
        "{error}"
    );
    assert_eq!(
        error.hint().unwrap().matches("`01").count(),
        3,
        "{:?}",
        error.hint()
    );
    for text in [&far[..3], "v9.0.0", "ZZZZ", "", &id(9).to_string(), "éééé"] {
        let error = store.find(text).unwrap_err();
        assert!(
            matches!(error, RegistryError::UnknownRun { total: 4, .. }),
            "{text}: {error}"
        );
        assert!(error.hint().unwrap().contains(&far));
    }
}

#[test]
fn a_version_without_a_finished_run_means_its_newest() {
    let mut killed = run(2, "v1.3.0");
    killed.status = RunStatus::Killed;
    let mut failed = run(1, "v1.3.0");
    failed.status = RunStatus::Failed;
    let (_folder, store) = store(&[failed, killed]);
    assert_eq!(store.find("v1.3.0").unwrap().id, id(2));
}

#[test]
fn damage_since_the_list_was_made_is_told() {
    let (_folder, store) = store(&[run(1, "v1.0.0"), run(2, "v1.0.0")]);
    let listed = all(&store);
    assert!(store.damage(&listed).is_empty());
    let file = store.folder(id(1)).join("run.json");
    fs::write(&file, "{").unwrap();
    let damage = store.damage(&listed);
    assert!(damage[0].to_string().contains("run.json"), "{damage:?}");
    assert_eq!(damage.len(), 1);
}

#[test]
fn only_some_of_many_runs_are_named() {
    let runs: Vec<_> = (0..8).map(|number| run(number, "v1.0.0")).collect();
    let (_folder, store) = store(&runs);
    let hint = store.find("v2.0.0").unwrap_err().hint().unwrap();
    assert!(hint.ends_with(" and 3 more"), "{hint}");
}

#[test]
fn the_maker_of_a_version_is_found() {
    let (folder, store) = store(&[]);
    let (mut first, mut second) = (run(1, "v1.0.0"), run(2, "v1.0.0"));
    first.artifact = Some(write(folder.path(), "v1.0.0", 1.0));
    second.artifact = Some(write(folder.path(), "v1.0.0", 2.0));
    record(&store, &first);
    record(&store, &second);
    for run in [first, second] {
        let digest = run.artifact.as_ref().unwrap().manifest_sha256;
        let made = store.made(version("v1.0.0"), digest).unwrap();
        assert_eq!(made, Some(run));
    }
    let other = hp_core::fingerprint::Fingerprint::of(b"");
    assert_eq!(store.made(version("v1.0.0"), other).unwrap(), None);
}

#[test]
fn the_metrics_of_a_list_are_those_of_the_run() {
    let mut odd = run(1, "v1.0.0");
    odd.metrics = metrics(&[("rmse", 0.1 + 0.2), ("name \"quoted\"", 1e-300)]);
    odd.user = Some("O'Brien\u{0}".to_owned());
    let (_folder, store) = store(&[odd.clone()]);
    assert_eq!(all(&store), [RunSummary::of(&odd)]);
}
