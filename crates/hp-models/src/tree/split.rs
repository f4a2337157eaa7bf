//! The search for the best split of a node.

use super::bins::Column;
use super::totals::Totals;

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
#[derive(Debug)]
pub(super) struct Search<'a> {
    score: Score<'a>,
    min_count: u32,
    best_score: f64,
    best: Option<Split>,
}

impl<'a> Search<'a> {
    /// A search that goes by `score`, where both sides must have `min_count` rows.
    pub(super) fn new(score: Score<'a>, min_count: u32) -> Self {
        Self {
            score,
            min_count,
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
        let (least, most) = (
            self.min_count,
            score.node.count.saturating_sub(self.min_count),
        );
        let mut best_score = self.best_score;
        let mut best = None;
        let mut left = Totals::default();
        let mut below = 0;
        for (code, run) in runs {
            if code != below {
                if least <= left.count && left.count <= most && column.separates(below, code) {
                    let score = score.of(left);
                    if score > best_score {
                        best_score = score;
                        best = Some((below, code, left));
                    }
                }
                below = code;
            }
            left.add(run);
        }
        if let Some((below, above, left)) = best {
            self.best_score = best_score;
            self.best = Some(Split {
                feature,
                below,
                above,
                left,
            });
        }
    }

    pub(super) fn best(&self) -> Option<Split> {
        self.best
    }
}

/// How good the splits of a node are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Score<'a> {
    node: Totals,
    /// Close to the mean target. Sums are taken relative to it, so that the score is about the
    /// differences between targets and loses nothing to their common size.
    centre: i64,
    centred_sum: i64,
    rounded_sums: Option<&'a [f64]>,
}

impl<'a> Score<'a> {
    /// Scores the splits of `node`. For a pure node `rounded_sums` has the rounded sum of as many
    /// equal targets as the index says; their rounding alone then makes the score.
    pub(super) fn new(node: Totals, rounded_sums: Option<&'a [f64]>) -> Self {
        let weight = i64::from(node.weight);
        let centre = node.sum / weight;
        Self {
            node,
            centre,
            centred_sum: node.sum - centre * weight,
            rounded_sums,
        }
    }

    /// `Σ sum² / weight` over both sides: largest where the squared error is smallest. Swapping the
    /// sides changes no bit of it.
    fn of(&self, left: Totals) -> f64 {
        let right_weight = self.node.weight - left.weight;
        if let Some(sums) = self.rounded_sums {
            let left_sum = sums[left.weight as usize];
            let right_sum = sums[self.node.weight as usize] - left_sum;
            return left_sum * left_sum / f64::from(left.weight)
                + right_sum * right_sum / f64::from(right_weight);
        }
        let left_sum = left.sum - i64::from(left.weight) * self.centre;
        let right_sum = (self.centred_sum - left_sum) as f64;
        let left_sum = left_sum as f64;
        left_sum * left_sum * reciprocal(left.weight)
            + right_sum * right_sum * reciprocal(right_weight)
    }
}

/// `1 / weight` of the weights of small nodes, which are by far the most; the table saves a division
/// per split that is looked at.
static RECIPROCALS: [f64; 4097] = reciprocals();

const fn reciprocals<const N: usize>() -> [f64; N] {
    let mut table = [0.0; N];
    let mut weight = 1;
    while weight < N {
        table[weight] = 1.0 / weight as f64;
        weight += 1;
    }
    table
}

fn reciprocal(weight: u32) -> f64 {
    match RECIPROCALS.get(weight as usize) {
        Some(&reciprocal) => reciprocal,
        None => 1.0 / f64::from(weight),
    }
}

/// By how much the sum of squared errors of `node` falls when `left` is split off, in squared
/// integers.
pub(super) fn gain(node: Totals, left: Totals) -> f64 {
    let weight = f64::from(node.weight);
    let left_weight = f64::from(left.weight);
    let centre = node.sum / i64::from(node.weight);
    let left_sum = (left.sum - i64::from(left.weight) * centre) as f64;
    let mean = (node.sum - i64::from(node.weight) * centre) as f64 / weight;
    let excess = left_sum - left_weight * mean;
    excess * excess * weight / (left_weight * (weight - left_weight))
}
