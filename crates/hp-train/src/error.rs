//! Why a training failed.

use hp_core::reference::ReferenceError;
use hp_evaluate::metrics::MetricError;
use hp_features::FeatureError;
use hp_models::FitError;

/// Why a training failed. Nothing is written by training itself, so nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The rows could not be split, folded or scaled.
    #[error("the features could not be prepared")]
    Features(#[from] FeatureError),
    /// A method could not be fitted.
    #[error("`{method}` could not be fitted")]
    Fit {
        /// The method's name.
        method: String,
        /// Why.
        #[source]
        source: FitError,
    },
    /// A method's predictions could not be scored.
    #[error("the predictions of `{method}` could not be scored")]
    Score {
        /// The method's name.
        method: String,
        /// Why.
        #[source]
        source: MetricError,
    },
    /// The training rows, or the answers on them, could not be summarised.
    #[error("there is no summary of the training data to monitor the model by")]
    Reference(#[from] ReferenceError),
    /// No method has a role that the trio needs.
    #[error("no method has the role `{role}`")]
    NoMethod {
        /// The role.
        role: &'static str,
    },
}

impl TrainError {
    /// Whether the user asked to stop.
    #[must_use]
    pub fn is_interrupt(&self) -> bool {
        matches!(
            self,
            Self::Fit {
                source: FitError::Interrupted,
                ..
            }
        )
    }
}
