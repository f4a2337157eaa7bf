//! From a checked configuration and a validated table to fitted methods and the served trio: split,
//! scale, cross-validate, fit, choose. Test rows are set aside first and never looked at.

mod cross_validation;
mod error;
mod observer;
mod selection;
mod train;

pub use cross_validation::Metric;
pub use error::TrainError;
pub use observer::{Observer, Quiet};
pub use train::{Trained, TrainedMethod, TrainingSet, train};
