//! What others were told last, in a file, so that each change is told once.

use super::Verdict;
use super::alert::conditions;
use hp_durable::{IoError, write_file};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The file of the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read or written.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It holds something else.
    #[error("`{}` is not the state of a check", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// The contents of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    /// The conditions that were met.
    met: Vec<String>,
}

/// The conditions that were met when others were told last; none before that.
///
/// # Errors
/// The file cannot be read, or is another one.
pub fn read_state(path: &Path) -> Result<Vec<String>, StateError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(IoError::of("read", path)(error).into()),
    };
    let state: State = serde_json::from_slice(&bytes).map_err(|source| StateError::Foreign {
        path: path.to_owned(),
        source,
    })?;
    Ok(state.met)
}

/// Remembers the conditions that are met.
///
/// # Errors
/// The file cannot be written.
pub fn write_state(path: &Path, verdict: &Verdict) -> Result<(), StateError> {
    let state = State {
        met: conditions(verdict),
    };
    let mut text = serde_json::to_vec(&state).map_err(|source| StateError::Foreign {
        path: path.to_owned(),
        source,
    })?;
    text.push(b'\n');
    Ok(write_file(path, &text)?)
}
