//! One tree while it grows, from its root to its last leaf.

use super::MAX_GROUPS;
use super::codes::Codes;
use super::entry::Entry;
use super::histogram::{Histogram, Histograms};
use super::search::{Search, Split, Totals};
use super::shards::{Division, Shards};
use crate::tree::grown::{Grown, GrownLeaf};
use crate::tree::limits::Limits;
use crate::tree::random::Random;
use crate::tree::{Node, power_of_two};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

/// New nodes after which a growing tree asks whether to go on.
const NODES_PER_QUESTION: usize = 1 << 10;

/// One tree while it grows. Its leaves have no values yet.
pub(super) struct Growth<'g, E> {
    pub(super) codes: &'g Codes,
    pub(super) limits: &'g Limits,
    pub(super) shards: &'g mut Shards<E>,
    pub(super) histograms: &'g mut Histograms,
    pub(super) features: &'g mut [usize],
    pub(super) random: &'g mut Random,
    /// Lower bits of a bin that count rows.
    pub(super) shift: u32,
    pub(super) frontier: BinaryHeap<Open>,
    pub(super) grown: Grown,
}

/// A node that has yet to be looked at.
#[derive(Debug, Clone, Copy)]
struct Fresh {
    node: usize,
    depth: usize,
    totals: Totals,
}

/// A node that is to be split.
#[derive(Debug)]
pub(super) struct Open {
    fresh: Fresh,
    split: Split,
    /// Compares first: the gain when the best node is split first, else nothing.
    priority: f64,
    /// Compares then: the earlier node when the best is split first, else the later one.
    order: i64,
    /// Of larger nodes only: smaller ones are added up in less time than a difference takes.
    histogram: Option<Histogram>,
}

impl<E: Entry> Growth<'_, E> {
    /// Grows the tree on all rows of the shards; `None` when `proceed`, which is asked now and then,
    /// breaks.
    pub(super) fn run(mut self, proceed: &dyn Fn() -> ControlFlow<()>) -> Option<Grown> {
        let (count, steps) = self.shards.totals(0);
        let root = Fresh {
            node: 0,
            depth: 0,
            totals: Totals { count, steps },
        };
        let mut leaves_left = self
            .limits
            .max_leaf_nodes
            .map_or(usize::MAX, |most| most.saturating_sub(1));
        if leaves_left > 0 && self.may_split(&root) {
            let histogram = self.add_up(&root);
            self.search(root, histogram, count);
        } else {
            self.make_leaf(0);
        }
        while let Some(open) = self.frontier.pop() {
            if leaves_left == 0 {
                self.make_leaf(open.fresh.node);
                self.give_back(open.histogram);
                continue;
            }
            leaves_left -= 1;
            self.apply(open, count, leaves_left > 0);
            if self.grown.nodes.len() % NODES_PER_QUESTION == 1 && proceed().is_break() {
                return None;
            }
        }
        Some(self.grown)
    }

    /// Whether the limits let a node be split, before any split is known.
    fn may_split(&self, fresh: &Fresh) -> bool {
        fresh.depth < self.limits.max_depth
            && fresh.totals.count as usize >= self.limits.min_samples_split
            && fresh.totals.steps > 0
    }

    fn add_up(&mut self, fresh: &Fresh) -> Histogram {
        let mut histogram = self.histograms.take(self.codes);
        let node = (fresh.node, fresh.totals.count as usize);
        self.shards
            .add_up(self.codes, node, self.shift, &mut histogram);
        histogram
    }

    /// Finds the best split of a node, or makes it a leaf when there is none worth it.
    fn search(&mut self, fresh: Fresh, histogram: Histogram, tree_count: u32) {
        let least = u32::try_from(self.limits.min_samples_leaf).unwrap_or(u32::MAX);
        let mut search = Search::new(self.codes, fresh.totals, least, self.shift);
        if self.limits.max_features >= self.features.len() {
            for feature in 0..self.features.len() {
                search.visit(&histogram, feature);
            }
        } else {
            self.search_some(&mut search, &histogram);
        }
        let unit = power_of_two(self.grown.exponent);
        let split = search.best(&histogram).filter(|split| {
            let improvement = split.gain / f64::from(tree_count) * unit * unit;
            improvement + f64::EPSILON >= self.limits.min_impurity_decrease
        });
        let keep = fresh.totals.count as usize >= MAX_GROUPS;
        let histogram = if keep && split.is_some() {
            Some(histogram)
        } else {
            self.histograms.give_back(histogram);
            None
        };
        let Some(split) = split else {
            return self.make_leaf(fresh.node);
        };
        let node = i64::try_from(fresh.node).unwrap_or(i64::MAX);
        let (priority, order) = match self.limits.max_leaf_nodes {
            Some(_) => (split.gain, -node),
            None => (0.0, node),
        };
        self.frontier.push(Open {
            fresh,
            split,
            priority,
            order,
            histogram,
        });
    }

    /// Looks at `max_features` features that are drawn, and then on until one varies.
    fn search_some(&mut self, search: &mut Search<'_>, histogram: &Histogram) {
        let mut has_varied = false;
        for drawn in 0..self.features.len() {
            if drawn >= self.limits.max_features && has_varied {
                break;
            }
            let pick = drawn + self.random.below(self.features.len() - drawn);
            self.features.swap(drawn, pick);
            let feature = self.features[drawn];
            if search.varies(histogram, feature) {
                has_varied = true;
                search.visit(histogram, feature);
            }
        }
    }

    /// Splits a node and looks at its children, unless growth does not go on below it.
    fn apply(&mut self, open: Open, tree_count: u32, goes_on: bool) {
        let Open {
            fresh,
            split,
            histogram,
            ..
        } = open;
        let left_node = self.grown.nodes.len();
        let groups = self.codes.groups(split.feature);
        self.grown.nodes[fresh.node] = Node::Split {
            feature: u32::try_from(split.feature).unwrap_or(u32::MAX),
            threshold: groups.threshold(split.below.into(), split.above.into()),
            left: u32::try_from(left_node).unwrap_or(u32::MAX),
        };
        self.grown.nodes.extend([Node::Leaf { value: 0.0 }; 2]);
        self.grown.importances[split.feature] += split.gain / f64::from(tree_count);

        let totals = [split.left, fresh.totals.without(split.left)];
        let children = [0, 1].map(|side| Fresh {
            node: left_node + side,
            depth: fresh.depth + 1,
            totals: totals[side],
        });
        let division = Division {
            node: fresh.node,
            rows: fresh.totals.count as usize,
            feature: split.feature,
            below: split.below,
            shift: self.shift,
        };
        let wanted = children.map(|child| goes_on && self.may_split(&child));
        let histograms = self.divide(division, &children, wanted, histogram);
        for (child, histogram) in children.into_iter().zip(histograms) {
            match histogram {
                Some(histogram) => self.search(child, histogram, tree_count),
                None => self.make_leaf(child.node),
            }
        }
    }

    /// Divides a node among its children and gives the histograms of those that are `wanted`: the
    /// larger one's is the difference between the parent's and the smaller one's.
    fn divide(
        &mut self,
        division: Division,
        children: &[Fresh; 2],
        wanted: [bool; 2],
        parent: Option<Histogram>,
    ) -> [Option<Histogram>; 2] {
        let larger = usize::from(children[0].totals.count < children[1].totals.count);
        let smaller = 1 - larger;
        let is_summed = wanted[smaller] || wanted[larger] && parent.is_some();
        let mut part = is_summed.then(|| self.histograms.take(self.codes));
        let sum = part.as_mut().map(|part| (children[smaller].node, part));
        self.shards.divide(self.codes, division, sum);
        let mut histograms = [None, None];
        if wanted[larger] {
            histograms[larger] = Some(match (parent, &part) {
                (Some(mut parent), Some(part)) => {
                    parent.subtract(self.codes, part);
                    parent
                }
                _ => self.add_up(&children[larger]),
            });
        } else {
            self.give_back(parent);
        }
        if wanted[smaller] {
            histograms[smaller] = part;
        } else {
            self.give_back(part);
        }
        histograms
    }

    fn give_back(&mut self, histogram: Option<Histogram>) {
        if let Some(histogram) = histogram {
            self.histograms.give_back(histogram);
        }
    }

    fn make_leaf(&mut self, node: usize) {
        self.shards.append_rows(node, &mut self.grown.rows);
        self.grown.leaves.push(GrownLeaf {
            node,
            end: self.grown.rows.len(),
        });
    }
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_priority = self.priority.total_cmp(&other.priority);
        by_priority.then(self.order.cmp(&other.order))
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
