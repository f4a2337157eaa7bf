//! The score of a forest on rows that its trees have not seen.

use super::bootstrap::InBagRows;
use crate::magnitude::magnitude;
use crate::tree::Tree;
use crate::{FitError, Progress};
use ndarray::ArrayView2;
use rayon::prelude::*;

/// Rows that are predicted between two looks at whether to go on.
const BLOCK: usize = 1024;

/// A forest and the rows it was grown on.
pub(super) struct OutOfBag<'a> {
    pub(super) trees: &'a [Tree],
    /// The rows that each tree has seen.
    pub(super) in_bag: &'a [InBagRows],
    /// `[rows, features]`.
    pub(super) x: ArrayView2<'a, f64>,
    /// `[rows]`.
    pub(super) y: &'a [f64],
}

impl OutOfBag<'_> {
    /// R² over the rows that at least one tree has not seen, each predicted by the mean of such
    /// trees; adds a warning when rows are left out, as scikit-learn gives. (scikit-learn then counts
    /// those rows with a prediction of 0, which says nothing about the forest.)
    ///
    /// # Errors
    /// When `progress` stops it.
    pub(super) fn score(
        &self,
        warnings: &mut Vec<String>,
        progress: &dyn Progress,
    ) -> Result<Option<f64>, FitError> {
        let mut predictions: Vec<Option<f64>> = vec![None; self.y.len()];
        predictions
            .par_chunks_mut(BLOCK)
            .enumerate()
            .try_for_each(|(block, predictions)| {
                for (offset, prediction) in predictions.iter_mut().enumerate() {
                    *prediction = self.predict_unseen(block * BLOCK + offset);
                }
                let total = self.trees.len();
                let goes_on = progress.advance(total, total).is_continue();
                goes_on.then_some(()).ok_or(FitError::Interrupted)
            })?;
        let (actual, predicted): (Vec<f64>, Vec<f64>) = self
            .y
            .iter()
            .zip(&predictions)
            .filter_map(|(&actual, predicted)| Some((actual, (*predicted)?)))
            .unzip();
        let left_out = self.y.len() - actual.len();
        if left_out > 0 {
            warnings.push(format!(
                "{left_out} of {} rows were seen by every tree and are left out of `oob_score`: \
                 more trees would help",
                self.y.len()
            ));
        }
        Ok((!actual.is_empty()).then(|| r2_score(&actual, &predicted)))
    }

    fn predict_unseen(&self, row: usize) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0.0);
        for (tree, in_bag) in self.trees.iter().zip(self.in_bag) {
            if !in_bag.contains(row) {
                sum += tree.value_at(self.x, row);
                count += 1.0;
            }
        }
        (count > 0.0).then(|| sum / count)
    }
}

/// The coefficient of determination; for a constant target 1 when every prediction is right and 0
/// otherwise, as in scikit-learn. Neither sums nor squares overflow, whatever the targets.
fn r2_score(actual: &[f64], predicted: &[f64]) -> f64 {
    let unit = magnitude(actual.iter().chain(predicted));
    let mean = actual.iter().map(|a| a / unit).sum::<f64>() / actual.len() as f64;
    let square = |difference: f64| difference * difference;
    let residual: f64 = actual
        .iter()
        .zip(predicted)
        .map(|(a, p)| square(a / unit - p / unit))
        .sum();
    let total: f64 = actual.iter().map(|a| square(a / unit - mean)).sum();
    if total > 0.0 {
        1.0 - residual / total
    } else if residual > 0.0 {
        0.0
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_of_the_targets_does_not_change_the_score() {
        let (actual, predicted) = ([1.0, 2.0, 4.0, 5.0], [1.5, 2.0, 3.5, 5.0]);
        for unit in [1.0, 2.0_f64.powi(1000), 2.0_f64.powi(-1000)] {
            let [actual, predicted] =
                [actual, predicted].map(|values| values.map(|value| value * unit));
            let score = r2_score(&actual, &predicted);
            assert!((score - 0.95).abs() < 1e-15, "{score} in units of {unit}");
        }
    }

    #[test]
    fn a_constant_target_is_predicted_or_not() {
        assert!((r2_score(&[3.0, 3.0], &[3.0, 3.0]) - 1.0).abs() < 1e-15);
        assert!(r2_score(&[3.0, 3.0], &[3.0, 3.5]).abs() < 1e-15);
    }
}
