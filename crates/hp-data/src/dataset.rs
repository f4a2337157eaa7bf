//! A data set on disk: three files that are published together and read back checked.

mod canonical;
mod exchange;
mod publication;
mod status;

pub(crate) use exchange::Seen;
pub use status::Stale;

use crate::error::DataError;
use crate::manifest::{DataManifest, Origin};
use crate::validate::Validated;
use hp_core::config::DataConfig;
use hp_core::fingerprint::Fingerprint;
use hp_core::schema::Schema;
use hp_core::table::Table;
use publication::Publication;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The files of a data set in a folder: `<name>.csv`, `<name>.manifest.json` and
/// `<name>.rejected.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSet {
    folder: PathBuf,
    name: String,
}

/// The fingerprint that `table` has, or would have, as a data set: the digest of its canonical CSV.
#[must_use]
pub fn canonical_fingerprint(schema: &Schema, table: &Table) -> Fingerprint {
    Fingerprint::of(&canonical::write(schema, table))
}

impl DataSet {
    /// The data set `name` in `folder`, whether it exists or not.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, name: &str) -> Self {
        Self {
            folder: folder.into(),
            name: name.to_owned(),
        }
    }

    /// The name that its files begin with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The valid rows in canonical form: features in the schema's order, then the target, each
    /// number in its shortest spelling, lines ending in `\n`.
    #[must_use]
    pub fn csv_path(&self) -> PathBuf {
        self.folder.join(self.file_names()[0].clone())
    }

    /// The [`DataManifest`] as JSON.
    #[must_use]
    pub fn manifest_path(&self) -> PathBuf {
        self.folder.join(self.file_names()[1].clone())
    }

    /// Everything that was wrong with the rejected rows: line, column, value, rule.
    #[must_use]
    pub fn rejected_path(&self) -> PathBuf {
        self.folder.join(self.file_names()[2].clone())
    }

    /// Replaces the data set by the valid rows of `validated`. The three files change together:
    /// whenever the process or the machine stops, [`load`](Self::load) sees the old or the new set.
    ///
    /// # Errors
    /// There are no rows, or the folder cannot be written. The old data set stays, unless the new
    /// one was complete already: what then fails is moving its files to their places, which the
    /// next call of any function of this data set finishes.
    pub fn publish(
        &self,
        validated: &Validated,
        config: &DataConfig,
        origin: &Origin,
    ) -> Result<DataManifest, DataError> {
        if validated.table.n_rows() == 0 {
            return Err(DataError::NoRows {
                file: origin.source.clone(),
            });
        }
        let csv = canonical::write(&config.schema, &validated.table);
        let manifest = DataManifest::new(validated, config, origin, Fingerprint::of(&csv));
        let failed = DataError::io("write", &self.folder);
        let mut json = serde_json::to_string_pretty(&manifest)
            .map_err(io::Error::from)
            .map_err(&failed)?;
        json.push('\n');
        let [csv_name, manifest_name, rejected_name] = self.file_names();
        let files: [(String, &mut dyn Read); 3] = [
            (csv_name, &mut csv.as_slice()),
            (manifest_name, &mut json.as_bytes()),
            (rejected_name, &mut validated.rejected_csv.reader()),
        ];
        self.publication().publish(files, &|| Ok(()))?;
        Ok(manifest)
    }

    /// Reads the data set back, after finishing a publication that was interrupted.
    ///
    /// # Errors
    /// There is no data set, it was changed after publication, or it has other columns than
    /// `schema`.
    pub fn load(&self, schema: &Schema) -> Result<(Table, DataManifest), DataError> {
        let snapshot = self.snapshot()?;
        let path = self.csv_path();
        let csv = read(&path)?;
        snapshot.check_rows(Fingerprint::of(&csv))?;
        let table = canonical::read(schema, &csv).ok_or(DataError::OtherSchema { path })?;
        Ok((table, snapshot.manifest))
    }

    /// Reads the manifest alone.
    ///
    /// # Errors
    /// There is no data set, or its manifest cannot be understood.
    pub fn manifest(&self) -> Result<DataManifest, DataError> {
        let _lock = self.publication().lock_for_reading()?;
        self.read_manifest()
    }

    fn read_manifest(&self) -> Result<DataManifest, DataError> {
        let path = self.manifest_path();
        DataManifest::parse(&path, &read(&path)?)
    }

    fn file_names(&self) -> [String; 3] {
        ["csv", "manifest.json", "rejected.csv"].map(|end| format!("{}.{end}", self.name))
    }

    fn publication(&self) -> Publication<'_> {
        Publication {
            folder: &self.folder,
            name: &self.name,
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => DataError::NotFetched {
            path: path.to_owned(),
        },
        _ => DataError::io("read", path)(error),
    })
}
