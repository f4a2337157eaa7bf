//! Reading small text files that may come from anywhere.

use super::description::FORMAT_VERSION;
use super::error::DataVersionError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Most bytes of a file.
const MOST_BYTES: u64 = 64 << 10;

/// The part that every format has.
#[derive(Deserialize)]
struct Head {
    format_version: u32,
}

/// Reads the JSON file `path`; nothing when it does not exist.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, DataVersionError> {
    match path.symlink_metadata() {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(bad(path, "it is not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(DataVersionError::io("read", path)(error)),
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(DataVersionError::io("read", path))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(bad(path, format!("it has more than {MOST_BYTES} bytes")));
    }
    let syntax = |error: serde_json::Error| bad(path, error.to_string());
    let head: Head = serde_json::from_slice(&bytes).map_err(syntax)?;
    match head.format_version {
        FORMAT_VERSION => serde_json::from_slice(&bytes).map(Some).map_err(syntax),
        0 => Err(bad(path, "there is no format 0")),
        found => Err(DataVersionError::NewerFormat {
            path: path.to_owned(),
            found,
            supported: FORMAT_VERSION,
        }),
    }
}

/// What is wrong with the file `path`.
pub(super) fn bad(path: &Path, problem: impl Into<String>) -> DataVersionError {
    DataVersionError::BadDescription {
        path: path.to_owned(),
        problem: problem.into(),
    }
}

/// The JSON files in `folder`, as name without `.json` and path, in the order of their names; none
/// when the folder does not exist.
pub(super) fn list(folder: &Path) -> Result<Vec<(String, PathBuf)>, DataVersionError> {
    let failed = DataVersionError::io("read", folder);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(&failed)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(&failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".json")
            && !stem.starts_with('.')
        {
            files.push((stem.to_owned(), entry.path()));
        }
    }
    files.sort();
    Ok(files)
}

/// The text of a file.
pub(super) fn text(path: &Path, value: &impl Serialize) -> Result<Vec<u8>, DataVersionError> {
    let mut text = serde_json::to_vec_pretty(value)
        .map_err(io::Error::from)
        .map_err(DataVersionError::io("write", path))?;
    text.push(b'\n');
    Ok(text)
}
