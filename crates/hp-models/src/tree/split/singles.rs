//! The search where every sample is one row of weight 1: weights are ranks then, so that the scores
//! of a block of splits are computed side by side. Only a block that holds a better one than the best
//! so far is gone over one by one.

use super::Search;
use crate::tree::bins::Column;
use crate::tree::totals::Totals;
use std::mem;
use std::ops::Range;

/// Splits whose scores are computed together.
const BLOCK: usize = 32;

/// Scores that are compared at once.
const LANES: usize = 4;

/// Samples of weight 1 by ascending code of a feature.
pub(in crate::tree) trait Singles {
    /// The number of samples.
    fn len(&self) -> usize;
    /// The code of the sample at `rank`.
    fn code(&self, rank: usize) -> u16;
    /// The target of each sample at `ranks`.
    fn targets(&self, ranks: Range<usize>) -> impl Iterator<Item = i64>;
}

impl Search<'_> {
    /// Whether [`visit_singles`](Self::visit_singles) may take the place of [`visit`](Self::visit).
    pub(in crate::tree) fn takes_singles(&self) -> bool {
        self.score.rounded_sums.is_none() && !self.score.reciprocals.is_empty()
    }

    /// Looks at every split of `feature`.
    pub(in crate::tree) fn visit_singles(
        &mut self,
        feature: usize,
        column: &Column,
        samples: &impl Singles,
    ) {
        let count = samples.len();
        let node_sum = self.score.node.sum;
        let reciprocals = self.score.reciprocals;
        let mut sum = 0;
        for start in (0..count - 1).step_by(BLOCK) {
            let end = (start + BLOCK).min(count - 1);
            let sum_before = sum;
            let [mut left, mut right] = [[0.0; BLOCK]; 2];
            let sides = left.iter_mut().zip(&mut right);
            for ((left, right), target) in sides.zip(samples.targets(start..end)) {
                sum += target;
                *left = sum as f64;
                *right = (node_sum - sum) as f64;
            }
            let left_shares = &reciprocals[start + 1..=end];
            let right_shares = &reciprocals[count - end..count - start];
            if best_score([&left, &right], [left_shares, right_shares]) > self.best_score {
                self.scan_block((feature, column), samples, start..end, sum_before);
            }
        }
        let [first, last] = [0, count - 1].map(|rank| samples.code(rank));
        self.has_varied |= first != last && column.separates(first, last);
    }

    /// Looks at the splits after each of `ranks`, before which the targets add up to `sum`.
    #[inline(never)]
    fn scan_block(
        &mut self,
        (feature, column): (usize, &Column),
        samples: &impl Singles,
        ranks: Range<usize>,
        sum: i64,
    ) {
        // The first run stands for all samples before it too.
        let mut before = Totals::of_singles(sum, ranks.start);
        let reached = ranks.start..ranks.end + 1;
        let runs = reached.clone().zip(samples.targets(reached));
        let runs = runs.map(|(rank, target)| {
            let mut run = mem::take(&mut before);
            run.add(Totals::of_singles(target, 1));
            (samples.code(rank), run)
        });
        self.visit(feature, column, runs);
    }
}

/// The best score of splits with these sums, and with these reciprocals of weights, on the left and
/// on the right; those of the right in reverse. Sums without reciprocals are 0.
#[inline]
fn best_score([left, right]: [&[f64; BLOCK]; 2], shares: [&[f64]; 2]) -> f64 {
    if let [Some(left_shares), Some(right_shares)] = shares.map(<[f64]>::as_array::<BLOCK>) {
        return best_of_block([left, right], [left_shares, right_shares]);
    }
    let [mut left_shares, mut right_shares] = [[0.0; BLOCK]; 2];
    left_shares[..shares[0].len()].copy_from_slice(shares[0]);
    right_shares[BLOCK - shares[1].len()..].copy_from_slice(shares[1]);
    best_of_block([left, right], [&left_shares, &right_shares])
}

#[inline]
fn best_of_block(
    [left, right]: [&[f64; BLOCK]; 2],
    [left_shares, right_shares]: [&[f64; BLOCK]; 2],
) -> f64 {
    let mut best = [f64::NEG_INFINITY; LANES];
    for start in (0..BLOCK).step_by(LANES) {
        for (lane, best) in best.iter_mut().enumerate() {
            let at = start + lane;
            let [left, right] = [left[at], right[at]];
            let score =
                left * left * left_shares[at] + right * right * right_shares[BLOCK - 1 - at];
            *best = if score > *best { score } else { *best };
        }
    }
    best.into_iter().fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use crate::tree::bins::Bins;
    use crate::tree::split::{Score, Search};
    use crate::tree::totals::Totals;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::ops::Range;

    struct List(Vec<(u16, i64)>);

    impl super::Singles for List {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn code(&self, rank: usize) -> u16 {
            self.0[rank].0
        }

        fn targets(&self, ranks: Range<usize>) -> impl Iterator<Item = i64> {
            self.0[ranks].iter().map(|&(_, target)| target)
        }
    }

    proptest! {
        /// Blocks find what looking at one sample after the other finds.
        #[test]
        fn blocks_find_the_split_of_single_samples(
            targets in vec(-3_i64..4, 2..200),
            distinct in 1_usize..200,
            large: bool,
            min_count in 1_u32..40,
            close: bool,
        ) {
            let step = if close { 2e-8 } else { 1.0 };
            let values = ndarray::Array2::from_shape_fn((targets.len(), 3), |(row, feature)| {
                (row * (feature + 1) * 7919 % distinct) as f64 * step
            });
            let bins = Bins::new(values.view(), Bins::MAX_CODES);
            let factor = if large { (1 << 52) + 12_345 } else { 1 };
            let single = |target: i64| Totals::of_singles(target * factor, 1);
            let mut node = Totals::default();
            for &target in &targets {
                node.add(single(target));
            }
            let reciprocals: Vec<f64> = (0..=targets.len()).map(|weight| 1.0 / weight as f64).collect();
            let mut plain = Search::new(Score::new(node, &reciprocals), min_count);
            let mut blocks = plain.clone();
            prop_assert!(blocks.takes_singles());
            for feature in 0..3 {
                let mut samples: Vec<_> = (0..).zip(&targets)
                    .map(|(row, &target)| (bins.code(row, feature), target * factor))
                    .collect();
                samples.sort_by_key(|&(code, _)| code);
                let column = bins.column(feature);
                let runs = samples.iter().map(|&(code, target)| (code, Totals::of_singles(target, 1)));
                plain.visit(feature, column, runs);
                blocks.visit_singles(feature, column, &List(samples));
                let found = |search: &Search<'_>| {
                    let split = search.best().map(|s| (s.feature, s.below, s.above, s.left));
                    (search.has_varied(), search.best_score.to_bits(), split)
                };
                prop_assert_eq!(found(&plain), found(&blocks));
            }
        }
    }
}
