//! What comes from outside the arguments: the version, `.env`, git and the clock.

use crate::failure::{Code, Failure};
use anyhow::anyhow;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

/// The version of the program and the commit it was built from.
pub(crate) const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (", env!("HP_GIT_COMMIT"), ")");

/// Adds the variables of `.env` in the current folder, if there is one, to the environment; those
/// already set stay.
pub(crate) fn load_dotenv() -> Result<(), Failure> {
    match dotenvy::from_path(Path::new(".env")) {
        Ok(()) => Ok(()),
        Err(dotenvy::Error::Io(error)) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::new(
            Code::Configuration,
            anyhow!(error).context("`.env` cannot be read"),
        )
        .hint("correct it: one NAME=value a line")),
    }
}

/// The commit of the current folder, if it is a git checkout.
pub(crate) fn git_commit() -> Option<String> {
    let output = Command::new("git")
        .args(["rev-parse", "HEAD"])
        .output()
        .ok()?;
    let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    output.status.success().then_some(commit)
}
