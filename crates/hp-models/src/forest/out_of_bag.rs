//! The score of a forest on rows that its trees have not seen.

use super::bootstrap::InBagRows;
use crate::tree::Tree;
use ndarray::ArrayView2;
use rayon::prelude::*;

/// R² over the rows that at least one tree has not seen, each predicted by the mean of such trees;
/// adds a warning when rows are left out, as scikit-learn gives. (scikit-learn then counts those rows
/// with a prediction of 0, which says nothing about the forest.)
pub(super) fn score(
    trees: &[Tree],
    in_bag: &[InBagRows],
    x: ArrayView2<'_, f64>,
    y: &[f64],
    warnings: &mut Vec<String>,
) -> Option<f64> {
    let predictions: Vec<Option<f64>> = (0..x.nrows())
        .into_par_iter()
        .map(|row| predict_unseen(trees, in_bag, x, row))
        .collect();
    let (actual, predicted): (Vec<f64>, Vec<f64>) = y
        .iter()
        .zip(&predictions)
        .filter_map(|(&actual, predicted)| Some((actual, (*predicted)?)))
        .unzip();
    let left_out = y.len() - actual.len();
    if left_out > 0 {
        warnings.push(format!(
            "{left_out} of {} rows were seen by every tree and are left out of `oob_score`: \
             more trees would help",
            y.len()
        ));
    }
    (!actual.is_empty()).then(|| r2_score(&actual, &predicted))
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "trees see features rounded to f32"
)]
fn predict_unseen(
    trees: &[Tree],
    in_bag: &[InBagRows],
    x: ArrayView2<'_, f64>,
    row: usize,
) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for (tree, in_bag) in trees.iter().zip(in_bag) {
        if !in_bag.contains(row) {
            sum += tree.leaf_value(|feature| x[[row, feature]] as f32);
            count += 1.0;
        }
    }
    (count > 0.0).then(|| sum / count)
}

/// The coefficient of determination; for a constant target 1 when every prediction is right and 0
/// otherwise, as in scikit-learn.
fn r2_score(actual: &[f64], predicted: &[f64]) -> f64 {
    let mean = actual.iter().sum::<f64>() / actual.len() as f64;
    let residual: f64 = actual
        .iter()
        .zip(predicted)
        .map(|(a, p)| (a - p) * (a - p))
        .sum();
    let total: f64 = actual.iter().map(|a| (a - mean) * (a - mean)).sum();
    if total > 0.0 {
        1.0 - residual / total
    } else if residual > 0.0 {
        0.0
    } else {
        1.0
    }
}
