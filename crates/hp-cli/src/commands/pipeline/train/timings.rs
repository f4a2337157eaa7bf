//! `--timings`: how long each phase and each fit of a training took, for programs.

use crate::timing::TimingsFormat;
use serde::Serialize;
use std::num::NonZeroUsize;

/// What is measured, and of which fits.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct TimingArgs {
    /// Print the seconds that each phase and each fit took, instead of the results
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "format")]
    pub(super) timings: Option<TimingsFormat>,
    /// Only try the methods: fit each so often, score it on the held-out rows, and write nothing
    #[arg(
        long,
        value_name = "ROUNDS",
        requires = "timings",
        conflicts_with = "overwrite"
    )]
    pub(super) trial: Option<NonZeroUsize>,
    /// Try only this method of the configuration; may be repeated
    #[arg(long = "method", value_name = "NAME", requires = "trial")]
    pub(super) methods: Vec<String>,
}

/// The seconds that the parts of a training took, in their order.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Timings {
    /// Configurations and data set read and checked.
    pub(super) read: f64,
    /// The data set kept by its digest, and the run written down.
    pub(super) keep: f64,
    /// Rows split, divided into folds and scaled.
    pub(super) prepare: f64,
    /// The work on each method.
    pub(super) methods: Vec<MethodTimings>,
    /// The trio chosen, and the training data summarised for monitoring.
    pub(super) summarise: f64,
    /// The version written.
    pub(super) write: f64,
}

/// The seconds that the work on a method took.
#[derive(Debug, Clone, Serialize)]
pub(super) struct MethodTimings {
    pub(super) name: String,
    /// From the scaled matrix of all training rows to the fitted model.
    pub(super) fit: f64,
    /// From the scaled matrices of the folds to the scores.
    pub(super) cross_validation: f64,
}

impl Timings {
    /// The seconds of the fit of a method on all training rows.
    pub(super) fn fit(&self, method: &str) -> Option<f64> {
        let timed = self.methods.iter().find(|timed| timed.name == method);
        timed.map(|timed| timed.fit)
    }
}
