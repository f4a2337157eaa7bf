//! The bytes of data sets, kept by their digest so that each is there once.

use super::description::{DataFile, DataFiles, DataVersion, FORMAT_VERSION};
use super::error::DataVersionError;
use super::{objects, small_file};
use crate::dataset::DataSet;
use crate::manifest::DataManifest;
use hp_core::fingerprint::Fingerprint;
use hp_durable::{sync_folder, write_file};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Most bytes of a manifest.
const MOST_OF_MANIFEST: u64 = 16 << 20;

/// A folder with the bytes of data sets: `<aa>/<sha256>.zst` for every file, and
/// `sets/<fingerprint>.json`, which says what files a data set was kept with last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectStore {
    folder: PathBuf,
}

/// The text of `sets/<fingerprint>.json`.
#[derive(Serialize, Deserialize)]
struct Description {
    format_version: u32,
    #[serde(flatten)]
    version: DataVersion,
}

impl ObjectStore {
    /// The store in `folder`, which need not exist. Touches nothing.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps the bytes of `data_set` as they are. Nothing is written when all of them are there.
    ///
    /// # Errors
    /// There is no data set, it was changed after publication, or the folder cannot be written.
    pub fn keep(&self, data_set: &DataSet) -> Result<DataVersion, DataVersionError> {
        let snapshot = data_set.snapshot()?;
        let describe = |(name, path): &(String, PathBuf)| objects::describe(name, path);
        let [csv, manifest, rejected] = &snapshot.files;
        let files = DataFiles {
            csv: describe(csv)?,
            manifest: describe(manifest)?,
            rejected: describe(rejected)?,
        };
        snapshot.check_rows(files.csv.sha256)?;
        let version = DataVersion {
            name: data_set.name().to_owned(),
            fingerprint: files.csv.sha256,
            rows: snapshot.manifest.rows_valid,
            files,
        };
        let mut is_new = false;
        for (file, (_, path)) in version.files.all().into_iter().zip(&snapshot.files) {
            is_new |= objects::store(&self.folder, file, path)?;
        }
        if is_new {
            sync_folder(&self.folder)?;
        }
        self.describe(&version)?;
        Ok(version)
    }

    /// What was kept with this fingerprint last, if anything was.
    ///
    /// # Errors
    /// Its description is not sound.
    pub fn get(&self, fingerprint: Fingerprint) -> Result<Option<DataVersion>, DataVersionError> {
        let path = self.description_path(fingerprint);
        let Some(Description { version, .. }) = small_file::read(&path)? else {
            return Ok(None);
        };
        version
            .check()
            .map_err(|problem| small_file::bad(&path, problem))?;
        if version.fingerprint != fingerprint {
            return Err(small_file::bad(&path, "it is named like another data set"));
        }
        Ok(Some(version))
    }

    /// Everything that is kept, by the names of the descriptions.
    ///
    /// # Errors
    /// The folder cannot be read.
    #[expect(clippy::type_complexity, reason = "each has its own error")]
    pub fn all(
        &self,
    ) -> Result<Vec<(String, Result<DataVersion, DataVersionError>)>, DataVersionError> {
        let read = |(name, path): (String, PathBuf)| {
            let version = match name.parse() {
                Ok(fingerprint) => self.get(fingerprint).and_then(|version| {
                    version.ok_or_else(|| small_file::bad(&path, "it has just been removed"))
                }),
                Err(_) => Err(small_file::bad(&path, "it is not named like a fingerprint")),
            };
            (name, version)
        };
        let files = small_file::list(&self.folder.join("sets"))?;
        Ok(files.into_iter().map(read).collect())
    }

    /// Whether there are objects for all files of `version`, damaged or not.
    #[must_use]
    pub fn has(&self, version: &DataVersion) -> bool {
        let files = version.files.all();
        files
            .into_iter()
            .all(|file| objects::object_path(&self.folder, file).is_file())
    }

    /// Opens a kept file. Reading it to its end fails unless it is as described.
    ///
    /// # Errors
    /// It is not there or cannot be opened.
    pub fn open(&self, file: &DataFile) -> Result<impl Read + use<>, DataVersionError> {
        objects::open(&self.folder, file)
    }

    /// Reads all files of `version` and checks that they are what it says.
    ///
    /// # Errors
    /// The first file that is missing, damaged, or does not fit the others.
    pub fn check(&self, version: &DataVersion) -> Result<(), DataVersionError> {
        for file in version.files.all() {
            objects::check(&self.folder, file)?;
        }
        self.check_manifest(version)
    }

    /// Checks that the manifest is of these rows.
    pub(super) fn check_manifest(&self, version: &DataVersion) -> Result<(), DataVersionError> {
        let file = &version.files.manifest;
        let path = objects::object_path(&self.folder, file);
        let damaged = |source| DataVersionError::Damaged {
            path: path.clone(),
            name: file.name.clone(),
            source,
        };
        let mut bytes = Vec::new();
        self.open(file)?
            .take(MOST_OF_MANIFEST)
            .read_to_end(&mut bytes)
            .map_err(damaged)?;
        let manifest = DataManifest::parse(&path, &bytes)?;
        if manifest.fingerprint == version.fingerprint && manifest.rows_valid == version.rows {
            Ok(())
        } else {
            Err(damaged(io::Error::other(
                "it is the manifest of other rows",
            )))
        }
    }

    /// Writes the description of `version`, unless it is there.
    fn describe(&self, version: &DataVersion) -> Result<(), DataVersionError> {
        match self.get(version.fingerprint) {
            Ok(Some(there)) if there == *version => return Ok(()),
            Ok(_) | Err(DataVersionError::BadDescription { .. }) => {}
            Err(error) => return Err(error),
        }
        let path = self.description_path(version.fingerprint);
        let folder = self.folder.join("sets");
        fs::create_dir_all(&folder).map_err(DataVersionError::io("create", &folder))?;
        let description = Description {
            format_version: FORMAT_VERSION,
            version: version.clone(),
        };
        Ok(write_file(&path, &small_file::text(&path, &description)?)?)
    }

    fn description_path(&self, fingerprint: Fingerprint) -> PathBuf {
        self.folder.join("sets").join(format!("{fingerprint}.json"))
    }
}
