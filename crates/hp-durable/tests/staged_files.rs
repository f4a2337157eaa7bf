//! Staged files: committed whole, gone when dropped, swept when their writer was killed.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use hp_durable::{Lock, StagedFile, write_file};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn a_file_appears_when_it_is_committed() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("file");
    fs::write(&target, "old").unwrap();
    let mut staged = StagedFile::new(&target).unwrap();
    staged.write_all(b"new").unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"old");
    assert_eq!(fs::read(staged.path()).unwrap(), b"new");
    staged.commit().unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"new");
    drop(StagedFile::new(&target).unwrap());
    assert_eq!(names(folder.path()), ["file"]);
}

#[cfg(unix)]
#[test]
fn a_file_is_as_readable_as_any_other() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let [staged, plain] = ["staged", "plain"].map(|name| folder.path().join(name));
    write_file(&staged, b"").unwrap();
    fs::write(&plain, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&staged), mode(&plain));
}

#[test]
fn what_cannot_be_written_is_named_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    for (target, hint) in [
        (folder.path().to_owned(), "name a file, not a folder"),
        (folder.path().join("none/file"), "check the path"),
    ] {
        let error = write_file(&target, b"").unwrap_err();
        let expected = format!("cannot write `{}`", target.display());
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.hint(), Some(hint));
    }
    assert!(names(folder.path()).is_empty());
}

const FOLDER: &str = "HP_DURABLE_TEST_FOLDER";

#[test]
#[ignore = "another test runs it as a process of its own"]
fn stages_a_file_and_waits() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let staged = StagedFile::new(&folder.join("file")).unwrap();
    write_file(&folder.join("ready"), b"").unwrap();
    thread::sleep(Duration::from_mins(1));
    drop(staged);
}

#[test]
fn the_file_of_a_killed_writer_is_swept_and_that_of_a_living_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "stages_a_file_and_waits"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !folder.path().join("ready").exists() {
        thread::sleep(Duration::from_millis(5));
    }
    let other = folder.path().join("other");
    write_file(&other, b"").unwrap();
    assert_eq!(names(folder.path()).len(), 3, "the staged file is gone");
    writer.kill().unwrap();
    writer.wait().unwrap();
    write_file(&other, b"").unwrap();
    assert_eq!(names(folder.path()), ["other", "ready"]);
}

#[test]
fn writers_in_one_folder_do_not_sweep_each_other() {
    let folder = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for writer in 0..8 {
            let path = folder.path().join(writer.to_string());
            scope.spawn(move || {
                for _ in 0..100 {
                    write_file(&path, b"x").unwrap();
                }
            });
        }
    });
    assert_eq!(names(folder.path()).len(), 8);
}

#[test]
fn an_exclusive_lock_keeps_the_others_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    // Without a file there is no writer to wait for.
    drop(Lock::shared(&path).unwrap());
    assert!(!path.exists());
    for lock in [Lock::exclusive, Lock::shared] {
        let held = Lock::exclusive(&path).unwrap();
        let released = AtomicBool::new(false);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let _lock = lock(&path).unwrap();
                released.load(Ordering::SeqCst)
            });
            thread::sleep(Duration::from_millis(50));
            released.store(true, Ordering::SeqCst);
            drop(held);
            assert!(waiting.join().unwrap());
        });
    }
    let both = [Lock::shared(&path), Lock::shared(&path)];
    assert!(both.iter().all(Result::is_ok));
}

#[test]
fn a_lock_is_held_until_it_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    assert!(!Lock::is_held(&path).unwrap());
    assert!(!path.exists());
    let lock = Lock::exclusive(&path).unwrap();
    assert!(Lock::is_held(&path).unwrap());
    drop(lock);
    assert!(!Lock::is_held(&path).unwrap());
    let _lock = Lock::shared(&path).unwrap();
    assert!(!Lock::is_held(&path).unwrap());
}
