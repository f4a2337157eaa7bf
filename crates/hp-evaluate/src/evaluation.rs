//! The evaluation of every method on labelled rows: what `evaluation.json` holds.

mod build;
mod error;
mod named;
mod observations;
mod tables;

pub use error::EvaluationError;
pub use observations::{Dataset, MethodPredictions, Observations, Provenance, Target, Trio};

use hp_core::config::Role;
use serde::{Deserialize, Serialize};

/// The version of the format of `evaluation.json`.
pub const FORMAT_VERSION: u32 = 1;

/// How good every method is on the same labelled rows. Errors are in units of the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// [`FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// What was evaluated, on what.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// Number of labelled rows.
    pub rows: usize,
    /// What is predicted.
    pub target: Target,
    /// The main regressors, in the order given.
    pub main: Vec<MainScore>,
    /// The lower estimators, then the upper ones, each in the order given.
    pub estimators: Vec<EstimatorScore>,
    /// Every lower and upper estimator of the same kind as a pair, and the served pair.
    pub intervals: Vec<IntervalScore>,
    /// The three methods that are served together.
    pub served: ServedScore,
}

/// The errors of a main regressor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MainScore {
    /// The method.
    pub name: String,
    /// Root mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// Mean squared error, in squared units of the target.
    pub mse: f64,
    /// Coefficient of determination; `None` for fewer than two rows.
    pub r2: Option<f64>,
    /// The metrics in which no other main regressor is better.
    pub best: Vec<Metric>,
}

/// The errors of a lower or upper estimator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EstimatorScore {
    /// The method.
    pub name: String,
    /// Lower or upper.
    pub role: Role,
    /// The quantile it estimates.
    pub quantile: f64,
    /// Mean pinball loss at `quantile`.
    pub pinball: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// Mean squared error, in squared units of the target.
    pub mse: f64,
    /// The metrics in which no other estimator of the role is better.
    pub best: Vec<Metric>,
}

/// A metric that has a winner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Root mean squared error.
    Rmse,
    /// Mean absolute error.
    Mae,
    /// Mean squared error.
    Mse,
    /// Coefficient of determination.
    R2,
    /// Mean pinball loss.
    Pinball,
}

/// How well the limits of a lower and an upper estimator hold the observed values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntervalScore {
    /// The kind of the estimators, `GBR`, or both kinds, `QR + GBR`.
    pub name: String,
    /// The lower estimator.
    pub lower: String,
    /// The upper estimator.
    pub upper: String,
    /// Whether this is the pair that is served.
    pub served: bool,
    /// The share of rows that should be covered: the difference of the two quantiles.
    pub nominal: f64,
    /// The share of rows that are covered.
    pub coverage: f64,
    /// Mean of upper − lower.
    pub mean_width: f64,
    /// Rows whose lower limit is above the upper one.
    pub crossings: usize,
}

/// The served trio on all rows, and on those where its prediction is or is not within its limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServedScore {
    /// The three methods.
    #[serde(flatten)]
    pub trio: Trio,
    /// The share of rows whose prediction is outside its limits.
    pub share_uncertain: f64,
    /// All rows.
    pub all: GroupScore,
    /// The rows whose prediction is within its limits, if there are any.
    pub certain: Option<GroupScore>,
    /// The rows whose prediction is outside its limits, if there are any.
    pub uncertain: Option<GroupScore>,
}

/// The served trio on a group of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupScore {
    /// Number of rows.
    pub rows: usize,
    /// Root mean squared error of the main regressor.
    pub rmse: f64,
    /// Mean absolute error of the main regressor.
    pub mae: f64,
    /// The share of rows whose observed value is within the limits.
    pub coverage: f64,
    /// Mean of upper − lower.
    pub mean_width: f64,
}

impl Evaluation {
    /// The text of `evaluation.json`: the same evaluation gives the same bytes.
    ///
    /// # Errors
    /// [`EvaluationError::Json`], which no evaluation of finite numbers brings about.
    pub fn to_json(&self) -> Result<String, EvaluationError> {
        let mut text = serde_json::to_string_pretty(self).map_err(EvaluationError::Json)?;
        text.push('\n');
        Ok(text)
    }

    /// Reads the text of an `evaluation.json`.
    ///
    /// # Errors
    /// The text is of a newer format, or is not an evaluation.
    pub fn from_json(text: &str) -> Result<Self, EvaluationError> {
        #[derive(Deserialize)]
        struct Versioned {
            format_version: u32,
        }
        let found: Versioned = serde_json::from_str(text).map_err(EvaluationError::Json)?;
        if found.format_version > FORMAT_VERSION {
            return Err(EvaluationError::NewerFormat {
                found: found.format_version,
                known: FORMAT_VERSION,
            });
        }
        serde_json::from_str(text).map_err(EvaluationError::Json)
    }

    /// The interval that is served.
    #[must_use]
    pub fn served_interval(&self) -> Option<&IntervalScore> {
        self.intervals.iter().find(|interval| interval.served)
    }
}
