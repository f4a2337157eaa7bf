//! The three files of a data set as they are: handed out under the lock, and put in place.

use super::DataSet;
use super::status::fingerprint;
use crate::error::DataError;
use crate::manifest::DataManifest;
use hp_core::fingerprint::Fingerprint;
use hp_durable::Lock;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;

/// A published data set that nobody replaces while this lives.
pub(crate) struct Snapshot {
    /// Its manifest.
    pub(crate) manifest: DataManifest,
    /// Its files by name: the rows, the manifest, what was rejected.
    pub(crate) files: [(String, PathBuf); 3],
    _lock: Option<Lock>,
}

/// What lay in the place of a data set at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// None of its files.
    Nothing,
    /// A set whose manifest has this digest.
    Manifest(Fingerprint),
}

impl Snapshot {
    /// Checks the digest of the rows.
    pub(crate) fn check_rows(&self, actual: Fingerprint) -> Result<(), DataError> {
        let expected = self.manifest.fingerprint;
        if actual == expected {
            return Ok(());
        }
        Err(DataError::Changed {
            path: self.files[0].1.clone(),
            expected,
            actual,
        })
    }
}

impl DataSet {
    /// The files as they are, kept from being replaced.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, DataError> {
        let lock = self.publication().lock_for_reading()?;
        let manifest = self.read_manifest()?;
        Ok(Snapshot {
            manifest,
            files: self.files(),
            _lock: lock,
        })
    }

    /// Reads the data set to its end to check that it is as it was published, and gives its manifest.
    ///
    /// # Errors
    /// There is no data set, or it was changed after publication.
    pub fn check(&self) -> Result<DataManifest, DataError> {
        let snapshot = self.snapshot()?;
        let (_, path) = &snapshot.files[0];
        let failed = DataError::io("read", path);
        let actual = fingerprint(File::open(path).map_err(&failed)?).map_err(&failed)?;
        snapshot.check_rows(actual)?;
        Ok(snapshot.manifest)
    }

    /// Whether none of the files exists, not even one that was put there by hand.
    pub(crate) fn is_absent(&self) -> Result<bool, DataError> {
        let _lock = self.publication().lock_for_reading()?;
        Ok(self.lacks_all_files())
    }

    /// Puts three files in place, in the order of [`Snapshot::files`], all or nothing. They are to
    /// replace what was `seen`; `None` replaces anything.
    pub(crate) fn replace(
        &self,
        contents: [&mut dyn Read; 3],
        seen: Option<Seen>,
    ) -> Result<(), DataError> {
        let [csv, manifest, rejected] = contents;
        let [csv_name, manifest_name, rejected_name] = self.file_names();
        let files = [
            (csv_name, csv),
            (manifest_name, manifest),
            (rejected_name, rejected),
        ];
        self.publication().publish(files, &|| match seen {
            Some(seen) if self.look()? != Some(seen) => Err(DataError::Overtaken {
                path: self.csv_path(),
            }),
            _ => Ok(()),
        })
    }

    /// What lies there now; nothing when it is neither a data set nor nothing. The lock must be
    /// held.
    fn look(&self) -> Result<Option<Seen>, DataError> {
        let path = self.manifest_path();
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(Seen::Manifest(Fingerprint::of(&bytes)))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(self.lacks_all_files().then_some(Seen::Nothing))
            }
            Err(error) => Err(DataError::io("read", &path)(error)),
        }
    }

    fn lacks_all_files(&self) -> bool {
        let exists = |(_, path): &(String, PathBuf)| path.symlink_metadata().is_ok();
        !self.files().iter().any(exists)
    }

    fn files(&self) -> [(String, PathBuf); 3] {
        self.file_names().map(|name| {
            let path = self.folder.join(&name);
            (name, path)
        })
    }
}
