//! What the benchmarks share: Boston Housing with the shipped configurations; and, for those of the
//! feature `whole`, a version trained on it and how criterion samples.

mod boston;
mod csv;
#[cfg(feature = "whole")]
mod sampling;
#[cfg(feature = "whole")]
mod version;

pub use boston::{Boston, TrainingRows};
pub use csv::table;
#[cfg(feature = "whole")]
pub use sampling::criterion;
#[cfg(feature = "whole")]
pub use version::{TrainedVersion, train};

use std::error::Error;

/// The result of preparing a benchmark, which simply stops at any error.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;
