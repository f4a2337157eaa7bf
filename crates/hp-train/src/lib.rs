//! From a checked configuration and a validated table to fitted methods, the served trio and what
//! monitoring will compare it with: split, scale, cross-validate, fit, choose, remember. Test rows
//! are set aside first and never looked at.

mod cross_validation;
mod error;
mod observer;
mod reference;
mod selection;
mod train;
mod trial;

pub use cross_validation::Metric;
pub use error::TrainError;
pub use observer::{Observer, Quiet};
pub use train::{Trained, TrainedMethod, TrainingSet, train};
pub use trial::Trial;
