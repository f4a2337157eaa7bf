//! What the benchmarks share: Boston Housing with the shipped configurations, a version trained on
//! it, and how they sample.

mod boston;
mod version;

pub use boston::{Boston, TrainingRows};
pub use version::TrainedVersion;

use criterion::Criterion;
use std::error::Error;
use std::time::Duration;

/// The result of preparing a benchmark, which simply stops at any error.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Short sampling that the command line may change, without plots.
#[must_use]
pub fn criterion() -> Criterion {
    Criterion::default()
        .without_plots()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .nresamples(10_000)
        .configure_from_args()
}
