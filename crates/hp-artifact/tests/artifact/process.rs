//! Writers in processes of their own: killed at any moment, overtaking a reader, out of space.

use crate::sample::{Sample, chain, names};
use hp_artifact::{Overwrite, What, load, verify, write_version};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

/// Tells a child process where to write.
const FOLDER: &str = "HP_ARTIFACT_TEST_FOLDER";

fn writer(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "process::overwrites_forever"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until the writer has overwritten the version at `path` that is as in `before`.
fn wait_for_change(path: &Path, before: &[u8]) {
    for _ in 0..1000 {
        if fs::read(path).is_ok_and(|now| now != before) {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("the writer wrote nothing");
}

#[test]
fn leaves_a_whole_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v1.0.0");
    Sample::new(-1.0).write(folder.path());
    for round in 0..12 {
        let before = fs::read(path.join("manifest.json")).unwrap();
        let mut writer = writer(folder.path());
        wait_for_change(&path.join("manifest.json"), &before);
        thread::sleep(Duration::from_micros(700 * round));
        writer.kill().unwrap();
        writer.wait().unwrap();
        verify(&path).unwrap();
    }
    let names = names(folder.path());
    assert!(names.len() <= 3, "leftovers pile up: {names:?}");
}

#[test]
fn readers_never_see_a_mixture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v1.0.0");
    Sample::new(-1.0).write(folder.path());
    let before = fs::read(path.join("manifest.json")).unwrap();
    let mut writer = writer(folder.path());
    wait_for_change(&path.join("manifest.json"), &before);
    let failures: Vec<_> = (0..200)
        .filter_map(|_| load(&path, What::All).err())
        .collect();
    writer.kill().unwrap();
    writer.wait().unwrap();
    assert!(failures.is_empty(), "{failures:?}");
}

/// A limit on the length of files stands for a full disk, which a test cannot arrange.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_version() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = Sample::new(-1.0).write(folder.path());
    let limited = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let status = Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "process::cannot_overwrite"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(verify(&folder.path().join("v1.0.0")).unwrap(), manifest);
    assert_eq!(names(folder.path()), [".lock", "v1.0.0"]);
}

/// The writer that is out of space; on its own it has nothing to do.
#[test]
#[ignore = "another test runs it as a process of its own"]
fn cannot_overwrite() {
    if let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) {
        let sample = Sample::new(5.0);
        let error = write_version(&folder, &sample.parts(), Overwrite::Replace).unwrap_err();
        assert!(
            chain(&error).starts_with("cannot write `"),
            "{}",
            chain(&error)
        );
    }
}

/// The writer that is killed; on its own it has nothing to do.
#[test]
#[ignore = "another test runs it as a process of its own"]
fn overwrites_forever() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    for level in 0.. {
        let sample = Sample::new(f64::from(level));
        write_version(&folder, &sample.parts(), Overwrite::Replace).unwrap();
    }
}
