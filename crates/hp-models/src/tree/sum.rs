//! Predictions of an ensemble: the weighted sum of one leaf per tree.

use super::Tree;
use ndarray::{ArrayView2, Axis, Slice};
use rayon::prelude::*;

/// Rows that walk through a tree together, so that its nodes stay in the cache.
const BLOCK: usize = 64;

/// Leaves to look up from which on several threads pay.
const PARALLEL: usize = 1 << 16;

/// `start + Σ factor · leaf`, added in the order of the trees.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeafSum<'a> {
    pub(crate) trees: &'a [Tree],
    pub(crate) start: f64,
    pub(crate) factor: f64,
}

impl LeafSum<'_> {
    /// The sum for one row `[features]`, without allocating.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "trees see features rounded to f32"
    )]
    pub(crate) fn of_row(&self, row: &[f64]) -> f64 {
        self.trees.iter().fold(self.start, |sum, tree| {
            sum + self.factor * tree.leaf_value(|feature| row[feature] as f32)
        })
    }

    /// The sum for every row of `x` `[rows, features]`, bit-equal to [`of_row`](Self::of_row).
    pub(crate) fn of_rows(&self, x: ArrayView2<'_, f64>) -> Vec<f64> {
        let mut sums = vec![self.start; x.nrows()];
        let add_block = |(block, sums): (usize, &mut [f64])| {
            let first = block * BLOCK;
            self.add_block(
                x.slice_axis(Axis(0), Slice::from(first..first + sums.len())),
                sums,
            );
        };
        if x.nrows() * self.trees.len() < PARALLEL {
            sums.chunks_mut(BLOCK).enumerate().for_each(add_block);
        } else {
            sums.par_chunks_mut(BLOCK).enumerate().for_each(add_block);
        }
        sums
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "trees see features rounded to f32"
    )]
    fn add_block(&self, x: ArrayView2<'_, f64>, sums: &mut [f64]) {
        let rounded: Vec<f32> = x.iter().map(|&value| value as f32).collect();
        for tree in self.trees {
            for (row, sum) in rounded.chunks_exact(x.ncols()).zip(sums.iter_mut()) {
                *sum += self.factor * tree.leaf_value(|feature| row[feature]);
            }
        }
    }
}

/// Asserts that a matrix fits the model.
pub(crate) fn assert_columns(columns: usize, n_features: usize) {
    assert_eq!(columns, n_features, "the model has {n_features} features");
}
