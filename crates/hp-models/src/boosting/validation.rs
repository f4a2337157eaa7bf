//! Early stopping on rows that no tree is fitted on.

use super::Rows;
use super::loss::Loss;
use crate::FitError;
use crate::tree::{Random, Tree};
use hp_core::method::BoostingParams;

/// The stream of random numbers that sets rows aside; trees use stream 0.
const STREAM: u32 = 1;

/// Divides `0..rows` at random into training rows and `⌈validation_fraction · rows⌉` rows that are
/// set aside.
pub(super) fn set_aside(params: &BoostingParams, rows: usize) -> Result<[Vec<usize>; 2], FitError> {
    let held_out = held_out_count(params.validation_fraction, rows);
    if held_out == 0 || held_out >= rows {
        return Err(FitError::Parameter {
            parameter: "validation_fraction",
            problem: format!("leaves no rows to fit on or none to validate on, out of {rows}"),
        });
    }
    let mut order: Vec<usize> = (0..rows).collect();
    Random::new(params.random_state, STREAM).draw(&mut order, rows);
    let mut train = order.split_off(held_out);
    order.sort_unstable();
    train.sort_unstable();
    Ok([train, order])
}

/// Rows that are set aside, and how well the ensemble has predicted them so far.
pub(super) struct Validation<'a> {
    rows: Rows<'a>,
    params: &'a BoostingParams,
    predictions: Vec<f64>,
    /// The losses that a new one is compared with.
    history: Vec<f64>,
    stages: usize,
}

impl<'a> Validation<'a> {
    /// Begins with the prediction `start` for every row, to wait `n_iter_no_change` trees for an
    /// improvement.
    pub(super) fn new(rows: Rows<'a>, params: &'a BoostingParams, start: f64) -> Self {
        // There are never more losses to remember than trees.
        let patience = params.n_iter_no_change.unwrap_or(params.n_estimators);
        let remembered = patience.min(params.n_estimators).max(1);
        Self {
            predictions: vec![start; rows.y.len()],
            rows,
            params,
            history: vec![f64::INFINITY; remembered],
            stages: 0,
        }
    }

    /// Adds a tree that was fitted to `loss`; `false` when it is not better by `tol` than any of the
    /// last ones, after which no more trees are fitted.
    pub(super) fn accepts(&mut self, tree: &Tree, loss: Loss) -> bool {
        let x = self.rows.x;
        for (row, prediction) in self.predictions.iter_mut().enumerate() {
            *prediction += self.params.learning_rate * tree.value_at(x, row);
        }
        let loss = loss.mean(&self.rows.y, &self.predictions);
        let improves = self
            .history
            .iter()
            .any(|&before| loss + self.params.tol < before);
        let oldest = self.stages % self.history.len();
        self.history[oldest] = loss;
        self.stages += 1;
        improves
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the float is between 0 and a count"
)]
fn held_out_count(fraction: f64, rows: usize) -> usize {
    (fraction * rows as f64).ceil() as usize
}
