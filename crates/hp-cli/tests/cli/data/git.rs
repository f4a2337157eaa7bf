//! `hp data tag --git`: one commit with one file, and an annotated tag.

use crate::support::{Outcome, Project};
use std::process::Command;

/// A project whose files are committed.
pub(crate) fn checkout() -> Project {
    let project = Project::fetched();
    project.write(
        ".gitignore",
        "/artifacts\n/data/*\n!/data/raw\n!/data/versions\n/data/versions/.*\n",
    );
    git(&project, "init --quiet --initial-branch=main").expect(0);
    git(&project, "config user.name A").expect(0);
    git(&project, "config user.email a@example.org").expect(0);
    git(&project, "config commit.gpgsign false").expect(0);
    git(&project, "add .").expect(0);
    git(&project, "commit --quiet --message start").expect(0);
    project
}

pub(crate) fn git(project: &Project, args: &str) -> Outcome {
    let mut git = Command::new("git");
    git.args(args.split(' ')).current_dir(project.path(""));
    without_configuration(&mut git);
    project.run(&mut git)
}

/// `hp data …` in the checkout.
fn hp(project: &Project, args: &str) -> Outcome {
    let mut hp = project.command();
    hp.arg("data").args(args.split(' '));
    without_configuration(&mut hp);
    project.run(&mut hp)
}

pub(crate) fn without_configuration(command: &mut Command) {
    command
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
}

#[test]
fn the_pointer_is_committed_alone_and_tagged() {
    let project = checkout();
    project.write("input.json", "{}");
    hp(&project, "tag v1.0.0 -m first --git").expect(0);
    let files = git(&project, "show --name-only --format=%s HEAD")
        .expect(0)
        .stdout;
    assert_eq!(files, "Data version v1.0.0\n\ndata/versions/v1.0.0.json\n");
    let kind = git(&project, "cat-file -t data-v1.0.0").expect(0).stdout;
    assert_eq!(kind, "tag\n");
    let status = git(&project, "status --porcelain").expect(0).stdout;
    assert_eq!(status, " M input.json\n");
    let list = hp(&project, "list --format json").json();
    assert_eq!(list[0]["git_tag"], "data-v1.0.0");

    let head = git(&project, "rev-parse HEAD").stdout;
    hp(&project, "tag v1.0.0 --git").refused(1, &["git has a tag `data-v1.0.0` already"]);
    // A pointer that is committed already only gets its tag.
    git(&project, "tag --delete data-v1.0.0").expect(0);
    hp(&project, "tag v1.0.0 --git").expect(0);
    assert_eq!(git(&project, "rev-parse HEAD").stdout, head);
    git(&project, "rev-parse --verify data-v1.0.0").expect(0);
}

#[test]
fn what_is_staged_or_unfinished_is_not_mixed_up_with_it() {
    let project = checkout();
    project.write("input.json", "{}");
    git(&project, "add input.json").expect(0);
    hp(&project, "tag v1 --git").refused(1, &["git has staged changes", "hint: commit them"]);
    git(&project, "reset --quiet --hard").expect(0);
    for (sign, operation) in [("MERGE_HEAD", "merge"), ("rebase-merge", "rebase")] {
        project.write(&format!(".git/{sign}"), "");
        hp(&project, "tag v1 --git").refused(1, &[operation]);
        std::fs::remove_file(project.path(&format!(".git/{sign}"))).unwrap();
    }
    assert!(!project.path("data/versions").exists());
    assert!(!project.path("artifacts/data").exists());
}

#[test]
fn when_git_refuses_nothing_is_half_done() {
    use std::os::unix::fs::PermissionsExt;
    let project = checkout();
    project.write(
        ".git/hooks/pre-commit",
        "#!/bin/sh\necho not today >&2\nexit 1\n",
    );
    let hook = project.path(".git/hooks/pre-commit");
    std::fs::set_permissions(&hook, PermissionsExt::from_mode(0o755)).unwrap();
    hp(&project, "tag v1 --git").refused(1, &["not today", "v1 could not be committed"]);
    assert!(!project.path("data/versions/v1.json").exists());
    assert_eq!(git(&project, "status --porcelain").stdout, "");
    std::fs::remove_file(hook).unwrap();

    git(&project, "config --unset user.email").expect(0);
    git(&project, "config user.useConfigOnly true").expect(0);
    hp(&project, "tag v1 --git").refused(1, &["v1 could not be committed"]);
    assert_eq!(git(&project, "status --porcelain").stdout, "");
    git(&project, "config user.email a@example.org").expect(0);
    hp(&project, "tag v1 --git").expect(0);
}

#[test]
fn without_a_checkout_it_is_refused() {
    let project = Project::fetched();
    project
        .hp("data tag v1 --git")
        .refused(1, &["--git needs a git checkout", "git init"]);
    assert!(!project.path("data/versions").exists());
}
