//! One tree while it grows, from its root to its last leaf.

use super::mean::mean;
use super::{Grower, Use};
use crate::tree::Node;
use crate::tree::few_rows::FEW;
use crate::tree::frontier::{Fresh, Frontier, Open};
use crate::tree::grown::{Grown, GrownLeaf};
use crate::tree::random::Random;
use crate::tree::region::Region;
use crate::tree::rounding::rounded_sums;
use crate::tree::samples::Division;
use crate::tree::scale::power_of_two;
use crate::tree::split::{Score, Search, gain};
use crate::tree::totals::Sample;
use std::ops::ControlFlow;

/// One tree while it grows.
pub(super) struct Growth<'g, 'a> {
    pub(super) grower: &'g mut Grower<'a>,
    /// Sum of the weights of all rows.
    pub(super) weight: f64,
    pub(super) targets: &'g [f64],
    pub(super) random: &'g mut Random,
    pub(super) frontier: Frontier,
    pub(super) grown: Grown,
    pub(super) proceed: &'g dyn Fn() -> ControlFlow<()>,
    /// Rows of the nodes that were searched since `proceed` was last asked.
    pub(super) rows_searched: usize,
}

/// Rows of nodes to search between two looks at whether to go on: some hundredths of a second.
const PATIENCE: usize = 1 << 20;

impl Growth<'_, '_> {
    /// Grows the tree from its root, whose rows are `region` with this sum of weights; `None` when
    /// `proceed` breaks.
    pub(super) fn run(mut self, region: Region, weight: u32) -> Option<Grown> {
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
            if self.rows_searched >= PATIENCE {
                self.rows_searched = 0;
                if (self.proceed)().is_break() {
                    return None;
                }
            }
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
        Some(self.grown)
    }

    /// Finds the best split of a node, or makes it a leaf when there is none worth it.
    fn search(&mut self, mut fresh: Fresh) {
        let grower = &mut *self.grower;
        self.rows_searched += fresh.region.len();
        let centre = grower.samples.centre_of(fresh.totals);
        let way = grower.prepare(&mut fresh, centre);
        let min_count = u32::try_from(grower.limits.min_samples_leaf).unwrap_or(u32::MAX);
        let rounded_sums = fresh
            .only_target
            .map(|target| rounded_sums(target, fresh.totals.weight()));
        // Out of the grower while a search looks at it.
        let reciprocals = std::mem::take(&mut grower.reciprocals);
        let score = Score::new(fresh.totals.around(centre), &reciprocals);
        let mut search = Search::new(score.with_rounded_sums(rounded_sums.as_deref()), min_count);
        // Two rows are divided in the same way by every feature that varies.
        let mut drawn = match fresh.totals.count() {
            2 => 0,
            _ => grower.limits.max_features,
        };
        self.random.draw(&mut grower.features, drawn);
        search = grower.visit(search, (fresh.region, way), 0..drawn);
        // Like scikit-learn, which goes on past `max_features` until a feature varies.
        while drawn < grower.features.len() && !search.has_varied() {
            self.random.draw(&mut grower.features[drawn..], 1);
            search = grower.visit(search, (fresh.region, way), drawn..drawn + 1);
            drawn += 1;
        }
        let open = search.best().map(|mut split| {
            split.left = split.left.around(-centre);
            let gain = gain(fresh.totals, split.left);
            Open {
                fresh,
                split,
                gain,
                improvement: fresh.scale.squares(gain) / self.weight,
            }
        });
        grower.reciprocals = reciprocals;
        let least = self.grower.limits.min_impurity_decrease;
        match open.filter(|open| open.improvement + f64::EPSILON >= least) {
            Some(open) => self.frontier.push(open),
            None => self.make_leaf(fresh.node, fresh.region, fresh.feature),
        }
    }

    /// Splits a node and looks at its children.
    fn apply(&mut self, open: &Open) {
        let Open {
            fresh, split, gain, ..
        } = open;
        let column = self.grower.bins.column(split.feature);
        let left_node = self.grown.nodes.len();
        self.grown.nodes[fresh.node] = Node::Split {
            feature: u32::try_from(split.feature).unwrap_or(u32::MAX),
            threshold: column.threshold(split.below, split.above),
            left: u32::try_from(left_node).unwrap_or(u32::MAX),
        };
        self.grown.nodes.extend([Node::Leaf { value: 0.0 }; 2]);
        let unit = power_of_two(-(fresh.scale.exponent + self.grown.exponent));
        self.grown.importances[split.feature] += gain / self.weight * unit * unit;

        let left_count = split.left.count() as usize;
        let grower = &mut *self.grower;
        let division = Division {
            region: fresh.region,
            order: fresh.feature,
            feature: split.feature,
            below: split.below,
        };
        grower.samples.divide(&division, grower.bins);
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
        let is_large = |child: &Fresh| child.region.len() > FEW;
        if children.iter().flatten().any(is_large) {
            let in_parallel = self.grower.is_parallel(fresh.region);
            let samples = &mut self.grower.samples;
            samples.divide_orders(&division, left_count, in_parallel);
        }
        for child in children.into_iter().flatten() {
            self.search(child);
        }
    }

    /// Makes a node a leaf that has the mean target of its rows, or tells which they are.
    fn make_leaf(&mut self, node: usize, region: Region, feature: usize) {
        let members = || self.grower.samples.members(region, feature);
        match self.grower.use_of_trees {
            Use::Boosting => {
                let rows = members().map(|sample| sample.row);
                self.grown.rows.extend(rows);
                let end = self.grown.rows.len();
                self.grown.leaves.push(GrownLeaf { node, end });
            }
            Use::Forest => {
                let target = |sample: &Sample| self.targets[sample.row as usize];
                let value =
                    mean(|| members().map(|sample| (target(sample), f64::from(sample.weight))));
                self.grown.nodes[node] = Node::Leaf { value };
            }
        }
    }
}
