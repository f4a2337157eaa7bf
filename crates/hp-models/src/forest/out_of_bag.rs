//! The score of a forest on rows that its trees have not seen.

use super::bootstrap::InBagRows;
use crate::magnitude::magnitude;
use crate::tree::{Rows, Tree};
use crate::{FitError, Progress};
use ndarray::{ArrayView2, Axis, Slice};
use rayon::prelude::*;

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
        let per_block = Rows::per_block(self.x);
        predictions
            .par_chunks_mut(per_block)
            .enumerate()
            .try_for_each(|(block, predictions)| {
                self.predict_unseen(block * per_block, predictions, progress)
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

    /// Predicts the rows from `first` on.
    fn predict_unseen(
        &self,
        first: usize,
        predictions: &mut [Option<f64>],
        progress: &dyn Progress,
    ) -> Result<(), FitError> {
        let in_block = Slice::from(first..first + predictions.len());
        let rows = Rows::new(self.x.slice_axis(Axis(0), in_block));
        let mut sums = vec![(0.0, 0.0); predictions.len()];
        let (mut unseen, mut leaves) = (Vec::new(), Vec::new());
        for (tree, in_bag) in self.trees.iter().zip(self.in_bag) {
            unseen.clear();
            unseen.extend((0..sums.len()).filter(|row| !in_bag.contains(first + row)));
            rows.select(&unseen).leaves(tree, &mut leaves);
            for (&row, leaf) in unseen.iter().zip(&leaves) {
                let (sum, count) = &mut sums[row];
                *sum += leaf;
                *count += 1.0;
            }
            let total = self.trees.len();
            if progress.advance(total, total).is_break() {
                return Err(FitError::Interrupted);
            }
        }
        for (prediction, (sum, count)) in predictions.iter_mut().zip(sums) {
            *prediction = (count > 0.0).then(|| sum / count);
        }
        Ok(())
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
