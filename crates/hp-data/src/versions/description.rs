//! What a data version consists of, as pointers and the store write it.

use hp_core::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};

/// The newest format of pointers and of the store's descriptions.
pub(super) const FORMAT_VERSION: u32 = 1;

/// Most bytes of a file of a data set, 64 GiB; a description that says more is lying.
const MOST_BYTES: u64 = 1 << 36;

/// A data set at one time: three files, each by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataVersion {
    /// The name of the data set.
    pub name: String,
    /// The digest of its rows in canonical form, by which models name what they were trained on.
    pub fingerprint: Fingerprint,
    /// Number of rows.
    pub rows: u64,
    /// Its files.
    pub files: DataFiles,
}

/// The files of a data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFiles {
    /// The rows.
    pub csv: DataFile,
    /// The manifest.
    pub manifest: DataFile,
    /// What was wrong with the rejected rows.
    pub rejected: DataFile,
}

/// A file by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Its name.
    pub name: String,
    /// The digest of its bytes.
    pub sha256: Fingerprint,
    /// How many there are.
    pub bytes: u64,
}

impl DataFiles {
    /// The rows, the manifest, what was rejected.
    #[must_use]
    pub fn all(&self) -> [&DataFile; 3] {
        [&self.csv, &self.manifest, &self.rejected]
    }
}

impl DataVersion {
    /// Whether its parts fit together; the error says what is wrong.
    pub(super) fn check(&self) -> Result<(), String> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let name = &self.name;
        if name.is_empty() || name.len() > 200 || !name.chars().all(allowed) {
            return Err("`name` is not the name of a data set".to_owned());
        }
        for (file, end) in
            self.files
                .all()
                .into_iter()
                .zip(["csv", "manifest.json", "rejected.csv"])
        {
            if file.name != format!("{name}.{end}") {
                let found: String = file.name.chars().take(100).collect();
                return Err(format!("`{found}` stands where `{name}.{end}` is expected"));
            }
            if file.bytes > MOST_BYTES {
                return Err(format!(
                    "`{name}.{end}` is said to have {} bytes",
                    file.bytes
                ));
            }
        }
        if self.files.csv.sha256 != self.fingerprint {
            return Err("`fingerprint` is not the sha256 of the rows".to_owned());
        }
        Ok(())
    }
}
