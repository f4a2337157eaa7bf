//! Trees of few leaves, which ask many rows the same question at once.
//!
//! The leaves of a tree are bits, the leftmost the lowest. A split that sends a row right rules out
//! the leaves below its left child, and the lowest bit that no split has ruled out is where the row
//! ends (`QuickScorer`; Lucchese et al., 2015). Every split is asked, but none has to wait for another,
//! and the rows are lanes of vectors.

use super::keys::{key_of, key_of_threshold};
use super::packed::Packed;
use super::{Node, Tree};
use ndarray::{ArrayView2, Axis};

/// Most leaves of a tree: one for each bit.
pub(super) const MAX_LEAVES: usize = 32;

/// Rows that are asked at once; the bits of more do not fit the registers.
pub(super) const ROWS: usize = 32;

/// Fewest rows that are worth the preparation of the trees.
pub(super) const LEAST_ROWS: usize = 128;

/// The trees of an ensemble, each of few leaves.
#[derive(Debug)]
pub(super) struct FewLeaves {
    trees: Vec<FewLeavesTree>,
    /// Those of all trees, one tree after another.
    splits: Vec<Split>,
}

#[derive(Debug)]
struct FewLeavesTree {
    /// How many of the splits are its own.
    splits: usize,
    /// What each leaf adds to a sum.
    values: [f64; MAX_LEAVES],
}

#[derive(Debug)]
struct Split {
    feature: usize,
    /// A row goes right when its key is above this.
    threshold: i32,
    /// The leaves below the left child.
    left: u32,
}

impl FewLeaves {
    /// The `trees`, with leaves multiplied by `factor`; `None` when a tree has too many of them.
    pub(super) fn new(trees: &[Tree], factor: f64) -> Option<Self> {
        let mut splits = Vec::new();
        let trees = trees
            .iter()
            .map(|tree| FewLeavesTree::new(tree.packed()?, factor, &mut splits));
        Some(Self {
            trees: trees.collect::<Option<_>>()?,
            splits,
        })
    }

    /// Adds the leaf of every tree for each row of `x` `[rows, features]` to `sums` `[rows]`, in the
    /// order of the trees.
    pub(super) fn add(&self, x: ArrayView2<'_, f64>, sums: &mut [f64]) {
        let mut keys = vec![[0; ROWS]; x.ncols()];
        let groups = x.axis_chunks_iter(Axis(0), ROWS);
        for (x, sums) in groups.into_iter().zip(sums.chunks_mut(ROWS)) {
            for (lane, row) in x.outer_iter().enumerate() {
                for (keys, &feature) in keys.iter_mut().zip(row) {
                    keys[lane] = signed(key_of(feature));
                }
            }
            let mut padded = [0.0; ROWS];
            padded[..sums.len()].copy_from_slice(sums);
            self.add_group(&keys, &mut padded);
            sums.copy_from_slice(&padded[..sums.len()]);
        }
    }

    /// The same for rows whose features have `keys` `[features]`.
    fn add_group(&self, keys: &[[i32; ROWS]], sums: &mut [f64; ROWS]) {
        let mut splits = &self.splits[..];
        for tree in &self.trees {
            let (own, others) = splits.split_at(tree.splits);
            splits = others;
            let ruled_out = ruled_out(own, keys);
            for (sum, ruled_out) in sums.iter_mut().zip(ruled_out) {
                *sum += tree.values[ruled_out.trailing_ones() as usize % MAX_LEAVES];
            }
        }
    }
}

impl FewLeavesTree {
    /// The `tree`, whose splits go to the end of `splits`.
    fn new(tree: &Packed, factor: f64, splits: &mut Vec<Split>) -> Option<Self> {
        // Every split on the longest way has a leaf at its side at least.
        if tree.depth as usize >= MAX_LEAVES {
            return None;
        }
        let (before, mut leaves) = (splits.len(), Vec::with_capacity(MAX_LEAVES));
        unfold(tree, 0, splits, &mut leaves)?;
        let mut values = [0.0; MAX_LEAVES];
        for (value, leaf) in values.iter_mut().zip(leaves) {
            *value = factor * leaf;
        }
        Some(Self {
            splits: splits.len() - before,
            values,
        })
    }
}

/// Leaves of a tree where each row does not end: among them all on the left of where it does.
#[inline]
fn ruled_out(splits: &[Split], keys: &[[i32; ROWS]]) -> [u32; ROWS] {
    let mut ruled_out = [0; ROWS];
    for split in splits {
        let keys = &keys[split.feature];
        for (ruled_out, key) in ruled_out.iter_mut().zip(keys) {
            // A choice would become a branch for each row, where this becomes a vector's mask.
            let goes_right = *key > split.threshold;
            *ruled_out |= split.left & u32::from(goes_right).wrapping_neg();
        }
    }
    ruled_out
}

/// Lists the splits and leaves from the node at `index` on, and gives the bits of these leaves;
/// `None` when there are too many. A node that several others lead to counts for each of them.
fn unfold(
    tree: &Packed,
    index: usize,
    splits: &mut Vec<Split>,
    leaves: &mut Vec<f64>,
) -> Option<u32> {
    match tree.node(index) {
        Node::Leaf { value } => {
            let bit = 1_u32.checked_shl(u32::try_from(leaves.len()).ok()?)?;
            leaves.push(value);
            Some(bit)
        }
        Node::Split {
            feature,
            threshold,
            left: child,
        } => {
            let child = child as usize;
            let left = unfold(tree, child, splits, leaves)?;
            splits.push(Split {
                feature: feature as usize,
                threshold: signed(key_of_threshold(threshold)),
                left,
            });
            Some(left | unfold(tree, child + 1, splits, leaves)?)
        }
    }
}

/// A key as an integer of the same order that the processor's vectors compare.
fn signed(key: u32) -> i32 {
    (key ^ (1 << 31)).cast_signed()
}
