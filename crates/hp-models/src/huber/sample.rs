//! The minimum of a sample of the rows: where to start when there are many.

use super::SMALLEST_SIGMA;
use super::design::Design;
use super::newton::{self, START_DAMPING, StoppingRule};
use super::objective::{Objective, Point};
use crate::{FitError, Progress};
use ndarray::Array1;
use std::ops::ControlFlow;

/// Fewest rows to take a sample of; they are read in place then. The sample of fewer is too small to
/// spare a pass over them.
const MANY_ROWS: usize = 20_000;

/// One in so many tiles of rows is in the sample, so that it has rows from everywhere.
pub(super) const STRIDE: usize = 16;

/// Fewest rows of a sample for each feature: fewer fit too well to be like all.
const ROWS_PER_FEATURE: usize = 32;

/// Slope by a coordinate, for each row, below which a sample is at its minimum. That of all rows is
/// further away.
const FLAT: f64 = 1e-4;

/// Smallest scale of the noise at the minimum, as a share of that at the start, to be of use. All
/// rows need not fit as well as that.
const LEAST_SIGMA: f64 = 1e-3;

/// Whether so many rows of so many features are sampled.
pub(super) fn is_worth_it(rows: usize, features: usize) -> bool {
    rows >= MANY_ROWS.max(ROWS_PER_FEATURE * STRIDE * features)
}

/// The minimum of a sample of an objective in place, sought from `theta`, and the damping there;
/// `None` when it is of no use.
///
/// # Errors
/// When `progress` stops it.
pub(super) fn minimum(
    objective: &Objective<'_>,
    theta: Array1<f64>,
    max_iter: usize,
    progress: &dyn Progress,
) -> Result<Option<(Point, f64)>, FitError> {
    let Design::InPlace(columns) = objective.design else {
        return Ok(None);
    };
    let sample = columns.sample(STRIDE);
    let rows = sample.rows() as f64;
    let of_sample = Objective {
        design: Design::Copied(sample),
        directions: objective.directions.clone(),
        penalty: &objective.penalty * (rows / objective.rows() as f64),
        epsilon: objective.epsilon,
    };
    let stop = StoppingRule {
        max_iter,
        smallest_sigma: SMALLEST_SIGMA,
        is_flat: &|gradient| gradient.iter().all(|slope| slope.abs() <= FLAT * rows),
    };
    let start = of_sample.point(theta);
    let least_sigma = LEAST_SIGMA * start.sigma;
    let start = (start, START_DAMPING);
    let minimum = newton::minimise(&of_sample, start, &stop, &Before(progress))?;
    let is_useful = minimum.converged && minimum.point.sigma > least_sigma;
    Ok(is_useful.then_some((minimum.point, minimum.damping)))
}

/// Progress of what comes before the first step.
struct Before<'a>(&'a dyn Progress);

impl Progress for Before<'_> {
    fn advance(&self, _done: usize, total: usize) -> ControlFlow<()> {
        self.0.advance(0, total)
    }
}
