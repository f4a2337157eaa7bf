//! Grows one tree after another.

mod growth;
mod mean;
mod purity;

use super::Node;
use super::bins::Bins;
use super::frontier::Frontier;
use super::grown::Grown;
use super::limits::Limits;
use super::random::Random;
use super::region::Region;
use super::rounding::PureNodes;
use super::samples::Samples;
use super::split::Search;
use super::totals::Totals;
use growth::Growth;

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
