//! Where the files of an artifact are read from: a folder, or an archive unpacked in memory.

use crate::archive;
use crate::error::ArtifactError;
use crate::manifest::{self, FileEntry, MANIFEST_FILE};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The files of an artifact.
pub(crate) enum Files {
    /// A version's folder.
    Folder(PathBuf),
    /// The entries of an archive by name.
    Archive {
        /// Where the archive is.
        path: PathBuf,
        /// Their bytes.
        entries: BTreeMap<String, Vec<u8>>,
    },
}

impl Files {
    /// Opens `path`, a folder or an archive.
    pub(crate) fn open(path: &Path) -> Result<Self, ArtifactError> {
        let metadata = fs::metadata(path).map_err(ArtifactError::io(path, "read"))?;
        let path = path.to_owned();
        if metadata.is_dir() {
            return Ok(Self::Folder(path));
        }
        let entries = archive::unpack(&path)?;
        Ok(Self::Archive { path, entries })
    }

    /// The path of the file `name`, for errors.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        match self {
            Self::Folder(path) | Self::Archive { path, .. } => path.join(name),
        }
    }

    /// The manifest's bytes.
    pub(crate) fn manifest(&self) -> Result<Cow<'_, [u8]>, ArtifactError> {
        let bytes = self.read(MANIFEST_FILE, manifest::MAX_BYTES)?;
        if bytes.len() as u64 > manifest::MAX_BYTES {
            return Err(ArtifactError::TooLarge {
                path: self.path_of(MANIFEST_FILE),
                limit: manifest::MAX_BYTES,
            });
        }
        Ok(bytes)
    }

    /// The bytes of the file `name`, as many as `entry` lists.
    pub(crate) fn listed(
        &self,
        name: &str,
        entry: FileEntry,
    ) -> Result<Cow<'_, [u8]>, ArtifactError> {
        let bytes = self.read(name, entry.bytes)?;
        if bytes.len() as u64 == entry.bytes {
            return Ok(bytes);
        }
        let path = self.path_of(name);
        let found = match self {
            // Only the beginning of a file that is too long was read.
            Self::Folder(_) => fs::metadata(&path)
                .map_err(ArtifactError::io(&path, "read"))?
                .len(),
            Self::Archive { .. } => bytes.len() as u64,
        };
        Err(ArtifactError::Length {
            path,
            expected: entry.bytes,
            found,
        })
    }

    /// The names of everything in a folder; nothing for an archive, which holds more than models.
    pub(crate) fn names_in_folder(&self) -> Result<Vec<String>, ArtifactError> {
        let Self::Folder(path) = self else {
            return Ok(Vec::new());
        };
        let failed = || ArtifactError::io(path, "read");
        let mut names = Vec::new();
        for entry in fs::read_dir(path).map_err(failed())? {
            let name = entry.map_err(failed())?.file_name();
            names.push(name.to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// The bytes of the file `name`; of a longer one than `expected` one byte more than that.
    fn read(&self, name: &str, expected: u64) -> Result<Cow<'_, [u8]>, ArtifactError> {
        let path = self.path_of(name);
        match self {
            Self::Folder(_) => read_up_to(&path, expected).map(Cow::Owned),
            Self::Archive { entries, .. } => match entries.get(name) {
                Some(bytes) => Ok(Cow::Borrowed(bytes)),
                None => Err(ArtifactError::Missing { path }),
            },
        }
    }
}

/// Opens a regular file; opening a pipe or a device could wait or read forever.
pub(crate) fn open_regular(path: &Path) -> Result<File, ArtifactError> {
    let failed = || ArtifactError::io(path, "read");
    if !fs::metadata(path).map_err(failed())?.is_file() {
        return Err(ArtifactError::Foreign {
            path: path.to_owned(),
        });
    }
    File::open(path).map_err(failed())
}

fn read_up_to(path: &Path, expected: u64) -> Result<Vec<u8>, ArtifactError> {
    let failed = || ArtifactError::io(path, "read");
    let file = open_regular(path)?;
    let length = file.metadata().map_err(failed())?.len().min(expected);
    // One byte of room tells the reader that the end was reached without growing.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(expected.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed())?;
    Ok(bytes)
}
