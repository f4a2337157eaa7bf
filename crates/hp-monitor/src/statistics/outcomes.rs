//! How good the answers were, once the true values are known.

use super::error::finite;
use super::{Proportion, StatisticsError, clopper_pearson};
use serde::Serialize;

/// An answer with the true value that arrived for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// The true value.
    pub y_true: f64,
    /// The prediction.
    pub prediction: f64,
    /// The lower limit.
    pub lower: f64,
    /// The upper limit.
    pub upper: f64,
}

/// How good the answers of one period were.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Performance {
    /// `√ mean (y − ŷ)²`, in units of the target.
    pub root_mean_squared_error: f64,
    /// `mean |y − ŷ|`, in units of the target.
    pub mean_absolute_error: f64,
    /// How many true values lay within their limits, which are included.
    pub coverage: Proportion,
}

impl Performance {
    /// Measures `outcomes`; those with a number that is not finite do not count. The band of the
    /// coverage holds the true one with at least `confidence`.
    ///
    /// # Errors
    /// No outcomes, a confidence that is not within `(0, 1)`, or overflow.
    pub fn of(outcomes: &[Outcome], confidence: f64) -> Result<Self, StatisticsError> {
        let (mut rows, mut inside, mut absolute, mut squared) = (0, 0, 0.0, 0.0);
        for outcome in outcomes.iter().filter(|outcome| outcome.is_finite()) {
            let error = outcome.y_true - outcome.prediction;
            rows += 1;
            inside += usize::from((outcome.lower..=outcome.upper).contains(&outcome.y_true));
            absolute += error.abs();
            squared += error * error;
        }
        let coverage = clopper_pearson(inside, rows, confidence)?;
        Ok(Self {
            root_mean_squared_error: finite(squared / rows as f64)?.sqrt(),
            mean_absolute_error: finite(absolute / rows as f64)?,
            coverage,
        })
    }
}

impl Outcome {
    fn is_finite(&self) -> bool {
        let numbers = [self.y_true, self.prediction, self.lower, self.upper];
        numbers.iter().all(|number| number.is_finite())
    }
}

/// Measures windows of `rows` outcomes in a row, one that ends at the `rows`-th and then one every
/// `step`; fewer outcomes than `rows` give none. The k-th result (from 0) ends after outcome
/// `rows + k·step`.
///
/// # Errors
/// `rows` or `step` is 0, or as [`Performance::of`].
pub fn rolling(
    outcomes: &[Outcome],
    rows: usize,
    step: usize,
    confidence: f64,
) -> Result<Vec<Performance>, StatisticsError> {
    for (name, value) in [("rows", rows), ("step", step)] {
        if value == 0 {
            return Err(StatisticsError::NotPositive(name));
        }
    }
    let windows = outcomes.windows(rows).step_by(step);
    windows
        .map(|window| Performance::of(window, confidence))
        .collect()
}
