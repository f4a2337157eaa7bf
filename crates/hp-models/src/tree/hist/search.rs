//! The search for the best split of a node in its histogram.

mod bar;

use super::MAX_GROUPS;
use super::codes::Codes;
use super::entry::SIGN_SHIFT;
use super::histogram::{Histogram, STRETCH};
use bar::{Bar, Stretch};

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
    /// Steps of a row.
    mean: f64,
    /// Whether stretches of groups are looked at before each group is.
    is_screened: bool,
    best: Best,
}

/// `distance² / (left · right)`, which is larger the better a split is, as a fraction: comparing two
/// of them needs no division.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Best {
    numerator: f64,
    denominator: f64,
    /// Feature, largest group that goes left, and the word of what goes left.
    split: Option<(usize, usize, u64)>,
}

/// Stretches of a feature.
const STRETCHES: usize = MAX_GROUPS / STRETCH;

impl<'a> Search<'a> {
    /// A search in a node with these totals, where both sides must have `min_count` rows.
    pub(super) fn new(codes: &'a Codes, node: Totals, min_count: u32, shift: u32) -> Self {
        Self {
            codes,
            node,
            min_count,
            shift,
            mean: node.steps as f64 / f64::from(node.count),
            is_screened: shift == SIGN_SHIFT && (min_count..1 << 24).contains(&node.count),
            best: Best {
                numerator: 0.0,
                denominator: 1.0,
                split: None,
            },
        }
    }

    /// Looks at every split of `feature`.
    pub(super) fn visit(&mut self, histogram: &Histogram, feature: usize) {
        let stretches = histogram.stretches(self.codes, feature);
        if self.is_screened {
            self.visit_stretches(stretches, feature);
        } else {
            self.visit_groups(stretches.as_flattened(), (feature, 0), 0);
        }
    }

    /// Looks at the splits of a feature, but for those in stretches of groups that are seen to hold
    /// none better than the best.
    fn visit_stretches(&mut self, stretches: &[[u64; STRETCH]], feature: usize) {
        let mut lefts = [0; STRETCHES + 1];
        let mut left = 0;
        for (end, bins) in lefts[1..].iter_mut().zip(stretches) {
            left += bins.iter().sum::<u64>();
            *end = left;
        }
        let rows = lefts.map(|word| small(word & u64::from(u32::MAX)));
        let ones = lefts.map(|word| small(word >> SIGN_SHIFT));
        let stretch = |index: usize| Stretch {
            rows: [rows[index], rows[index + 1]],
            ones: [ones[index], ones[index + 1]],
        };
        // Few are worth a closer look: to ask for all at once takes vectors.
        let bar = Bar::new(self);
        let mut worthy = 0_u32;
        for index in 0..STRETCHES {
            worthy |= u32::from(bar.may_be_exceeded(stretch(index))) << index;
        }
        while worthy != 0 {
            let index = worthy.trailing_zeros() as usize % STRETCHES;
            worthy &= worthy - 1;
            if Bar::new(self).may_be_exceeded(stretch(index)) {
                let place = (feature, index * STRETCH);
                self.visit_groups(&stretches[index], place, lefts[index]);
            }
        }
    }

    /// Looks at the splits above each of `bins`, the groups of a feature from `start` on, when the
    /// rows of the word `left` are in the groups before.
    fn visit_groups(&mut self, bins: &[u64], (feature, start): (usize, usize), mut left: u64) {
        let mask = (1 << self.shift) - 1;
        let count = f64::from(self.node.count);
        let mean = self.mean;
        let least = u64::from(self.min_count);
        let Some(most) = u64::from(self.node.count).checked_sub(least) else {
            return;
        };
        let mut best = self.best;
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
                    split: Some((feature, start + group, left)),
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

/// A number of rows below 2^24, by way of the type whose conversion has a vector form.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the number is small"
)]
#[inline]
fn small(rows: u64) -> f32 {
    (rows as u32).cast_signed() as f32
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

#[cfg(test)]
mod tests {
    use super::super::entry::{Entry, SignEntry};
    use super::*;
    use crate::tree::random::Random;
    use ndarray::Array2;

    /// The split of `count` rows with random features, of which every second has few values, and
    /// with signs that follow one of them now and then.
    fn best(count: u32, min_count: u32, seed: u32, is_screened: bool) -> Best {
        let mut random = Random::new(seed, 0);
        let values = [1000, 3];
        let x = Array2::from_shape_simple_fn((count as usize, 8), || random.below(1 << 20));
        let x = Array2::from_shape_fn(x.dim(), |(row, feature)| {
            (x[(row, feature)] % values[feature % 2]) as f64
        });
        let follows = random.below(3);
        let sign = |row: &f64| u32::from(random.below(9) < 1 + follows * usize::from(*row > 400.0));
        let signs: Vec<u32> = x.column(4).iter().map(sign).collect();
        let rows = (0..count).zip(&signs);
        let entries: Vec<_> = rows.map(|(row, &sign)| SignEntry::new(row, sign)).collect();
        let codes = Codes::new(x.view(), MAX_GROUPS);
        let mut histogram = Histogram::new(&codes);
        histogram.add(&codes, &entries, SIGN_SHIFT);
        let node = Totals {
            count,
            steps: signs.iter().map(|&sign| u64::from(sign)).sum(),
        };
        let mut search = Search::new(&codes, node, min_count, SIGN_SHIFT);
        search.is_screened &= is_screened;
        for feature in 0..codes.n_features() {
            search.visit(&histogram, feature);
        }
        search.best
    }

    #[test]
    fn stretches_hide_no_better_split() {
        let mut found = 0;
        for seed in 0..300 {
            let count = [2, 40, 41, 100, 500, 3000][seed as usize % 6];
            let min_count = [1, 20, 50][seed as usize / 6 % 3];
            let screened = best(count, min_count, seed, true);
            assert_eq!(screened, best(count, min_count, seed, false), "{seed}");
            found += usize::from(screened.split.is_some());
        }
        assert!(found > 150, "{found}");
    }
}
