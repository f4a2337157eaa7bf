//! From a validated table to the matrices that models see: feature groups, the train/test split,
//! cross-validation folds and scaling. `fit` on training rows gives a [`Preprocessor`], which turns
//! any row into model input.

mod error;
mod mt19937;
mod preprocessor;
mod scaler;
mod split;

pub use error::FeatureError;
pub use preprocessor::{Preprocessor, feature_matrix};
pub use scaler::StandardScaler;
pub use split::{Fold, TrainTestSplit, k_fold, train_test_split};
