//! One archive of a version, `v1.0.0.tar.zst`, with its checksum beside it.

mod read;
mod write;

pub(crate) use read::unpack;
pub use write::{Extra, Packaged, package};

use crate::error::ArtifactError;
use crate::files;
use hp_core::fingerprint::{Fingerprint, Hasher};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Compares the archive at `path` with the checksum file beside it, if there is one.
pub(crate) fn check_digest(path: &Path) -> Result<(), ArtifactError> {
    let text = match std::fs::read_to_string(checksum_path(path)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        text => text.map_err(ArtifactError::io(&checksum_path(path), "read"))?,
    };
    let expected = text.split_ascii_whitespace().next().unwrap_or_default();
    let found = digest(path)?;
    if found.to_string() == expected {
        return Ok(());
    }
    Err(ArtifactError::Damaged {
        path: path.to_owned(),
        expected: expected.to_owned(),
        found,
    })
}

/// Where the checksum of an archive is: its name with `.sha256` added.
#[must_use]
pub fn checksum_path(archive: &Path) -> PathBuf {
    let mut path = archive.as_os_str().to_owned();
    path.push(".sha256");
    PathBuf::from(path)
}

fn digest(path: &Path) -> Result<Fingerprint, ArtifactError> {
    let failed = || ArtifactError::io(path, "read");
    let mut reader = BufReader::with_capacity(1 << 16, files::open_regular(path)?);
    let mut hasher = Hasher::default();
    loop {
        let bytes = reader.fill_buf().map_err(failed())?;
        if bytes.is_empty() {
            return Ok(hasher.finish());
        }
        hasher.update(bytes);
        let length = bytes.len();
        reader.consume(length);
    }
}
