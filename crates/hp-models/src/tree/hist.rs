//! Grows the trees of boosting on features that are coded by at most 256 groups of values.
//!
//! A node is searched through its histogram: for every group of every feature how many rows it has
//! and the sum of their targets, both in one integer ([`histogram`]). Integer sums are exact in any
//! order, so neither the number of threads nor whether a histogram was added up or is the difference
//! of two others changes a bit of the tree. Only the smaller child of a split is added up; the
//! larger one is what is left of the parent.

mod groups;

mod codes;

mod entry;
mod targets;

mod histogram;
mod shards;

mod search;

mod growth;

use super::grown::Grown;
use super::limits::Limits;
use super::random::Random;
use super::{InBag, Node};
use codes::Codes;
use entry::{SIGN_SHIFT, SignEntry, StepEntry};
use growth::Growth;
use histogram::Histograms;
use ndarray::ArrayView2;
use shards::Shards;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;
use targets::Steps;

pub(crate) use targets::Direction;

/// Most groups of a feature.
const MAX_GROUPS: usize = 256;

/// Grows trees on one training set and keeps its buffers from tree to tree.
///
/// Targets that are no signs are rounded, the more rows the coarser: their range is 2^31 steps up to
/// 65,535 rows, 2^30 above, and a fourth as many with every further doubling, down to 2^12 before
/// 2^26 rows.
#[derive(Debug)]
pub(crate) struct HistGrower<'a> {
    codes: Codes,
    limits: &'a Limits,
    features: Vec<usize>,
    histograms: Histograms,
    signs: Shards<SignEntry>,
    steps: Shards<StepEntry>,
}

impl<'a> HistGrower<'a> {
    /// Whether there can be a grower for so many rows and groups: a code is one byte, and with more
    /// rows too few steps are left for a target.
    pub(crate) fn fits(rows: usize, max_bins: usize) -> bool {
        rows < 1 << 26 && max_bins <= MAX_GROUPS
    }

    /// Codes `x` `[rows, features]`, which is finite, by at most `max_bins` groups of each feature;
    /// there must be no more than [`fits`](Self::fits) says.
    pub(crate) fn new(x: ArrayView2<'_, f64>, max_bins: usize, limits: &'a Limits) -> Self {
        Self {
            codes: Codes::new(x, max_bins.min(MAX_GROUPS)),
            limits,
            features: Vec::new(),
            histograms: Histograms::default(),
            signs: Shards::default(),
            steps: Shards::default(),
        }
    }

    /// Grows a tree on the rows `in_bag`, of which each counts at most once, towards targets that
    /// follow from `residuals` `[rows]`. Its leaves have no values; the rows of each ascend. `None`
    /// when `proceed`, which is asked now and then, breaks.
    pub(crate) fn grow(
        &mut self,
        in_bag: InBag<'_>,
        (residuals, direction): (&[f64], Direction),
        random: &mut Random,
        proceed: &dyn Fn() -> ControlFlow<()>,
    ) -> Option<Grown> {
        let rows = residuals.len();
        self.features.clear();
        self.features.extend(0..self.codes.n_features());
        let grown = Grown {
            nodes: vec![Node::Leaf { value: 0.0 }],
            leaves: Vec::new(),
            rows: Vec::with_capacity(rows),
            importances: vec![0.0; self.codes.n_features()],
            exponent: 0,
        };
        let Self {
            codes,
            limits,
            features,
            histograms,
            ..
        } = self;
        match direction {
            Direction::Sign { exponent } => {
                let sign = |row: usize| u32::from(residuals[row] >= 0.0);
                self.signs.restart(rows, in_bag, sign);
                Growth {
                    codes,
                    limits,
                    shards: &mut self.signs,
                    histograms,
                    features,
                    random,
                    shift: SIGN_SHIFT,
                    frontier: BinaryHeap::new(),
                    grown: Grown { exponent, ..grown },
                }
                .run(proceed)
            }
            Direction::Clipped(limit) => {
                let shift = rows.ilog2() + 1;
                let steps = Steps::new(residuals, in_bag, limit, shift);
                let of_row = |row: usize| steps.map_or(0, |steps| steps.of(residuals[row]));
                self.steps.restart(rows, in_bag, of_row);
                let exponent = steps.map_or(0, |steps| -steps.exponent);
                Growth {
                    codes,
                    limits,
                    shards: &mut self.steps,
                    histograms,
                    features,
                    random,
                    shift,
                    frontier: BinaryHeap::new(),
                    grown: Grown { exponent, ..grown },
                }
                .run(proceed)
            }
        }
    }
}
