//! The regressors, as pure functions of arrays: [`fit`] takes checked parameters and a training
//! matrix and gives a [`FittedModel`], which can only be asked for predictions.

mod cholesky;
mod error;
mod finite;
mod fitted;
mod magnitude;
mod progress;
mod tiles;

mod huber;
mod least_squares;
mod linear;
mod quantile;

mod boosting;
mod forest;
pub mod tree;

pub use boosting::GradientBoosting;
pub use error::FitError;
pub use fitted::{Fit, FittedModel, Regressor, fit};
pub use forest::RandomForest;
pub use linear::LinearModel;
pub use progress::{Progress, Silent};
