//! Predictions of an ensemble: the weighted sum of one leaf per tree.
//!
//! A way through a tree is a chain of loads that each wait for the one before. Walking several ways
//! at once hides the wait: one row through several trees, or several rows through one tree.

use super::{Node, Tree};
use ndarray::{ArrayView2, Axis, Slice};
use rayon::prelude::*;
use std::array;

/// Ways that are walked at once.
const LANES: usize = 8;

/// Rows that walk through a tree before the next tree, so that its nodes stay in the cache.
const BLOCK: usize = 64;

/// Leaves to look up from which on several threads pay.
const PARALLEL: usize = 1 << 16;

/// Features of a row that are rounded to f32 before its walk; more would not fit the stack.
const ROUNDED: usize = 128;

/// `start + Σ factor · leaf`, added in the order of the trees.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ensemble {
    trees: Vec<Tree>,
    start: f64,
    factor: f64,
    steps: Vec<Step>,
    /// The value of each step, 0 where it is no leaf.
    values: Vec<f64>,
    /// Index of the first step of each tree.
    roots: Vec<usize>,
}

/// A node in the form that is walked. A leaf leads to itself, so that walking needs no branch.
#[derive(Debug, Clone, Copy)]
struct Step {
    feature: u32,
    threshold: f32,
    /// Index of the left child in the tree; the right child comes directly after it.
    left: u32,
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        // The threshold of a leaf is NaN.
        self.threshold.to_bits() == other.threshold.to_bits()
            && (self.feature, self.left) == (other.feature, other.left)
    }
}

impl Ensemble {
    /// Prepares sound `trees` for walking.
    pub(crate) fn new(trees: Vec<Tree>, start: f64, factor: f64) -> Self {
        let n_nodes = trees.iter().map(|tree| tree.nodes().len()).sum();
        let mut steps = Vec::with_capacity(n_nodes);
        let mut values = Vec::with_capacity(n_nodes);
        let mut roots = Vec::with_capacity(trees.len());
        for tree in &trees {
            roots.push(steps.len());
            for (index, node) in (0_u32..).zip(tree.nodes()) {
                let (step, value) = prepared(index, node);
                steps.push(step);
                values.push(value);
            }
        }
        Self {
            trees,
            start,
            factor,
            steps,
            values,
            roots,
        }
    }

    pub(crate) fn trees(&self) -> &[Tree] {
        &self.trees
    }

    pub(crate) fn start(&self) -> f64 {
        self.start
    }

    pub(crate) fn factor(&self) -> f64 {
        self.factor
    }

    /// The sum for one row `[features]`, without allocating.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "trees see features rounded to f32"
    )]
    pub(crate) fn of_row(&self, row: &[f64]) -> f64 {
        if row.len() <= ROUNDED {
            let mut rounded = [0.0; ROUNDED];
            for (rounded, &value) in rounded.iter_mut().zip(row) {
                *rounded = value as f32;
            }
            self.sum(|feature| rounded[feature])
        } else {
            self.sum(|feature| row[feature] as f32)
        }
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
        if x.nrows() * self.roots.len() < PARALLEL {
            sums.chunks_mut(BLOCK).enumerate().for_each(add_block);
        } else {
            sums.par_chunks_mut(BLOCK).enumerate().for_each(add_block);
        }
        sums
    }

    fn sum(&self, features: impl Fn(usize) -> f32) -> f64 {
        let (groups, rest) = self.roots.as_chunks::<LANES>();
        let mut sum = self.start;
        for &roots in groups {
            for leaf in self.leaves(roots, |_, feature| features(feature)) {
                sum += self.factor * leaf;
            }
        }
        for &root in rest {
            let [leaf] = self.leaves([root], |_, feature| features(feature));
            sum += self.factor * leaf;
        }
        sum
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "trees see features rounded to f32"
    )]
    fn add_block(&self, x: ArrayView2<'_, f64>, sums: &mut [f64]) {
        let rounded: Vec<f32> = x.iter().map(|&value| value as f32).collect();
        let n_features = x.ncols();
        for &root in &self.roots {
            let (groups, rest) = sums.as_chunks_mut::<LANES>();
            let first_of_rest = groups.len() * LANES;
            for (group, sums) in groups.iter_mut().enumerate() {
                let rows = &rounded[group * LANES * n_features..];
                let value = |lane, feature| rows[lane * n_features + feature];
                for (sum, leaf) in sums.iter_mut().zip(self.leaves([root; LANES], value)) {
                    *sum += self.factor * leaf;
                }
            }
            for (row, sum) in (first_of_rest..).zip(rest) {
                let [leaf] = self.leaves([root], |_, feature| rounded[row * n_features + feature]);
                *sum += self.factor * leaf;
            }
        }
    }

    /// The leaves at the ends of `N` ways; `features` gives the value of a feature to a lane.
    #[inline]
    fn leaves<const N: usize>(
        &self,
        roots: [usize; N],
        features: impl Fn(usize, usize) -> f32,
    ) -> [f64; N] {
        let mut at = [0_u32; N];
        loop {
            let mut moved = 0;
            for lane in 0..N {
                let step = self.steps[roots[lane] + at[lane] as usize];
                let goes_left = features(lane, step.feature as usize) <= step.threshold;
                let next = step.left.wrapping_add(u32::from(!goes_left));
                moved |= next ^ at[lane];
                at[lane] = next;
            }
            if moved == 0 {
                return array::from_fn(|lane| self.values[roots[lane] + at[lane] as usize]);
            }
        }
    }
}

/// The step of a node and its value as a leaf.
fn prepared(index: u32, node: &Node) -> (Step, f64) {
    match *node {
        Node::Split {
            feature,
            threshold,
            left,
        } => {
            let step = Step {
                feature,
                threshold,
                left,
            };
            (step, 0.0)
        }
        Node::Leaf { value } => {
            // Nothing is at most NaN: the way goes right, where the leaf itself is.
            let step = Step {
                feature: 0,
                threshold: f32::NAN,
                left: index.wrapping_sub(1),
            };
            (step, value)
        }
    }
}

/// Asserts that a matrix fits the model.
pub(crate) fn assert_columns(columns: usize, n_features: usize) {
    assert_eq!(columns, n_features, "the model has {n_features} features");
}

#[cfg(test)]
mod tests {
    use super::{Ensemble, ROUNDED};
    use crate::tree::{Node, Tree};
    use ndarray::Array2;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// A tree whose right children are split `depth` times.
    fn tree(depth: u32, n_features: usize, thresholds: &[f32]) -> Tree {
        let mut nodes = Vec::new();
        for level in 0..depth {
            let threshold = thresholds[level as usize % thresholds.len()];
            let feature = (level.wrapping_mul(7) + depth) % u32::try_from(n_features).unwrap();
            nodes.push(Node::Split {
                feature,
                threshold,
                left: 2 * level + 1,
            });
            nodes.push(Node::Leaf {
                value: 0.1 * f64::from(level) + f64::from(depth),
            });
        }
        nodes.push(Node::Leaf { value: -1.0 });
        Tree::from_nodes(nodes, n_features).unwrap()
    }

    proptest! {
        /// However many trees, rows and features, it is the sum of the leaves of the single trees.
        #[test]
        fn is_the_sum_over_the_trees(
            depths in vec(0_u32..12, 1..20),
            n_rows in 1_usize..20,
            n_features in prop_oneof![1_usize..5, Just(ROUNDED), Just(ROUNDED + 1)],
            thresholds in vec(-1.0_f32..1.0, 3),
            seed in 0_u64..1000,
        ) {
            let trees: Vec<_> = depths.iter().map(|&depth| tree(depth, n_features, &thresholds)).collect();
            let x = Array2::from_shape_fn((n_rows, n_features), |(row, feature)| {
                match (row * 31 + feature * 17) as u64 + seed {
                    n if n % 11 == 0 => f64::NAN,
                    n if n % 7 == 0 => 1e300,
                    n => (n as f64 * 0.37).sin(),
                }
            });
            let ensemble = Ensemble::new(trees.clone(), 0.5, 0.1);
            let sums = ensemble.of_rows(x.view());
            for (row, values) in x.outer_iter().enumerate() {
                let naive = trees.iter().fold(0.5, |sum, tree| sum + 0.1 * tree.value_at(x.view(), row));
                prop_assert_eq!(sums[row].to_bits(), naive.to_bits());
                let of_row = ensemble.of_row(values.to_slice().unwrap());
                prop_assert_eq!(of_row.to_bits(), naive.to_bits());
            }
        }
    }
}
