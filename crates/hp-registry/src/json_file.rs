//! The registry's own JSON files: read with a limit and trusted in nothing, written whole.

use crate::error::RegistryError;
use hp_durable::{IoError, write_file};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// How a file must be for this hp to read it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Its longest length in bytes.
    pub(crate) bytes: u64,
    /// The newest `format_version`.
    pub(crate) format: u32,
}

/// Reads the file at `path`; `None` when there is none.
pub(crate) fn read<T: DeserializeOwned>(
    path: &Path,
    limits: Limits,
) -> Result<Option<T>, RegistryError> {
    let failed = IoError::of("read", path);
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found.map_err(failed)?,
    };
    let path = path.to_owned();
    if !found.is_file() {
        return Err(RegistryError::NotRegular { path });
    }
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(limits.bytes + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > limits.bytes {
        let limit = limits.bytes;
        return Err(RegistryError::TooLarge { path, limit });
    }
    let head: Head = match serde_json::from_slice(&bytes) {
        Ok(head) => head,
        Err(source) => return Err(RegistryError::Malformed { path, source }),
    };
    if head.format_version > limits.format {
        return Err(RegistryError::NewerFormat {
            path,
            found: head.format_version,
            supported: limits.format,
        });
    }
    match serde_json::from_slice(&bytes) {
        Ok(content) => Ok(Some(content)),
        Err(source) => Err(RegistryError::Malformed { path, source }),
    }
}

/// Writes `content` to `path`, which another process sees as it was or as it becomes.
pub(crate) fn write(
    path: &Path,
    content: &impl Serialize,
    limits: Limits,
) -> Result<(), RegistryError> {
    Ok(write_file(path, &text(path, content, limits)?)?)
}

/// What is to be written to `path`.
pub(crate) fn text(
    path: &Path,
    content: &impl Serialize,
    limits: Limits,
) -> Result<Vec<u8>, RegistryError> {
    let mut bytes =
        serde_json::to_vec_pretty(content).map_err(|source| RegistryError::Malformed {
            path: path.to_owned(),
            source,
        })?;
    bytes.push(b'\n');
    if bytes.len() as u64 > limits.bytes {
        // It could never be read again.
        return Err(RegistryError::TooLarge {
            path: path.to_owned(),
            limit: limits.bytes,
        });
    }
    Ok(bytes)
}

/// The part that every format has.
#[derive(Deserialize)]
struct Head {
    format_version: u32,
}
