//! A run: one training with everything that is known about it, as `run.json` keeps it.

mod id;

pub use id::{RunId, RunIdError};

use hp_core::config::Role;
use hp_core::fingerprint::Fingerprint;
use hp_core::training::CrossValidation;
use hp_core::version::ModelVersion;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// The version of the format of `run.json`.
pub const FORMAT_VERSION: u32 = 1;

/// Metrics by name, `rmse` or `coverage`; every value is finite.
pub type Metrics = BTreeMap<String, f64>;

/// A training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// [`FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// Its name among all runs.
    pub id: RunId,
    /// How it stands.
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(default)]
    pub failure: Option<String>,
    /// The hp that trained.
    pub hp_version: String,
    /// Who started it.
    #[serde(default)]
    pub user: Option<String>,
    /// The code it was started in, when that is a git checkout.
    #[serde(default)]
    pub git: Option<GitState>,
    /// The version of the models that it was to make.
    pub model_version: ModelVersion,
    /// What it was trained on.
    pub data: RunData,
    /// Its methods in the order of the configuration.
    pub methods: Vec<RunMethod>,
    /// The metrics of the served trio, cross-validated (`cv_…`) and, once it is evaluated, on the
    /// held-out rows.
    #[serde(default)]
    pub metrics: Metrics,
    /// How long its parts took, in seconds.
    #[serde(default)]
    pub timings: BTreeMap<String, f64>,
    /// The version that it wrote.
    #[serde(default)]
    pub artifact: Option<RunArtifact>,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RunStatus {
    /// It is at work.
    Running,
    /// It wrote its version.
    Finished,
    /// It ended with an error.
    Failed,
    /// Its user or the system stopped it, or the program panicked.
    Killed,
}

impl RunStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Running, Self::Finished, Self::Failed, Self::Killed];

    /// `RUNNING`, `FINISHED`, `FAILED` or `KILLED`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
            Self::Killed => "KILLED",
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A git checkout at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitState {
    /// The commit that was checked out.
    pub commit: String,
    /// The branch, unless the head is detached.
    #[serde(default)]
    pub branch: Option<String>,
    /// Whether tracked files differed from the commit.
    pub dirty: bool,
    /// The address of its remote `origin`, without credentials.
    #[serde(default)]
    pub remote: Option<String>,
}

/// The data set of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunData {
    /// Its name.
    pub name: String,
    /// Digest of its canonical bytes.
    pub fingerprint: Fingerprint,
    /// Where it was fetched from, without credentials.
    pub source: String,
    /// Valid rows.
    pub rows: usize,
    /// Rows trained on.
    pub train_rows: usize,
    /// Rows held out.
    pub test_rows: usize,
    /// The names of the features, then of the target, each with its type, `float` or `integer`.
    pub columns: Vec<(String, String)>,
}

/// A method of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunMethod {
    /// The published name, `Random Forest Regressor`.
    pub name: String,
    /// What it estimates.
    pub role: Role,
    /// Whether it is served.
    #[serde(default)]
    pub served: bool,
    /// Its parameters by the names of the configuration.
    pub parameters: Map<String, Value>,
    /// Its scores on the folds, once it is fitted.
    #[serde(default)]
    pub cross_validation: Option<CrossValidation>,
    /// How long its fit on all training rows took, in seconds.
    #[serde(default)]
    pub fit_seconds: Option<f64>,
    /// Its metrics on the held-out rows, once it is evaluated.
    #[serde(default)]
    pub metrics: Metrics,
}

/// The version folder that a run wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunArtifact {
    /// Where it is, relative to the folder of all versions.
    pub path: String,
    /// Digest of its `manifest.json`, which names the digests of its other files.
    pub manifest_sha256: Fingerprint,
}
