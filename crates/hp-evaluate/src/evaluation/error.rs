//! Why there is no evaluation.

use crate::metrics::MetricError;
use hp_core::config::Role;

/// Why there is no evaluation.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// There are no labelled rows.
    #[error("there are no rows to evaluate on")]
    NoRows,
    /// Two methods have the same name.
    #[error("method `{0}` is given twice")]
    DuplicateMethod(String),
    /// A method does not have one prediction per row.
    #[error("method `{method}` has `{found}` predictions for `{rows}` rows")]
    Predictions {
        /// The method.
        method: String,
        /// Number of its predictions.
        found: usize,
        /// Number of labelled rows.
        rows: usize,
    },
    /// A method does not have one finite importance per feature.
    #[error("method `{method}` must have a finite importance for each of `{features}` features")]
    Importances {
        /// The method.
        method: String,
        /// Number of features.
        features: usize,
    },
    /// A lower or upper estimator comes without its quantile.
    #[error("method `{0}` estimates a limit but has no quantile")]
    NoQuantile(String),
    /// A served method is not among those given, or has another role.
    #[error("there is no method `{method}` of the role `{}` to serve", role.name())]
    NotServable {
        /// The method.
        method: String,
        /// The role it is to be served in.
        role: Role,
    },
    /// A metric of a method has no value.
    #[error("cannot evaluate method `{method}`")]
    Metric {
        /// The method.
        method: String,
        /// Why.
        #[source]
        source: MetricError,
    },
    /// The text was written by a newer version of the program.
    #[error("the evaluation has format version `{found}`, the newest known is `{known}`")]
    NewerFormat {
        /// The version of the text.
        found: u32,
        /// The newest version that can be read.
        known: u32,
    },
    /// The text is not an evaluation.
    #[error("the evaluation is not valid JSON of its format")]
    Json(#[source] serde_json::Error),
}
