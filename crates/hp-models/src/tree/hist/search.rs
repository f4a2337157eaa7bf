//! The search for the best split of a node in its histogram.

use super::codes::Codes;
use super::histogram::Histogram;

/// Number of rows and sum of their steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) count: u32,
    pub(super) steps: u64,
}

impl Totals {
    /// Takes a bin apart whose lower `shift` bits count rows.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "there are fewer than 2^31 rows"
    )]
    fn of_word(word: u64, shift: u32) -> Self {
        Self {
            count: (word & ((1 << shift) - 1)) as u32,
            steps: word >> shift,
        }
    }

    pub(super) fn without(self, part: Self) -> Self {
        Self {
            count: self.count - part.count,
            steps: self.steps - part.steps,
        }
    }
}

/// A way to divide a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    pub(super) feature: usize,
    /// Largest group that goes left.
    pub(super) below: u8,
    /// The next group in the node.
    pub(super) above: u8,
    /// What goes left.
    pub(super) left: Totals,
    /// By how much the sum of squared errors falls, in squared steps.
    pub(super) gain: f64,
}

/// Goes over the features of a node and keeps the best split, the first of equal ones.
#[derive(Debug)]
pub(super) struct Search<'a> {
    codes: &'a Codes,
    node: Totals,
    min_count: u32,
    shift: u32,
    best: Best,
}

/// `distance² / (left · right)`, which is larger the better a split is, as a fraction: comparing two
/// of them needs no division.
#[derive(Debug, Clone, Copy)]
struct Best {
    numerator: f64,
    denominator: f64,
    /// Feature, largest group that goes left, and the word of what goes left.
    split: Option<(usize, usize, u64)>,
}

impl<'a> Search<'a> {
    /// A search in a node with these totals, where both sides must have `min_count` rows.
    pub(super) fn new(codes: &'a Codes, node: Totals, min_count: u32, shift: u32) -> Self {
        Self {
            codes,
            node,
            min_count,
            shift,
            best: Best {
                numerator: 0.0,
                denominator: 1.0,
                split: None,
            },
        }
    }

    /// Looks at every split of `feature`.
    pub(super) fn visit(&mut self, histogram: &Histogram, feature: usize) {
        let bins = histogram.bins(self.codes, feature);
        let mask = (1 << self.shift) - 1;
        let count = f64::from(self.node.count);
        let mean = self.node.steps as f64 / count;
        let least = u64::from(self.min_count);
        let Some(most) = u64::from(self.node.count).checked_sub(least) else {
            return;
        };
        let mut best = self.best;
        let mut left = 0;
        for (group, bin) in bins.iter().enumerate() {
            left += bin;
            let left_count = left & mask;
            if left_count < least {
                continue;
            }
            if left_count > most {
                break;
            }
            let left_rows = left_count.cast_signed() as f64;
            let steps = (left >> self.shift).cast_signed() as f64;
            let distance = steps - left_rows * mean;
            let numerator = distance * distance;
            let denominator = left_rows * (count - left_rows);
            if numerator * best.denominator > best.numerator * denominator {
                best = Best {
                    numerator,
                    denominator,
                    split: Some((feature, group, left)),
                };
            }
        }
        self.best = best;
    }

    /// Whether the rows of the node are in more than one group of `feature`.
    pub(super) fn varies(&self, histogram: &Histogram, feature: usize) -> bool {
        let bins = histogram.bins(self.codes, feature);
        let full = |&bin: &u64| Totals::of_word(bin, self.shift).count == self.node.count;
        !bins.iter().any(full)
    }

    /// The best split, when there is one that tells any targets apart.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "there are no more than 256 groups"
    )]
    pub(super) fn best(self, histogram: &Histogram) -> Option<Split> {
        let (feature, below, word) = self.best.split?;
        let left = Totals::of_word(word, self.shift);
        let gain = gain(self.node, left)?;
        let above = histogram.bins(self.codes, feature)[below + 1..]
            .iter()
            .position(|&bin| bin > 0)?;
        Some(Split {
            feature,
            below: below as u8,
            above: (below + 1 + above) as u8,
            left,
            gain,
        })
    }
}

/// By how much the sum of squared errors of `node` falls when `left` is split off; `None` when it
/// does not.
fn gain(node: Totals, left: Totals) -> Option<f64> {
    let right = node.without(left);
    let product = |steps: u64, count: u32| i128::from(steps) * i128::from(count);
    let distance = product(left.steps, node.count) - product(node.steps, left.count);
    let weights = f64::from(node.count) * f64::from(left.count) * f64::from(right.count);
    (distance != 0).then(|| distance as f64 * (distance as f64 / weights))
}
