//! Processes of their own: promoting at once, training at once, killed in the middle.

use crate::runs::{all, record, store};
use crate::sample::{alias, at, id, run, version, write};
use hp_registry::RegistryError;
use hp_registry::aliases::{Aliases, Promotion, promote};
use hp_registry::run::RunStatus;
use hp_registry::runs::{RunQuery, RunStore};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Tells a child process where to work.
const FOLDER: &str = "HP_REGISTRY_TEST_FOLDER";

/// Tells a child process which of several it is.
const NUMBER: &str = "HP_REGISTRY_TEST_NUMBER";

/// The exit code of the test program when the test that it ran failed.
const TEST_FAILED: i32 = 101;

fn child(test: &str, folder: &Path, number: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", test])
        .env(FOLDER, folder)
        .env(NUMBER, number.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What a child is told; `None` in a process that is none.
fn told() -> Option<(PathBuf, u32)> {
    let folder = std::env::var_os(FOLDER).map(PathBuf::from)?;
    let number = std::env::var(NUMBER).unwrap().parse().unwrap();
    Some((folder, number))
}

fn wait_for(path: &Path) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !path.exists() {
        assert!(Instant::now() < deadline, "no {}", path.display());
        thread::sleep(Duration::from_millis(2));
    }
}

fn all_end(children: Vec<Child>) -> Vec<ExitStatus> {
    let ends = children.into_iter().map(|mut child| child.wait().unwrap());
    ends.collect()
}

/// Each child promotes its version of v1.1.0 to v1.8.0 and tells how it went.
#[test]
fn of_promotions_at_once_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, "v1.0.0", 0.0);
    let promotion = promotion(version("v1.0.0"), None);
    promote(path, promotion).unwrap();
    for number in 1..=8 {
        write(path, &format!("v1.{number}.0"), f64::from(number));
    }
    let children = (1..=8).map(|number| child("processes::promotes", path, number));
    let children = children.collect();
    for number in 1..=8 {
        wait_for(&path.join(format!("ready{number}")));
    }
    fs::write(path.join("go"), "").unwrap();
    // The file is whole whenever it is looked at.
    while !(1..=8).all(|number| path.join(format!("done{number}")).exists()) {
        Aliases::load(path).unwrap();
    }
    assert!(all_end(children).iter().all(ExitStatus::success));

    let told = |number| fs::read_to_string(path.join(format!("done{number}"))).unwrap();
    let (winners, losers): (Vec<u32>, _) = (1..=8).partition(|&number| told(number) == "won");
    assert_eq!((winners.len(), losers.len()), (1, 7));
    let aliases = Aliases::load(path).unwrap();
    let winner = version(&format!("v1.{}.0", winners[0]));
    assert_eq!(aliases.target(&alias("champion")), Some(winner));
    assert_eq!(aliases.moves().len(), 2);
    for number in losers {
        let expected = format!("means {winner} now: child {} moved it at", winners[0]);
        assert!(told(number).contains(&expected), "{}", told(number));
    }
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn promotes() {
    let Some((path, number)) = told() else { return };
    let mut promotion = promotion(version(&format!("v1.{number}.0")), Some("v1.0.0"));
    promotion.by = Some(format!("child {number}"));
    fs::write(path.join(format!("ready{number}")), "").unwrap();
    wait_for(&path.join("go"));
    let outcome = match promote(&path, promotion) {
        Ok(_) => "won".to_owned(),
        Err(error @ RegistryError::Conflict { .. }) => error.to_string(),
        Err(error) => panic!("{error}"),
    };
    fs::write(path.join(format!("part{number}")), outcome).unwrap();
    let done = path.join(format!("done{number}"));
    fs::rename(path.join(format!("part{number}")), done).unwrap();
}

/// Each child moves the alias again and again, decided on what it sees.
#[test]
fn the_chain_of_moves_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for number in 0..8 {
        write(path, &format!("v1.{number}.0"), f64::from(number));
    }
    let children = (0..8).map(|number| child("processes::promotes_often", path, number));
    let children = children.collect();
    assert!(all_end(children).iter().all(ExitStatus::success));
    let won: usize = (0..8)
        .map(|number| {
            let count = fs::read_to_string(path.join(format!("won{number}"))).unwrap();
            count.parse::<usize>().unwrap()
        })
        .sum();
    // Loading checks that each move starts where the one before ended.
    let aliases = Aliases::load(path).unwrap();
    assert_eq!(aliases.moves().len(), won);
    assert!(won >= 8);
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn promotes_often() {
    let Some((path, number)) = told() else { return };
    let mut won = 0;
    for _ in 0..10 {
        let target = Aliases::load(&path).unwrap().target(&alias("champion"));
        let mut promotion = promotion(version(&format!("v1.{number}.0")), None);
        promotion.expected = target;
        match promote(&path, promotion) {
            Ok(_) => won += 1,
            Err(RegistryError::Conflict { .. } | RegistryError::Already { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    fs::write(path.join(format!("won{number}")), won.to_string()).unwrap();
}

#[test]
fn a_run_whose_process_was_killed_is_killed() {
    let (folder, store) = store(&[run(1, "v1.0.0")]);
    let mut trainer = child("processes::trains_forever", folder.path(), 2);
    wait_for(&folder.path().join("started"));
    let status = |number| store.get(id(number)).unwrap().status;
    let written = || fs::read_to_string(store.folder(id(2)).join("run.json")).unwrap();
    assert_eq!(status(2), RunStatus::Running);
    assert_eq!(all(&store)[0].status, RunStatus::Running);
    trainer.kill().unwrap();
    trainer.wait().unwrap();

    assert_eq!(status(2), RunStatus::Killed);
    assert_eq!(
        store.get(id(2)).unwrap().failure.unwrap(),
        "its process is gone"
    );
    assert_eq!(all(&store)[0].status, RunStatus::Killed);
    let killed = RunQuery {
        status: Some(RunStatus::Killed),
        ..RunQuery::default()
    };
    assert_eq!(store.list(&killed).unwrap().runs.len(), 1);
    assert!(written().contains("RUNNING"), "looking changes nothing");
    // Whoever writes next puts it right.
    record(&store, &run(3, "v1.0.0"));
    assert!(written().contains("KILLED"));
    assert_eq!(all(&store)[1].status, RunStatus::Killed);
}

#[test]
fn indexing_puts_killed_runs_right() {
    let (folder, store) = store(&[]);
    let mut trainer = child("processes::trains_forever", folder.path(), 2);
    wait_for(&folder.path().join("started"));
    trainer.kill().unwrap();
    trainer.wait().unwrap();
    let file = store.folder(id(2)).join("run.json");
    let running = fs::read_to_string(&file).unwrap();
    for index in ["anew", "by itself"] {
        fs::write(&file, &running).unwrap();
        if index == "anew" {
            assert_eq!(store.reindex().unwrap().runs, 1);
        } else {
            fs::remove_file(folder.path().join("runs.db")).unwrap();
            assert_eq!(all(&store)[0].status, RunStatus::Killed);
        }
        let written = fs::read_to_string(&file).unwrap();
        assert!(written.contains("KILLED"), "{index}");
    }
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn trains_forever() {
    let Some((path, number)) = told() else { return };
    let store = RunStore::new(&path);
    let _active = store.start(run(number, "v1.0.0"), &[]).unwrap();
    fs::write(path.join("started"), "").unwrap();
    thread::sleep(Duration::from_mins(2));
}

#[test]
fn runs_of_several_processes_are_all_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let children = (0..6).map(|number| child("processes::records_runs", folder.path(), number));
    let children = children.collect();
    let store = RunStore::new(folder.path());
    for _ in 0..5 {
        let listing = store.list(&RunQuery::default()).unwrap();
        assert!(listing.warnings.is_empty(), "{:?}", listing.warnings);
        store.reindex().unwrap();
    }
    assert!(all_end(children).iter().all(ExitStatus::success));
    let listed = all(&store);
    assert_eq!(listed.len(), 60);
    assert!(listed.iter().all(|run| run.status == RunStatus::Finished));
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn records_runs() {
    let Some((path, number)) = told() else { return };
    let store = RunStore::new(&path);
    for round in 0..10 {
        record(&store, &run(number * 100 + round, "v1.0.0"));
    }
}

/// A test that fails in a child must be seen by the parent.
#[test]
fn a_failing_child_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = child("processes::fails", folder.path(), 0);
    assert_eq!(child.wait().unwrap().code(), Some(TEST_FAILED));
}

#[test]
#[ignore = "another test runs it as a process of its own"]
fn fails() {
    assert!(told().is_none(), "on purpose");
}

fn promotion(version: hp_core::version::ModelVersion, expected: Option<&str>) -> Promotion {
    Promotion {
        alias: alias("champion"),
        version,
        expected: expected.map(crate::sample::version),
        at: at(1),
        by: None,
        reason: None,
        gate: None,
    }
}
