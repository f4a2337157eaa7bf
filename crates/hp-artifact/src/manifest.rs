//! `manifest.json`: what a version was trained from, what it contains, which methods it serves.
//!
//! There is no time of day in it: the same data, configuration and code give the same bytes.

mod changes;
mod check;
mod inputs;

pub use changes::Change;
pub(crate) use check::is_plain;
pub use inputs::TrainingInputs;

use crate::error::ArtifactError;
use hp_core::config::{Role, Split};
use hp_core::fingerprint::Fingerprint;
use hp_core::method::MethodConfig;
use hp_core::schema::Schema;
use hp_core::training::{CrossValidation, Serving};
use hp_core::version::ModelVersion;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The name of the manifest in a version's folder.
pub const MANIFEST_FILE: &str = "manifest.json";

/// The name of the preprocessor in a version's folder.
pub const PREPROCESSOR_FILE: &str = "preprocessor.bin";

/// The name of the training reference in a version's folder; versions of older hp have none.
pub const REFERENCE_FILE: &str = "reference.json";

/// The newest format of the manifest.
pub(crate) const FORMAT: u32 = 1;

/// Largest manifest that is read.
pub(crate) const MAX_BYTES: u64 = 16 << 20;

/// A version of the models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of this manifest.
    pub format_version: u32,
    /// The version of the models.
    pub model_version: ModelVersion,
    /// The hp that trained it.
    pub hp_version: String,
    /// The commit of the project it was trained in, when that is a git checkout.
    #[serde(default)]
    pub git_commit: Option<String>,
    /// What it was trained on.
    pub data: DataSummary,
    /// The columns.
    pub schema: Schema,
    /// The first training row, as an example of an input.
    pub example: serde_json::Map<String, serde_json::Value>,
    /// Number of cross-validation folds.
    pub folds: usize,
    /// The methods in the order of the configuration.
    pub methods: Vec<MethodEntry>,
    /// Which methods are served.
    pub serving: Serving,
    /// Every other file of the version by name.
    pub files: BTreeMap<String, FileEntry>,
}

/// The data set and how it was divided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataSummary {
    /// The name of the data set.
    pub name: String,
    /// Digest of its canonical bytes.
    pub fingerprint: Fingerprint,
    /// Valid rows.
    pub rows: usize,
    /// Rows trained on.
    pub train_rows: usize,
    /// Rows held out.
    pub test_rows: usize,
    /// How the rows were divided.
    pub split: Split,
}

/// One fitted method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodEntry {
    /// The published name, `Random Forest Regressor`.
    pub name: String,
    /// What it estimates.
    pub role: Role,
    /// The quantile it estimates; `None` for a main regressor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantile: Option<f64>,
    /// Its parameters.
    pub config: MethodConfig,
    /// How it fared on the training rows.
    pub cross_validation: CrossValidation,
    /// Iterations of its solver, or trees.
    pub n_iter: usize,
    /// R² on the rows that a tree has not seen, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oob_score: Option<f64>,
    /// What its fitting had to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The name of its file.
    pub file: String,
}

/// A file of the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Digest of its bytes.
    pub sha256: Fingerprint,
    /// Its length.
    pub bytes: u64,
}

impl Manifest {
    /// Reads the manifest in `bytes`, which came from `path`, and checks that its parts fit
    /// together.
    ///
    /// # Errors
    /// When it is no manifest, of a newer format, or contradicts itself.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ArtifactError> {
        let syntax = |source| ArtifactError::ManifestSyntax {
            path: path.to_owned(),
            source,
        };
        let head: Head = serde_json::from_slice(bytes).map_err(syntax)?;
        if head.format_version > FORMAT {
            return Err(ArtifactError::NewerFormat {
                path: path.to_owned(),
                found: head.format_version,
                supported: FORMAT,
                needs: head.hp_version,
            });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(syntax)?;
        check::check(&manifest).map_err(|problem| ArtifactError::inconsistent(path, problem))?;
        Ok(manifest)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// Never for a manifest that was parsed or written; the encoder cannot rule it out.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }

    /// The method called `name`.
    #[must_use]
    pub fn method(&self, name: &str) -> Option<&MethodEntry> {
        self.methods.iter().find(|method| method.name == name)
    }

    /// What differs between this training and the one that `wanted` asks for, apart from the hp
    /// that does it; empty when training again would give the same.
    #[must_use]
    pub fn training_changes(&self, wanted: &TrainingInputs) -> Vec<Change> {
        changes::between(&self.training_inputs(), wanted)
    }
}

/// The part of a manifest that every format has.
#[derive(Deserialize)]
struct Head {
    format_version: u32,
    #[serde(default)]
    hp_version: String,
}
