//! The search for the best split of a node.

mod singles;

use super::bins::Column;
use super::totals::Totals;

pub(super) use singles::{Integer, Singles};

/// A way to divide a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    pub(super) feature: usize,
    /// Largest code that goes left.
    pub(super) below: u16,
    /// The next code in the node.
    pub(super) above: u16,
    /// What goes left.
    pub(super) left: Totals,
}

/// Goes over the features of a node and keeps the best split, the first of equal ones.
#[derive(Debug, Clone)]
pub(super) struct Search<'a> {
    score: Score<'a>,
    min_count: u32,
    has_varied: bool,
    best_score: f64,
    best: Option<Split>,
}

impl<'a> Search<'a> {
    /// A search that goes by `score`, where both sides must have `min_count` rows.
    pub(super) fn new(score: Score<'a>, min_count: u32) -> Self {
        Self {
            score,
            min_count,
            has_varied: false,
            best_score: f64::NEG_INFINITY,
            best: None,
        }
    }

    /// Looks at every split of `feature`, whose samples or groups of samples come by ascending code.
    pub(super) fn visit(
        &mut self,
        feature: usize,
        column: &Column,
        runs: impl Iterator<Item = (u16, Totals)>,
    ) {
        let score = self.score;
        match score.rounded_sums {
            None if !score.reciprocals.is_empty() => {
                let reciprocals = score.reciprocals;
                self.scan(feature, column, runs, |left| {
                    let weight = left.weight() as usize;
                    let shares = [weight, reciprocals.len() - 1 - weight];
                    score.of(left, shares.map(|weight| reciprocals[weight]))
                });
            }
            None => self.scan(feature, column, runs, |left| {
                let weights = [left.weight(), score.node.weight() - left.weight()];
                score.of(left, weights.map(|weight| 1.0 / f64::from(weight)))
            }),
            Some(sums) => self.scan(feature, column, runs, |left| score.by_rounding(left, sums)),
        }
    }

    fn scan(
        &mut self,
        feature: usize,
        column: &Column,
        mut runs: impl Iterator<Item = (u16, Totals)>,
        score_of: impl Fn(Totals) -> f64,
    ) {
        let Some((first, mut left)) = runs.next() else {
            return;
        };
        let mut below = first;
        for (code, run) in runs {
            if code != below {
                let score = score_of(left);
                if score > self.best_score {
                    let split = Split {
                        feature,
                        below,
                        above: code,
                        left,
                    };
                    self.keep(score, split, column);
                }
                below = code;
            }
            left.add(run);
        }
        self.has_varied |= below != first && column.separates(first, below);
    }

    /// Keeps the best split so far unless it is none. Few splits come here: all that speaks against
    /// them is best asked last, and out of the way of the others.
    #[cold]
    #[inline(never)]
    fn keep(&mut self, score: f64, split: Split, column: &Column) {
        let left = split.left.count();
        let right = self.score.node.count() - left;
        if left.min(right) >= self.min_count && column.separates(split.below, split.above) {
            self.best_score = score;
            self.best = Some(split);
        }
    }

    /// What is found by this search and `later`, a copy of it that has gone over later features.
    pub(super) fn joined(mut self, later: Self) -> Self {
        self.has_varied |= later.has_varied;
        if later.best_score > self.best_score {
            self.best_score = later.best_score;
            self.best = later.best;
        }
        self
    }

    /// Whether one of the features has had more than one value.
    pub(super) fn has_varied(&self) -> bool {
        self.has_varied
    }

    pub(super) fn best(&self) -> Option<Split> {
        self.best
    }
}

/// How good the splits of a node are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Score<'a> {
    node: Totals,
    /// `1 / weight` of each weight up to the node's, to save divisions; empty for a large weight.
    reciprocals: &'a [f64],
    rounded_sums: Option<&'a [f64]>,
}

impl<'a> Score<'a> {
    /// Scores the splits of `node`, whose targets are relative to a centre close to their mean: the
    /// score is then about the differences between targets and loses nothing to their common size.
    /// `reciprocals` has `1 / weight` by weight, up to some weight.
    pub(super) fn new(node: Totals, reciprocals: &'a [f64]) -> Self {
        let weight = node.weight() as usize;
        Self {
            node,
            reciprocals: reciprocals.get(..=weight).unwrap_or_default(),
            rounded_sums: None,
        }
    }

    /// Scores the splits of a pure node by rounding alone: `sums` has the rounded sum of as many equal
    /// targets as the index says.
    pub(super) fn with_rounded_sums(self, sums: Option<&'a [f64]>) -> Self {
        Self {
            rounded_sums: sums,
            ..self
        }
    }

    /// `Σ sum² / weight` over both sides: largest where the squared error is smallest. Swapping the
    /// sides changes no bit of it.
    #[inline]
    fn of(&self, left: Totals, [left_share, right_share]: [f64; 2]) -> f64 {
        let left_sum = left.sum as f64;
        let right_sum = (self.node.sum - left.sum) as f64;
        left_sum * left_sum * left_share + right_sum * right_sum * right_share
    }

    fn by_rounding(&self, left: Totals, sums: &[f64]) -> f64 {
        let left_weight = left.weight();
        let right_weight = self.node.weight() - left_weight;
        let left_sum = sums[left_weight as usize];
        let right_sum = sums[self.node.weight() as usize] - left_sum;
        left_sum * left_sum / f64::from(left_weight)
            + right_sum * right_sum / f64::from(right_weight)
    }
}

/// By how much the sum of squared errors of `node` falls when `left` is split off, in squared
/// integers.
pub(super) fn gain(node: Totals, left: Totals) -> f64 {
    let weight = f64::from(node.weight());
    let left_weight = f64::from(left.weight());
    let centre = node.centre();
    let left_sum = left.around(centre).sum as f64;
    let mean = node.around(centre).sum as f64 / weight;
    let excess = left_sum - left_weight * mean;
    excess * excess * weight / (left_weight * (weight - left_weight))
}
