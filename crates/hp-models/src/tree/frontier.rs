//! The nodes of a tree that are waiting, and which of them is next.

use super::limits::Limits;
use super::region::Region;
use super::scale::Scale;
use super::split::Split;
use super::totals::Totals;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A node that has yet to be looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fresh {
    pub(super) node: usize,
    pub(super) region: Region,
    pub(super) depth: usize,
    pub(super) totals: Totals,
    pub(super) scale: Scale,
    /// A feature in whose order the samples of `region` are.
    pub(super) feature: usize,
    /// The target of all rows when they have but one.
    pub(super) only_target: Option<f64>,
}

/// A node that is to be split.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) fresh: Fresh,
    pub(super) split: Split,
    /// By how much the split lowers the sum of squared errors, in squared integers.
    pub(super) gain: f64,
    /// By how much the split lowers the mean squared error of the tree.
    pub(super) improvement: f64,
}

/// The nodes that are to be split.
pub(super) enum Frontier {
    /// The latest first.
    DepthFirst(Vec<Open>),
    /// The one that improves most first.
    BestFirst(BinaryHeap<Open>),
}

impl Frontier {
    pub(super) fn new(limits: &Limits) -> Self {
        match limits.max_leaf_nodes {
            None => Self::DepthFirst(Vec::new()),
            Some(_) => Self::BestFirst(BinaryHeap::new()),
        }
    }

    pub(super) fn push(&mut self, open: Open) {
        match self {
            Self::DepthFirst(stack) => stack.push(open),
            Self::BestFirst(heap) => heap.push(open),
        }
    }

    pub(super) fn pop(&mut self) -> Option<Open> {
        match self {
            Self::DepthFirst(stack) => stack.pop(),
            Self::BestFirst(heap) => heap.pop(),
        }
    }
}

/// Orders by improvement; of equal ones the earlier node is the greater.
impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_improvement = self.improvement.total_cmp(&other.improvement);
        by_improvement.then(other.fresh.node.cmp(&self.fresh.node))
    }
}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Open {}
