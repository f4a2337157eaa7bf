//! What is kept of a prediction.

mod json;

use crate::id::PredictionId;
use hp_core::fingerprint::Fingerprint;
use hp_core::prediction::Prediction;
use hp_core::version::ModelVersion;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// One prediction as it was given. Its time is that of its id, to the millisecond in UTC.
///
/// Every number is kept to the last bit, except that a zero may lose its sign and that one which is
/// not finite may turn into NaN.
///
/// As JSON it is one object, `inputs` an object in it; the spool and exports hold this form.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictionRecord {
    /// Its id, which says when it was made.
    pub id: PredictionId,
    /// The version that predicted.
    pub model_version: ModelVersion,
    /// The data set that the version was trained on.
    pub data_fingerprint: Fingerprint,
    /// The git commit that the version was trained at, shared by all records of a model; older
    /// records have none, nor do those of a version that was trained outside a repository.
    pub git_commit: Option<Arc<str>>,
    /// The row.
    pub inputs: Inputs,
    /// The prediction with its limits.
    pub prediction: Prediction,
    /// Where the row came from.
    pub source: Source,
    /// How long validation and prediction took; whole microseconds are kept.
    pub latency: Duration,
    /// The true value, once it is known.
    pub actual: Option<Actual>,
}

/// The features of a row `[features]`, in the schema's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// Their names, shared by all records of a model.
    pub names: Arc<[String]>,
    /// Their values.
    pub values: Vec<f64>,
}

impl Inputs {
    /// Each name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        let names = self.names.iter().map(String::as_str);
        names.zip(self.values.iter().copied())
    }
}

/// Who asked for the prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// One row of the API.
    Api,
    /// One row of many.
    Batch,
    /// `hp simulate`, or the scheduled simulation.
    Simulation,
}

impl Source {
    /// The name it is stored under.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Batch => "batch",
            Self::Simulation => "simulation",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is not a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not `api`, `batch` or `simulation`")]
pub struct SourceError(String);

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Api, Self::Batch, Self::Simulation]
            .into_iter()
            .find(|source| source.name() == text)
            .ok_or_else(|| SourceError(text.chars().take(40).collect()))
    }
}

/// The true value of a prediction's target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Actual {
    /// The value, in units of the target.
    pub value: f64,
    /// When it was attached; whole milliseconds are kept.
    pub time: Timestamp,
}
