//! What comes from outside the arguments: the version, `.env`, and how it was started.

use crate::failure::{Code, Failure};
use anyhow::anyhow;
use clap::Command;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;

/// The version of the program and the commit it was built from.
pub(crate) const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (", env!("HP_GIT_COMMIT"), ")");

/// Adds the variables of `.env` in the current folder, if there is one, to the environment; those
/// already set stay.
pub(crate) fn load_dotenv() -> Result<(), Failure> {
    let bytes = match fs::read(".env") {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            let error = anyhow!(error).context("`.env` cannot be read");
            return Err(Failure::new(Code::Configuration, error));
        }
    };
    let text = str::from_utf8(&bytes).map_err(|error| broken(&bytes, error.valid_up_to()))?;
    // The environment takes no such character.
    if let Some(at) = text.find('\0') {
        return Err(broken(&bytes, at));
    }
    match dotenvy::from_read(text.as_bytes()) {
        Ok(()) => Ok(()),
        Err(dotenvy::Error::LineParse(line, _)) => {
            Err(broken(&bytes, text.find(&line).unwrap_or_default()))
        }
        Err(_) => Err(broken(&bytes, 0)),
    }
}

/// The failure of a `.env` whose byte `at` is wrong. It never shows the line, which may be a secret.
fn broken(bytes: &[u8], at: usize) -> Failure {
    let before = bytes.iter().take(at);
    let line = 1 + before.filter(|&&byte| byte == b'\n').count();
    let error = anyhow!("`.env` line {line} is not NAME=value");
    Failure::new(Code::Configuration, error)
        .hint("quote a value with spaces; a line that begins with # is a comment")
}

/// Who runs the program: the name in the environment, or else the number of the user.
#[cfg(feature = "pipeline")]
pub(crate) fn user() -> Option<String> {
    let names = ["USER", "LOGNAME"].into_iter();
    let named = names
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.is_empty());
    let number = || format!("uid {}", rustix::process::getuid().as_raw());
    named.or_else(|| Some(number()))
}

/// The command without the variables that are set but empty, such as `HP_STORE=` in a `.env` file:
/// they say nothing.
pub(crate) fn without_empty_variables(command: Command) -> Command {
    command
        .mut_args(|arg| {
            let value = arg.get_env().and_then(std::env::var_os);
            if value.is_some_and(|value| value.is_empty()) {
                arg.env(None)
            } else {
                arg
            }
        })
        .mut_subcommands(without_empty_variables)
}

/// Whether AWS Lambda has started the program.
pub(crate) fn is_lambda() -> bool {
    is_set("AWS_LAMBDA_RUNTIME_API")
}

/// Refuses what only looks like AWS Lambda.
pub(crate) fn check_lambda() -> Result<(), Failure> {
    let expected = [
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    ];
    match expected.into_iter().find(|name| !is_set(name)) {
        Some(missing) => {
            let error = anyhow!("`AWS_LAMBDA_RUNTIME_API` is set but `{missing}` is not");
            Err(Failure::new(Code::Failed, error)
                .hint("AWS Lambda sets them all; elsewhere unset the first"))
        }
        None => Ok(()),
    }
}

/// The arguments. AWS Lambda gives none to the program that it starts, which is then a server.
pub(crate) fn arguments() -> impl Iterator<Item = OsString> {
    let given: Vec<_> = std::env::args_os().collect();
    let serve = given.len() < 2 && is_lambda();
    given.into_iter().chain(serve.then(|| "serve".into()))
}

/// Whether a variable of the environment says something.
fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}
