//! One tree while it grows, from its root to its last leaf.

use super::Grower;
use super::mean::mean;
use crate::tree::Node;
use crate::tree::frontier::{Fresh, Frontier, Open};
use crate::tree::grown::{Grown, GrownLeaf};
use crate::tree::random::Random;
use crate::tree::region::Region;
use crate::tree::rounding::rounded_sums;
use crate::tree::scale::power_of_two;
use crate::tree::split::{Score, Search, gain};

/// One tree while it grows.
pub(super) struct Growth<'g, 'a> {
    pub(super) grower: &'g mut Grower<'a>,
    /// Sum of the weights of all rows.
    pub(super) weight: f64,
    pub(super) targets: &'g [f64],
    pub(super) random: &'g mut Random,
    pub(super) frontier: Frontier,
    pub(super) grown: Grown,
}

impl Growth<'_, '_> {
    /// Grows the tree from its root, whose rows are `region` with this sum of weights.
    pub(super) fn run(mut self, region: Region, weight: u32) -> Grown {
        let root = self
            .root(region, weight)
            .filter(|root| self.may_split(root));
        match root.and_then(|root| self.refine(root)) {
            Some(root) => self.search(root),
            None => self.make_leaf(0, region, 0),
        }
        let mut leaves_left = self
            .grower
            .limits
            .max_leaf_nodes
            .map(|most| most.saturating_sub(1));
        while let Some(open) = self.frontier.pop() {
            if leaves_left == Some(0) {
                let Fresh {
                    node,
                    region,
                    feature,
                    ..
                } = open.fresh;
                self.make_leaf(node, region, feature);
                continue;
            }
            leaves_left = leaves_left.map(|left| left - 1);
            self.apply(&open);
        }
        self.grown
    }

    /// Finds the best split of a node, or makes it a leaf when there is none worth it.
    fn search(&mut self, mut fresh: Fresh) {
        let grower = &mut *self.grower;
        if fresh.totals.count as usize <= grower.sorted_rows {
            grower.samples.sort(&mut fresh.region, grower.bins);
        }
        let min_count = u32::try_from(grower.limits.min_samples_leaf).unwrap_or(u32::MAX);
        let rounded_sums = fresh
            .only_target
            .map(|target| rounded_sums(target, fresh.totals.weight));
        let score = Score::new(fresh.totals, rounded_sums.as_deref());
        let mut search = Search::new(score, min_count);
        let mut has_varied = false;
        for drawn in 0..grower.features.len() {
            // Like scikit-learn, which goes on past `max_features` until a feature varies.
            // Two rows are divided in the same way by every feature that varies.
            let enough = drawn >= grower.limits.max_features || fresh.totals.count == 2;
            if enough && has_varied {
                break;
            }
            let pick = drawn + self.random.below(grower.features.len() - drawn);
            grower.features.swap(drawn, pick);
            has_varied |= grower.visit(&mut search, fresh.region, grower.features[drawn]);
        }
        let open = search.best().map(|split| {
            let gain = gain(fresh.totals, split.left);
            let improvement = fresh.scale.squares(gain) / self.weight;
            Open {
                fresh,
                split,
                improvement,
            }
        });
        let least = self.grower.limits.min_impurity_decrease;
        match open.filter(|open| open.improvement + f64::EPSILON >= least) {
            Some(open) => self.frontier.push(open),
            None => self.make_leaf(fresh.node, fresh.region, fresh.feature),
        }
    }

    /// Splits a node and looks at its children.
    fn apply(&mut self, open: &Open) {
        let Open { fresh, split, .. } = open;
        let column = self.grower.bins.column(split.feature);
        let left_node = self.grown.nodes.len();
        self.grown.nodes[fresh.node] = Node::Split {
            feature: u32::try_from(split.feature).unwrap_or(u32::MAX),
            threshold: column.threshold(split.below, split.above),
            left: u32::try_from(left_node).unwrap_or(u32::MAX),
        };
        self.grown.nodes.extend([Node::Leaf { value: 0.0 }; 2]);
        let unit = power_of_two(-(fresh.scale.exponent + self.grown.exponent));
        let gain = gain(fresh.totals, split.left) / self.weight;
        self.grown.importances[split.feature] += gain * unit * unit;

        let left_count = split.left.count as usize;
        let grower = &mut *self.grower;
        grower
            .samples
            .divide(fresh.region, split.feature, split.below, grower.bins);
        let regions = fresh.region.cut(left_count);
        let totals = [split.left, fresh.totals.without(split.left)];
        let children = [0, 1].map(|side| {
            let child = Fresh {
                node: left_node + side,
                region: regions[side],
                depth: fresh.depth + 1,
                totals: totals[side],
                scale: fresh.scale,
                feature: split.feature,
                only_target: None,
            };
            let refined = if self.may_split(&child) {
                self.refine(child)
                    .or_else(|| self.split_by_rounding(child, fresh, side))
            } else {
                None
            };
            if refined.is_none() {
                self.make_leaf(child.node, child.region, child.feature);
            }
            refined
        });
        if children.iter().any(Option::is_some) {
            let samples = &mut self.grower.samples;
            samples.divide_orders(fresh.region, split.feature, left_count);
        }
        for child in children.into_iter().flatten() {
            self.search(child);
        }
    }

    /// Makes a node a leaf with the mean target of its rows.
    fn make_leaf(&mut self, node: usize, region: Region, feature: usize) {
        let targets = self.targets;
        let members = || {
            let members = self.grower.samples.members(region, feature);
            members.map(|sample| (targets[sample.row as usize], f64::from(sample.weight)))
        };
        let rows = self.grower.samples.members(region, feature);
        self.grown.rows.extend(rows.map(|sample| sample.row));
        self.grown.leaves.push(GrownLeaf {
            node,
            end: self.grown.rows.len(),
        });
        self.grown.nodes[node] = Node::Leaf {
            value: mean(members),
        };
    }
}
