//! `data_config.yaml`: where a data set comes from, what its columns may hold, how it is split.

mod read;

use crate::fingerprint::Fingerprint;
use crate::schema::Schema;
use crate::yaml::{self, ConfigError, Mapping, Problems};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A checked `data_config.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DataConfig {
    /// Name of the data set; its files are called after it.
    pub name: String,
    /// Where to get it, tried in order; never empty.
    pub sources: Vec<Source>,
    /// How column names of a source become names of the schema.
    pub rename: Rename,
    /// Columns of the source, after renaming, that are left out on purpose.
    pub drop: Vec<String>,
    /// Features and target.
    pub schema: Schema,
    /// Largest share of rows that may be rejected, 0 to 1.
    pub max_rejected: f64,
    /// How rows are divided into training and test rows.
    pub split: Split,
    /// Limits of a download.
    pub download: Download,
    /// What the model card says about the data and the use of its models.
    pub card: Card,
}

/// The words of a model card that no program can know; each may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Card {
    /// What the data set is and where it comes from.
    pub data: String,
    /// What its models are for.
    pub intended_use: String,
    /// What they are not for.
    pub limitations: String,
    /// Ethical considerations.
    pub ethics: String,
}

/// One place a data set can be had from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Where it is.
    pub location: Location,
    /// What its bytes must hash to, when known.
    pub sha256: Option<Fingerprint>,
}

/// A place on the network or on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Location {
    /// An `http://` or `https://` address.
    Url(String),
    /// A file.
    Path(PathBuf),
}

impl Location {
    /// Reads a location as a user types it: an address when it begins with `http://` or
    /// `https://`, otherwise a path.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with("http://") || text.starts_with("https://") {
            Self::Url(text.to_owned())
        } else {
            Self::Path(PathBuf::from(text))
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}

/// How column names of a source become names of the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rename {
    /// They stay as they are.
    Keep,
    /// They become upper case.
    Upper,
    /// They become lower case.
    Lower,
    /// Those named change, the others stay.
    Map(BTreeMap<String, String>),
}

impl Rename {
    /// The schema's name of a source's column.
    #[must_use]
    pub fn apply(&self, name: &str) -> String {
        match self {
            Self::Keep => name.to_owned(),
            Self::Upper => name.to_uppercase(),
            Self::Lower => name.to_lowercase(),
            Self::Map(names) => names.get(name).map_or(name, String::as_str).to_owned(),
        }
    }
}

/// How rows are divided into training and test rows, as scikit-learn's `train_test_split` does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// Share of the rows held out, strictly between 0 and 1.
    pub test_size: f64,
    /// Seed of the permutation.
    pub random_state: u32,
}

/// Limits of a download.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Download {
    /// Most bytes that are accepted.
    pub max_bytes: u64,
    /// Seconds to wait for a connection.
    pub connect_timeout: f64,
    /// Seconds to wait for the next bytes.
    pub idle_timeout: f64,
    /// How often a download is tried again after a passing fault.
    pub retries: usize,
}

impl DataConfig {
    /// Parses and checks `text`; `file` is its name for errors.
    ///
    /// # Errors
    /// Every problem of the file, with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let root = yaml::parse(file, text)?;
        let problems = Problems::new(file, text);
        let config = Mapping::open("the data configuration", &root, &problems)
            .and_then(|top| read::read(top, &problems));
        problems.into_result(config)
    }
}
