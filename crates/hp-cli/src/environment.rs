//! What comes from outside the arguments: the version, `.env`, and how it was started.

use crate::failure::{Code, Failure};
use anyhow::anyhow;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;

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

/// Whether AWS Lambda has started the program.
pub(crate) fn is_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// The arguments. AWS Lambda gives none to the program that it starts, which is then a server.
pub(crate) fn arguments() -> impl Iterator<Item = OsString> {
    let given: Vec<_> = std::env::args_os().collect();
    let serve = given.len() < 2 && is_lambda();
    given.into_iter().chain(serve.then(|| "serve".into()))
}
