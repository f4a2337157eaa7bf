//! Grows one tree after another.

use super::Node;
use super::bins::Bins;
use super::frontier::{Fresh, Frontier, Open};
use super::grown::{Grown, GrownLeaf};
use super::limits::Limits;
use super::random::Random;
use super::rounding::{PureNodes, rounded_impurities, rounded_sums};
use super::samples::{Region, Samples, Totals, power_of_two};
use super::split::{Score, Search, gain};

/// Grows trees on one training set and keeps its buffers from tree to tree.
#[derive(Debug)]
pub(crate) struct Grower<'a> {
    bins: &'a Bins,
    limits: &'a Limits,
    samples: Samples,
    histogram: Vec<Totals>,
    features: Vec<usize>,
    pure_nodes: PureNodes,
    /// Nodes of at most this many rows keep their rows sorted by every feature. Larger ones, for which
    /// that would take more time than a histogram over all codes, do not.
    sorted_rows: usize,
}

/// Least value of [`Grower::sorted_rows`].
const SORTED_ROWS: usize = 4096;

/// The rows that a tree is grown on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum InBag<'a> {
    /// Every row once.
    All,
    /// Each row as often as this says `[rows]`.
    Counts(&'a [u32]),
}

impl<'a> Grower<'a> {
    pub(crate) fn new(bins: &'a Bins, limits: &'a Limits, pure_nodes: PureNodes) -> Self {
        Self {
            bins,
            limits,
            samples: Samples::default(),
            histogram: Vec::new(),
            features: Vec::new(),
            pure_nodes,
            sorted_rows: SORTED_ROWS.max(bins.max_codes() / 4),
        }
    }

    /// Grows a tree on the rows `in_bag` towards `targets` `[rows]`, which are finite.
    pub(crate) fn grow(
        &mut self,
        in_bag: InBag<'_>,
        targets: &[f64],
        random: &mut Random,
    ) -> Grown {
        let rows = 0..u32::try_from(targets.len()).unwrap_or(u32::MAX);
        let region = match in_bag {
            InBag::All => self.samples.restart(rows.map(|row| (row, 1))),
            InBag::Counts(counts) => self.samples.restart(rows.zip(counts.iter().copied())),
        };
        // Every tree starts from the same permutation, whatever its thread has grown before.
        self.features.clear();
        self.features.extend(0..self.bins.n_features());
        let weight = self
            .samples
            .members(region, 0)
            .map(|sample| sample.weight)
            .sum();
        Growth {
            weight: f64::from(weight),
            targets,
            random,
            frontier: Frontier::new(self.limits),
            grown: Grown {
                nodes: vec![Node::Leaf { value: 0.0 }],
                leaves: Vec::new(),
                rows: Vec::new(),
                importances: vec![0.0; self.bins.n_features()],
                exponent: 0,
            },
            grower: self,
        }
        .run(region, weight)
    }
}

/// One tree while it grows.
struct Growth<'g, 'a> {
    grower: &'g mut Grower<'a>,
    /// Sum of the weights of all rows.
    weight: f64,
    targets: &'g [f64],
    random: &'g mut Random,
    frontier: Frontier,
    grown: Grown,
}

impl Growth<'_, '_> {
    fn run(mut self, region: Region, weight: u32) -> Grown {
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

    /// The root with integer targets; `None` when all targets are equal.
    fn root(&mut self, region: Region, weight: u32) -> Option<Fresh> {
        let samples = &mut self.grower.samples;
        let scale = samples.quantise((region, 0), weight, self.targets)?;
        self.grown.exponent = -scale.exponent;
        Some(Fresh {
            node: 0,
            region,
            depth: 0,
            totals: totals(samples, region, 0),
            scale,
            feature: 0,
            only_target: None,
        })
    }

    /// Whether the limits let a node be split, before any split is known.
    fn may_split(&self, fresh: &Fresh) -> bool {
        let limits = self.grower.limits;
        fresh.depth < limits.max_depth && fresh.totals.count as usize >= limits.min_samples_split
    }

    /// The node with integer targets that tell its rows apart; `None` when it is pure.
    fn refine(&mut self, mut fresh: Fresh) -> Option<Fresh> {
        let mut spread = self.spread(&fresh);
        if Samples::is_coarse(spread.low, spread.high, fresh.scale) {
            let samples = &mut self.grower.samples;
            let weight = fresh.totals.weight;
            fresh.scale = samples.quantise((fresh.region, fresh.feature), weight, self.targets)?;
            fresh.totals = totals(samples, fresh.region, fresh.feature);
            spread = self.spread(&fresh);
        }
        let impurity = spread.squares / f64::from(fresh.totals.weight);
        (fresh.scale.squares(impurity) > f64::EPSILON).then_some(fresh)
    }

    /// The pure node `fresh`, the left (0) or right (1) child of `parent`, when it is to be split all
    /// the same.
    fn split_by_rounding(&self, fresh: Fresh, parent: &Fresh, side: usize) -> Option<Fresh> {
        if self.grower.pure_nodes == PureNodes::Leaf {
            return None;
        }
        let left_count = match side {
            0 => fresh.totals.count,
            _ => parent.totals.count - fresh.totals.count,
        };
        let samples = &self.grower.samples;
        let targets = || {
            let members = samples.members(parent.region, fresh.feature);
            members.map(|sample| self.targets[sample.row as usize])
        };
        let impurity = rounded_impurities(targets, left_count as usize)[side];
        let only_target = samples
            .members(fresh.region, fresh.feature)
            .next()
            .map(|sample| self.targets[sample.row as usize]);
        (impurity > f64::EPSILON).then_some(Fresh {
            only_target,
            ..fresh
        })
    }

    fn spread(&self, fresh: &Fresh) -> Spread {
        let mean = fresh.totals.sum as f64 / f64::from(fresh.totals.weight);
        let mut spread = Spread {
            low: i64::MAX,
            high: i64::MIN,
            squares: 0.0,
        };
        let samples = &self.grower.samples;
        samples
            .members(fresh.region, fresh.feature)
            .for_each(|sample| {
                let error = sample.target as f64 - mean;
                spread.squares += f64::from(sample.weight) * error * error;
                spread.low = spread.low.min(sample.target);
                spread.high = spread.high.max(sample.target);
            });
        spread
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

impl Grower<'_> {
    /// Shows a feature of a node to `search`; `false` when it is constant there.
    fn visit(&mut self, search: &mut Search<'_>, region: Region, feature: usize) -> bool {
        let column = self.bins.column(feature);
        if region.base.is_some() {
            let (first, last) = self.samples.code_range(region, feature);
            let varies = first != last && column.separates(first, last);
            if varies {
                search.visit(feature, column, self.samples.by_code(region, feature));
            }
            return varies;
        }
        self.histogram.clear();
        self.histogram.resize(column.n_codes(), Totals::default());
        for sample in self.samples.members(region, feature) {
            self.histogram[column.code(sample.row) as usize].add(sample.totals());
        }
        let runs = (0..=u16::MAX)
            .zip(&self.histogram)
            .filter(|(_, bin)| bin.count > 0);
        let mut runs = runs.map(|(code, &bin)| (code, bin)).peekable();
        let first = runs.peek().map(|&(code, _)| code);
        let last = self.histogram.iter().rposition(|bin| bin.count > 0);
        let last = last.and_then(|code| u16::try_from(code).ok());
        let (Some(first), Some(last)) = (first, last) else {
            return false;
        };
        let varies = first != last && column.separates(first, last);
        if varies {
            search.visit(feature, column, runs);
        }
        varies
    }
}

struct Spread {
    low: i64,
    high: i64,
    /// Weighted sum of the squared distances from the mean.
    squares: f64,
}

fn totals(samples: &Samples, region: Region, feature: usize) -> Totals {
    let mut totals = Totals::default();
    for sample in samples.members(region, feature) {
        totals.add(sample.totals());
    }
    totals
}

/// The weighted mean of targets with their weights, never outside their range.
fn mean<I: Iterator<Item = (f64, f64)>>(members: impl Fn() -> I) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    members().for_each(|(target, count)| {
        sum += count * target;
        weight += count;
        low = low.min(target);
        high = high.max(target);
    });
    let mut mean = sum / weight;
    if !mean.is_finite() {
        mean = members()
            .map(|(target, count)| target * (count / weight))
            .sum();
    }
    mean.clamp(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hp_core::method::{Amount, MaxFeatures, TreeParams};
    use ndarray::Array2;

    #[test]
    fn histograms_and_sorted_rows_give_the_same_tree() {
        let x = Array2::from_shape_fn((900, 5), |(row, feature)| {
            (row * (2 * feature + 3) * 7919 % [900, 400, 31, 4, 2][feature]) as f64
        });
        let bins = Bins::new(x.view());
        let targets: Vec<f64> = (0..900_i32).map(|row| (row * row % 97).into()).collect();
        let counts: Vec<u32> = (0..900).map(|row| row % 4).collect();
        for (max_features, max_leaf_nodes) in [(5, None), (2, None), (5, Some(40))] {
            let params = TreeParams {
                max_features: MaxFeatures::Amount(Amount::Count(max_features)),
                max_leaf_nodes,
                min_samples_leaf: Amount::Count(3),
                ..TreeParams::default()
            };
            let limits = Limits::new(&params, 900, 5);
            let grow = |sorted_rows| {
                let mut grower = Grower::new(&bins, &limits, PureNodes::Leaf);
                grower.sorted_rows = sorted_rows;
                grower
                    .grow(InBag::Counts(&counts), &targets, &mut Random::new(1, 0))
                    .nodes
            };
            let sorted = grow(1000);
            assert!(sorted.len() > 20);
            assert_eq!(grow(0), sorted);
            assert_eq!(grow(100), sorted);
        }
    }
}
