//! Grows one tree after another.

mod growth;
mod mean;
mod purity;

use super::Node;
use super::bins::{Bins, Codes};
use super::few_rows::{FEW, FewRows};
use super::frontier::{Fresh, Frontier};
use super::grown::Grown;
use super::histograms::Histograms;
use super::limits::Limits;
use super::random::Random;
use super::region::Region;
use super::rounding::PureNodes;
use super::samples::Samples;
use super::split::Search;
use growth::Growth;
use std::fmt;
use std::ops::{ControlFlow, Range};

/// Grows trees on one training set and keeps its buffers from tree to tree.
///
/// The rows of a node are looked at in one of three ways: added up by code while they are more than
/// [`sorted_rows`](Self::sorted_rows), kept sorted by every feature from there on, and sorted anew
/// when they are a few. All three give the same splits; the means of the leaves may differ in the
/// last rounding, since their rows come in another order.
pub(crate) struct Grower<'a> {
    bins: &'a Bins,
    limits: &'a Limits,
    pure_nodes: PureNodes,
    use_of_trees: Use,
    samples: Samples,
    histograms: Histograms,
    few_rows: FewRows,
    features: Vec<usize>,
    /// `1 / weight` by weight; infinity for 0.
    reciprocals: Vec<f64>,
    /// Most rows of a node whose rows are kept sorted.
    sorted_rows: usize,
}

/// Most rows of a sorted node where a histogram has at most 256 codes per feature and is quick to
/// search.
const SORTED_NARROW: usize = 512;

/// Most rows that can be sorted.
const SORTED_WIDE: usize = 1 << 16;

/// Least rows of a node whose splits are scored in blocks. Smaller nodes have few blocks without a
/// better split than those before.
const SINGLES: usize = 512;

/// The same where targets are ±1.
const SIGNS: usize = 64;

/// Least rows of a node that several threads work on.
const PARALLEL_ROWS: usize = 2048;

/// Most features that a thread looks at together.
const PARALLEL_FEATURES: usize = 3;

/// Weights whose reciprocal is kept: those of sorted rows of weight 1, and 0.
const RECIPROCALS: usize = SORTED_WIDE + 1;

/// How the rows of a node are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Added up by code.
    Histograms,
    /// Sorted anew.
    FewRows,
    /// Sorted, one after the other.
    Sorted,
    /// Sorted, of weight 1, in blocks.
    Singles,
    /// Like [`Singles`](Self::Singles), with targets of ±1.
    Signs,
}

/// The rows that a tree is grown on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum InBag<'a> {
    /// Every row once.
    All,
    /// Each row as often as this says `[rows]`.
    Counts(&'a [u32]),
}

/// What trees are grown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// One tree after the other, whose leaves tell their rows and have no value: all threads work on
    /// large nodes.
    Boosting,
    /// Trees that are grown on one thread each, whose leaves have the mean target of their rows.
    Forest,
}

impl fmt::Debug for Grower<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut grower = formatter.debug_struct("Grower");
        grower
            .field("limits", self.limits)
            .field("pure_nodes", &self.pure_nodes)
            .field("use_of_trees", &self.use_of_trees)
            .finish_non_exhaustive()
    }
}

impl<'a> Grower<'a> {
    /// A grower of one tree after the other, whose leaves tell their rows and have no value.
    pub(crate) fn new(bins: &'a Bins, limits: &'a Limits, pure_nodes: PureNodes) -> Self {
        Self {
            bins,
            limits,
            pure_nodes,
            use_of_trees: Use::Boosting,
            samples: Samples::default(),
            histograms: Histograms::default(),
            few_rows: FewRows::default(),
            features: Vec::new(),
            reciprocals: Vec::new(),
            sorted_rows: match bins.codes() {
                Codes::Narrow(_) => SORTED_NARROW,
                Codes::Wide(_) => SORTED_WIDE,
            },
        }
    }

    /// A grower beside others, of trees whose leaves have the mean target of their rows.
    pub(crate) fn of_forest(bins: &'a Bins, limits: &'a Limits) -> Self {
        Self {
            use_of_trees: Use::Forest,
            ..Self::new(bins, limits, PureNodes::Leaf)
        }
    }

    /// Grows a tree on the rows `in_bag` towards `targets` `[rows]`, which are finite. `None` when
    /// `proceed`, which is asked now and then, breaks.
    pub(crate) fn grow(
        &mut self,
        in_bag: InBag<'_>,
        targets: &[f64],
        random: &mut Random,
        proceed: &dyn Fn() -> ControlFlow<()>,
    ) -> Option<Grown> {
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
            .sum::<u32>();
        let known = self.reciprocals.len();
        let wanted = RECIPROCALS.min(weight as usize + 1);
        self.reciprocals
            .extend((known..wanted).map(|weight| 1.0 / weight as f64));
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
            proceed,
            rows_searched: 0,
            grower: self,
        }
        .run(region, weight)
    }
}

impl Grower<'_> {
    /// Prepares the rows of a node for being visited with their targets relative to `centre`.
    fn prepare(&mut self, node: &mut Fresh, centre: i64) -> Way {
        if node.region.len() <= self.sorted_rows {
            self.samples.sort(&mut node.region, node.feature, self.bins);
        }
        let (region, feature) = (node.region, node.feature);
        let way = self.way(node);
        match way {
            Way::Histograms => {
                let samples = self.samples.unsorted(region);
                self.histograms.fill(samples, centre, self.bins);
            }
            Way::FewRows => {
                let samples = self.samples.members(region, feature);
                self.few_rows.load(samples, centre, self.bins);
            }
            Way::Sorted | Way::Singles | Way::Signs => {
                self.samples.centre(region, feature, centre);
            }
        }
        way
    }

    fn way(&self, node: &Fresh) -> Way {
        let rows = node.region.len();
        if node.region.base.is_none() {
            Way::Histograms
        } else if rows <= FEW {
            Way::FewRows
        } else if node.only_target.is_some() {
            Way::Sorted
        } else if self.samples.are_signs() && rows >= SIGNS {
            Way::Signs
        } else if self.samples.are_single() && rows >= SINGLES {
            Way::Singles
        } else {
            Way::Sorted
        }
    }

    /// Shows the features at `places` of the permutation to `search`.
    fn visit<'s>(
        &mut self,
        mut search: Search<'s>,
        (region, way): (Region, Way),
        places: Range<usize>,
    ) -> Search<'s> {
        let features = &self.features[places];
        match way {
            Way::Histograms => {
                let samples = self.samples.unsorted(region);
                for &feature in features {
                    let runs = self.histograms.by_code(feature, samples, self.bins);
                    search.visit(feature, self.bins.column(feature), runs);
                }
            }
            Way::FewRows => {
                for &feature in features {
                    if self.few_rows.sort(feature, self.bins) {
                        let runs = self.few_rows.by_code(feature);
                        search.visit(feature, self.bins.column(feature), runs);
                    }
                }
            }
            Way::Sorted | Way::Singles | Way::Signs => {
                search = self.visit_sorted(search, (region, way), features);
            }
        }
        search
    }

    fn visit_sorted<'s>(
        &self,
        mut search: Search<'s>,
        (region, way): (Region, Way),
        features: &[usize],
    ) -> Search<'s> {
        if self.is_parallel(region) && features.len() > PARALLEL_FEATURES {
            let (first, later) = features.split_at(features.len() / 2);
            let (first, later) = rayon::join(
                || self.visit_sorted(search.clone(), (region, way), first),
                || self.visit_sorted(search.clone(), (region, way), later),
            );
            return first.joined(later);
        }
        let samples = &self.samples;
        for &feature in features {
            let column = self.bins.column(feature);
            if !samples.varies(region, feature) {
                continue;
            }
            match way {
                Way::Signs => search.visit_signs(feature, column, &samples.signs(region, feature)),
                Way::Singles => {
                    search.visit_singles(feature, column, &samples.singles(region, feature));
                }
                _ => search.visit(feature, column, samples.by_code(region, feature)),
            }
        }
        search
    }

    /// Whether several threads work on a node with the rows `region`.
    fn is_parallel(&self, region: Region) -> bool {
        self.use_of_trees == Use::Boosting && region.len() >= PARALLEL_ROWS
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
        let targets: Vec<f64> = (0..900_i32).map(|row| (row * row % 97).into()).collect();
        let counts: Vec<u32> = (0..900).map(|row| row % 4).collect();
        for max_codes in [Bins::MAX_CODES, 256] {
            let bins = Bins::new(x.view(), max_codes);
            for (max_features, max_leaf_nodes) in [(5, None), (2, None), (5, Some(40))] {
                let params = TreeParams {
                    max_features: MaxFeatures::Amount(Amount::Count(max_features)),
                    max_leaf_nodes,
                    min_samples_leaf: Amount::Count(3),
                    ..TreeParams::default()
                };
                let limits = Limits::new(&params, 900, 5);
                let grow = |sorted_rows| {
                    let mut grower = Grower::of_forest(&bins, &limits);
                    grower.sorted_rows = sorted_rows;
                    grower
                        .grow(
                            InBag::Counts(&counts),
                            &targets,
                            &mut Random::new(1, 0),
                            &|| ControlFlow::Continue(()),
                        )
                        .expect("a finished tree")
                        .nodes
                };
                let sorted = grow(1000);
                assert!(sorted.len() > 20);
                assert_eq!(grow(0), sorted);
                assert_eq!(grow(100), sorted);
            }
        }
    }

    #[test]
    fn a_long_tree_can_be_given_up() {
        let rows = 100_000;
        let x = Array2::from_shape_fn((rows, 1), |(row, _)| row as f64);
        let targets: Vec<f64> = (0..rows).map(|row| (row * 7919 % rows) as f64).collect();
        let bins = Bins::new(x.view(), Bins::MAX_CODES);
        let limits = Limits::new(&TreeParams::default(), rows, 1);
        let grow = |answer| {
            let mut grower = Grower::of_forest(&bins, &limits);
            let mut random = Random::new(0, 0);
            grower.grow(InBag::All, &targets, &mut random, &|| answer)
        };
        let grown = grow(ControlFlow::Continue(())).expect("a finished tree");
        assert!(grown.rows.is_empty() && grown.leaves.is_empty());
        assert_eq!(grown.nodes.len(), 2 * bins.column(0).n_codes() - 1);
        assert!(grow(ControlFlow::Break(())).is_none());
    }
}
