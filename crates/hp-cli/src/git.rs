//! The one place that runs `git`: what is checked out, and committing and tagging one file.
//!
//! The program is the one on the PATH, and its own variables (`GIT_DIR`, `GIT_WORK_TREE`, …) are
//! respected. It is never left waiting for an answer.

use crate::failure::{Code, Failure};
use anyhow::anyhow;
use hp_registry::run::GitState;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A git checkout.
#[derive(Debug)]
pub(crate) struct Repository {
    folder: PathBuf,
}

impl Repository {
    /// The checkout that `folder` is in; none when there is none or no git.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        Self::open(folder).ok()
    }

    /// The checkout that `folder` is in.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let repository = Self {
            folder: folder.to_owned(),
        };
        let inside = repository.ask(&["rev-parse", "--is-inside-work-tree"])?;
        if inside == "true" {
            Ok(repository)
        } else {
            let error = anyhow!("`{}` is in no git checkout", folder.display());
            Err(Failure::new(Code::Failed, error))
        }
    }

    /// What is checked out; none before the first commit.
    pub(crate) fn state(&self) -> Option<GitState> {
        let status = self
            .ask(&[
                "status",
                "--porcelain=v2",
                "--branch",
                "--untracked-files=no",
                "--ignore-submodules=untracked",
            ])
            .ok()?;
        let header = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
        let commit = header("# branch.oid ").filter(|commit| *commit != "(initial)")?;
        let branch = header("# branch.head ").filter(|branch| *branch != "(detached)");
        let remote = self.ask(&["config", "--get", "remote.origin.url"]).ok();
        Some(GitState {
            commit: commit.to_owned(),
            branch: branch.map(str::to_owned),
            dirty: status.lines().any(|line| !line.starts_with('#')),
            remote: remote.map(|address| without_credentials(&address)),
        })
    }

    /// The names of the tags that begin with `prefix`.
    pub(crate) fn tags(&self, prefix: &str) -> Result<BTreeSet<String>, Failure> {
        let names = self.ask(&["tag", "--list", &format!("{prefix}*")])?;
        Ok(names.lines().map(str::to_owned).collect())
    }

    /// Makes sure that a file can be committed alone and the tag `tag` be set.
    pub(crate) fn check_ready(&self, tag: &str) -> Result<(), Failure> {
        if self.tags(tag)?.contains(tag) {
            return Err(refused(format!("git has a tag `{tag}` already")).hint(
                "a tag stays what it is; `git show` says what it is, another version needs another name",
            ));
        }
        if let Some(operation) = self.unfinished()? {
            return Err(refused(format!("git is in the middle of a {operation}"))
                .hint("finish or abort it first"));
        }
        if !self.succeeds(&["diff", "--cached", "--quiet"])? {
            return Err(
                refused("git has staged changes, which would be mixed up with the commit")
                    .hint("commit them, or take them back with `git restore --staged .`"),
            );
        }
        Ok(())
    }

    /// Commits `file` and nothing else, unless the last commit has it as it is. When git refuses,
    /// the file is staged no longer.
    pub(crate) fn commit_file(&self, file: &Path, message: &str) -> Result<(), Failure> {
        let file = std::path::absolute(file)?;
        let name = file.display().to_string();
        if self.ignores(&name)? {
            return Err(refused(format!("git ignores `{name}`")).hint(
                "add `!data/versions` to .gitignore, after `data/*` where that says `data/`",
            ));
        }
        self.ask(&["add", "--", &name])?;
        if self.succeeds(&["diff", "--cached", "--quiet", "--", &name])? {
            return Ok(());
        }
        let committed = self.ask(&["commit", "--quiet", "--message", message, "--", &name]);
        if committed.is_err() {
            // The first error is the one to report.
            let _ = self.ask(&["reset", "--quiet", "--", &name]);
        }
        committed.map(|_| ())
    }

    /// Sets an annotated tag on what is checked out.
    pub(crate) fn tag(&self, name: &str, message: &str) -> Result<(), Failure> {
        self.ask(&["tag", "--annotate", "--message", message, "--", name])
            .map(|_| ())
    }

    /// Whether the file is one that git does not track and is told not to.
    fn ignores(&self, name: &str) -> Result<bool, Failure> {
        // `git check-ignore` takes no literal path.
        let list = ["ls-files", "--others", "--ignored", "--exclude-standard"];
        let ignored = self.ask(&[list.as_slice(), &["--", name]].concat())?;
        Ok(!ignored.is_empty())
    }

    /// What was begun and waits to be finished.
    fn unfinished(&self) -> Result<Option<&'static str>, Failure> {
        const SIGNS: [(&str, &str); 5] = [
            ("MERGE_HEAD", "merge"),
            ("rebase-merge", "rebase"),
            ("rebase-apply", "rebase"),
            ("CHERRY_PICK_HEAD", "cherry-pick"),
            ("REVERT_HEAD", "revert"),
        ];
        for (sign, operation) in SIGNS {
            let path = self.ask(&["rev-parse", "--git-path", sign])?;
            if self.folder.join(path).exists() {
                return Ok(Some(operation));
            }
        }
        Ok(None)
    }

    /// What git answers, without the line's end.
    fn ask(&self, args: &[&str]) -> Result<String, Failure> {
        let output = self.run(args)?;
        if !output.status.success() {
            return Err(failure(args, &output));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.trim_end().to_owned())
    }

    /// Whether git says yes (0) or no (1).
    fn succeeds(&self, args: &[&str]) -> Result<bool, Failure> {
        let output = self.run(args)?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failure(args, &output)),
        }
    }

    fn run(&self, args: &[&str]) -> Result<Output, Failure> {
        Command::new("git")
            .args(args)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_EDITOR", ":")
            // Reading the status must not get in the way of another git.
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .output()
            .map_err(|error| {
                let failure = Failure::from(error).context("cannot run `git`");
                failure.hint("install git, or do without it")
            })
    }
}

/// What git said when it failed.
fn failure(args: &[&str], output: &Output) -> Failure {
    let said = [&output.stderr, &output.stdout]
        .map(|text| String::from_utf8_lossy(text).trim().to_owned())
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| output.status.to_string());
    let command = args.first().copied().unwrap_or_default();
    Failure::new(Code::Failed, anyhow!("`git {command}` failed: {said}"))
}

fn refused(problem: impl Into<String>) -> Failure {
    Failure::new(Code::Failed, anyhow!(problem.into()))
}

/// The address without `user:password@`. In `git@host:path` there is no secret.
fn without_credentials(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Repository, without_credentials};
    use std::path::Path;
    use std::process::Command;

    fn git(folder: &Path, args: &str) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=A", "-c", "user.email=a@b.c"]);
        command.args(args.split(' ')).current_dir(folder);
        assert!(command.output().unwrap().status.success(), "git {args}");
    }

    #[test]
    fn a_checkout_says_what_is_checked_out() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert!(Repository::of(folder).is_none());
        git(folder, "init --quiet --initial-branch=work");
        let repository = Repository::of(folder).unwrap();
        assert!(repository.state().is_none());
        std::fs::write(folder.join("a"), "1").unwrap();
        git(folder, "add a");
        git(folder, "commit --quiet --message one");
        let clean = repository.state().unwrap();
        assert_eq!(clean.branch.as_deref(), Some("work"));
        assert_eq!(
            (clean.commit.len(), clean.dirty, clean.remote),
            (40, false, None)
        );

        std::fs::write(folder.join("untracked"), "1").unwrap();
        git(folder, "remote add origin https://me:secret@host/a.git");
        let state = repository.state().unwrap();
        assert!(!state.dirty);
        assert_eq!(state.remote.as_deref(), Some("https://host/a.git"));
        std::fs::write(folder.join("a"), "2").unwrap();
        assert!(repository.state().unwrap().dirty);
        git(folder, "add a");
        assert!(repository.state().unwrap().dirty);
        git(folder, "reset --quiet --hard");
        git(folder, "checkout --quiet --detach");
        let detached = repository.state().unwrap();
        assert_eq!((detached.branch, detached.dirty), (None, false));
    }

    #[test]
    fn an_address_loses_its_credentials_alone() {
        for (address, shown) in [
            ("https://u:p@host/a/b.git", "https://host/a/b.git"),
            ("https://token@host:8443/a@b", "https://host:8443/a@b"),
            ("https://u:p@ss@host", "https://host"),
            ("https://host/a.git", "https://host/a.git"),
            ("git@host:a/b.git", "git@host:a/b.git"),
            ("../other", "../other"),
        ] {
            assert_eq!(without_credentials(address), shown);
        }
    }
}
