//! Staged folders: committed whole, one writer at a time, nothing left of killed ones.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use hp_durable::StagedFolder;
use std::fs;
use std::path::Path;

fn commit(target: &Path, content: &str) {
    let staged = StagedFolder::new(target).unwrap();
    staged.fill([("file", content.as_bytes())]).unwrap();
    staged.commit().unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn a_folder_is_made_and_replaced() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("parent/folder");
    for content in ["one", "two"] {
        commit(&target, content);
        assert_eq!(fs::read_to_string(target.join("file")).unwrap(), content);
        assert_eq!(names(target.parent().unwrap()), [".lock", "folder"]);
    }
    drop(StagedFolder::new(&target).unwrap());
    assert_eq!(fs::read_to_string(target.join("file")).unwrap(), "two");
    assert_eq!(names(target.parent().unwrap()), [".lock", "folder"]);
}

#[test]
fn a_file_that_cannot_be_written_is_named_as_it_would_be() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("folder");
    let staged = StagedFolder::new(&target).unwrap();
    let error = staged.fill([("none/file", b"".as_slice())]).unwrap_err();
    let expected = format!("cannot write `{}`", target.join("none/file").display());
    assert_eq!(error.to_string(), expected);
}

#[test]
fn writers_take_turns() {
    let parent = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for name in ["a", "b", "a", "b"] {
            let target = parent.path().join(name);
            scope.spawn(move || {
                for _ in 0..25 {
                    commit(&target, name);
                }
            });
        }
    });
    assert_eq!(names(parent.path()), [".lock", "a", "b"]);
}
