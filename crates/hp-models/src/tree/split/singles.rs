//! The search where every sample is one row of weight 1: weights are ranks then, so that the scores
//! of a block of splits are computed side by side. Only a block that holds a better one than the best
//! so far is gone over one by one. Where targets are ±1, most blocks are passed over before that, by
//! a bound on their scores.

use super::Search;
use crate::tree::bins::Column;
use crate::tree::totals::Totals;
use std::mem;
use std::ops::{AddAssign, Range, Sub};

/// Splits whose scores are computed together.
const BLOCK: usize = 32;

/// Rows from which on splits of two blocks are passed over together: one by one takes longer where
/// most can be passed over.
const MANY: usize = 1 << 11;

/// More than the relative error of a bound by rounding.
const ROUNDING: f64 = 1e-9;

/// Scores that are compared at once.
const LANES: usize = 4;

/// Integers that targets and their sums are.
pub(in crate::tree) trait Integer:
    Copy + Default + AddAssign + Sub<Output = Self>
{
    /// `value`, which is of this type.
    fn from_i64(value: i64) -> Self;
    fn to_i64(self) -> i64;
    fn to_f64(self) -> f64;
}

impl Integer for i64 {
    fn from_i64(value: i64) -> Self {
        value
    }

    fn to_i64(self) -> i64 {
        self
    }

    fn to_f64(self) -> f64 {
        self as f64
    }
}

impl Integer for i32 {
    #[allow(clippy::cast_possible_truncation, reason = "the value is of this type")]
    fn from_i64(value: i64) -> Self {
        value as i32
    }

    fn to_i64(self) -> i64 {
        self.into()
    }

    fn to_f64(self) -> f64 {
        self.into()
    }
}

/// Samples of weight 1 by ascending code of a feature.
pub(in crate::tree) trait Singles {
    /// A target, and what all of them and fewer add up to.
    type Target: Integer;
    /// The number of samples.
    fn len(&self) -> usize;
    /// The code of the sample at `rank`.
    fn code(&self, rank: usize) -> u16;
    /// The target of each sample at `ranks`.
    fn targets(&self, ranks: Range<usize>) -> impl Iterator<Item = Self::Target>;
}

impl Search<'_> {
    /// Looks at every split of `feature`, as [`visit`](Self::visit) does, in a node that is not pure.
    pub(in crate::tree) fn visit_singles<S: Singles>(
        &mut self,
        feature: usize,
        column: &Column,
        samples: &S,
    ) {
        let ranks = 0..samples.len() - 1;
        self.visit_ranks((feature, column), samples, ranks, S::Target::default());
        self.see_ends(column, samples);
    }

    /// Like [`visit_singles`](Self::visit_singles), where all targets are ±1.
    pub(in crate::tree) fn visit_signs(
        &mut self,
        feature: usize,
        column: &Column,
        samples: &impl Singles<Target = i32>,
    ) {
        let most = samples.len() - 1;
        let stretch = if most < MANY { BLOCK } else { 2 * BLOCK };
        let mut sum = 0;
        for start in (0..most).step_by(stretch) {
            let ranks = start..(start + stretch).min(most);
            let sum_before = sum;
            sum += samples.targets(ranks.clone()).sum::<i32>();
            if self.may_beat_best(&ranks, [sum_before, sum]) {
                self.visit_ranks((feature, column), samples, ranks, sum_before);
            }
        }
        self.see_ends(column, samples);
    }

    /// Whether a split after one of `ranks` can be better than the best so far, where targets are ±1
    /// and add up to `sums` before the first and up to the last of them.
    ///
    /// The score is convex in the number and the sum of the targets on the left. All these splits lie
    /// in the parallelogram between its ends that begins with all the ones or with all the minus
    /// ones, so that none is better than its corners.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "counts are small"
    )]
    fn may_beat_best(&self, ranks: &Range<usize>, [before, after]: [i32; 2]) -> bool {
        let steps = ranks.len() as i32;
        let ones = (steps + after - before) / 2;
        let minus_ones = steps - ones;
        let corner = |steps: i32, rise: i32| (ranks.start + steps as usize, before + rise);
        let corners = [
            corner(0, 0),
            corner(ones, ones),
            corner(minus_ones, -minus_ones),
            corner(steps, after - before),
        ];
        let reciprocals = self.score.reciprocals;
        let scores = corners.map(|(count, sum)| {
            let left = Totals::of_singles(sum.into(), count);
            let shares = [count.max(1), reciprocals.len() - 1 - count];
            self.score.of(left, shares.map(|count| reciprocals[count]))
        });
        let bound = scores.into_iter().fold(0.0, f64::max);
        bound * (1.0 + ROUNDING) > self.best_score
    }

    fn see_ends(&mut self, column: &Column, samples: &impl Singles) {
        let [first, last] = [0, samples.len() - 1].map(|rank| samples.code(rank));
        self.has_varied |= first != last && column.separates(first, last);
    }

    /// Looks at the splits after each of `ranks`, before which the targets add up to `sum`.
    fn visit_ranks<S: Singles>(
        &mut self,
        (feature, column): (usize, &Column),
        samples: &S,
        ranks: Range<usize>,
        mut sum: S::Target,
    ) {
        let count = samples.len();
        let node_sum = S::Target::from_i64(self.score.node.sum);
        let reciprocals = self.score.reciprocals;
        for start in ranks.clone().step_by(BLOCK) {
            let end = (start + BLOCK).min(ranks.end);
            let sum_before = sum;
            let mut left = [S::Target::default(); BLOCK];
            for (left, target) in left.iter_mut().zip(samples.targets(start..end)) {
                sum += target;
                *left = sum;
            }
            let left_shares = &reciprocals[start + 1..=end];
            let right_shares = &reciprocals[count - end..count - start];
            let best = best_score((&left, node_sum), [left_shares, right_shares]);
            if best > self.best_score {
                let before = Totals::of_singles(sum_before.to_i64(), start);
                self.scan_block((feature, column), samples, (start..end, before), best);
            }
        }
    }

    /// Looks at the splits after each of `ranks`, whose best score is `best` if all of them are
    /// between two codes. `before` is what comes before them.
    #[inline(never)]
    fn scan_block(
        &mut self,
        (feature, column): (usize, &Column),
        samples: &impl Singles,
        (ranks, before): (Range<usize>, Totals),
        best: f64,
    ) {
        let reached = ranks.start..ranks.end + 1;
        let runs = || {
            // The first run stands for all samples before it too.
            let mut before = before;
            let runs = reached.clone().zip(samples.targets(reached.clone()));
            runs.map(move |(rank, target)| {
                let mut run = mem::take(&mut before);
                run.add(Totals::of_singles(target.to_i64(), 1));
                (samples.code(rank), run)
            })
        };
        // The best is mostly a split. To keep all that lead up to it would take long.
        let bar = best.next_down();
        let best_before = mem::replace(&mut self.best_score, bar);
        self.visit(feature, column, runs());
        if self.best_score <= bar {
            self.best_score = best_before;
            self.visit(feature, column, runs());
        }
    }
}

/// The best score of splits with these sums on the left, and with these reciprocals of weights on the
/// left and on the right; those of the right in reverse. Sums without reciprocals do not count.
#[inline]
fn best_score<I: Integer>((left, node_sum): (&[I; BLOCK], I), shares: [&[f64]; 2]) -> f64 {
    if let [Some(left_shares), Some(right_shares)] = shares.map(<[f64]>::as_array::<BLOCK>) {
        return best_of_block((left, node_sum), [left_shares, right_shares]);
    }
    let [mut left_shares, mut right_shares] = [[0.0; BLOCK]; 2];
    left_shares[..shares[0].len()].copy_from_slice(shares[0]);
    right_shares[BLOCK - shares[1].len()..].copy_from_slice(shares[1]);
    best_of_block((left, node_sum), [&left_shares, &right_shares])
}

#[inline]
fn best_of_block<I: Integer>(
    (left, node_sum): (&[I; BLOCK], I),
    [left_shares, right_shares]: [&[f64; BLOCK]; 2],
) -> f64 {
    let mut best = [f64::NEG_INFINITY; LANES];
    for start in (0..BLOCK).step_by(LANES) {
        for (lane, best) in best.iter_mut().enumerate() {
            let at = start + lane;
            let [left, right] = [left[at], node_sum - left[at]].map(I::to_f64);
            let score =
                left * left * left_shares[at] + right * right * right_shares[BLOCK - 1 - at];
            *best = if score > *best { score } else { *best };
        }
    }
    best.into_iter().fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::bins::Bins;
    use crate::tree::split::Score;
    use ndarray::Array2;
    use proptest::collection::vec;
    use proptest::prelude::*;

    struct List<I>(Vec<(u16, I)>);

    impl<I: Integer> Singles for List<I> {
        type Target = I;

        fn len(&self) -> usize {
            self.0.len()
        }

        fn code(&self, rank: usize) -> u16 {
            self.0[rank].0
        }

        fn targets(&self, ranks: Range<usize>) -> impl Iterator<Item = I> {
            self.0[ranks].iter().map(|&(_, target)| target)
        }
    }

    /// Asserts that `visit` finds in three features what looking at one sample after the other finds.
    fn check<I: Integer>(
        targets: &[I],
        (distinct, step): (usize, f64),
        min_count: u32,
        visit: impl Fn(&mut Search<'_>, (usize, &Column), &List<I>),
    ) -> Result<(), TestCaseError> {
        let values = Array2::from_shape_fn((targets.len(), 3), |(row, feature)| {
            (row * (feature + 1) * 7919 % distinct) as f64 * step
        });
        let bins = Bins::new(values.view(), Bins::MAX_CODES);
        let single = |target: I| Totals::of_singles(target.to_i64(), 1);
        let mut node = Totals::default();
        for &target in targets {
            node.add(single(target));
        }
        let reciprocals: Vec<f64> = (0..=targets.len())
            .map(|weight| 1.0 / weight as f64)
            .collect();
        let mut plain = Search::new(Score::new(node, &reciprocals), min_count);
        let mut blocks = plain.clone();
        for feature in 0..3 {
            let codes = (0..).map(|row| bins.code(row, feature));
            let mut samples: Vec<_> = codes.zip(targets.iter().copied()).collect();
            samples.sort_by_key(|&(code, _)| code);
            let column = bins.column(feature);
            let runs = samples.iter();
            let runs = runs.map(|&(code, target)| (code, single(target)));
            plain.visit(feature, column, runs);
            visit(&mut blocks, (feature, column), &List(samples));
            let found = |search: &Search<'_>| {
                let split = search.best().map(|s| (s.feature, s.below, s.above, s.left));
                (search.has_varied(), search.best_score.to_bits(), split)
            };
            prop_assert_eq!(found(&plain), found(&blocks));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn blocks_find_the_best_split(
            targets in vec(-3_i64..4, 2..200),
            distinct in 1_usize..200,
            large: bool,
            min_count in 1_u32..40,
            close: bool,
        ) {
            let factor = if large { (1 << 52) + 12_345 } else { 1 };
            let targets: Vec<i64> = targets.iter().map(|target| target * factor).collect();
            let values = (distinct, if close { 2e-8 } else { 1.0 });
            check(&targets, values, min_count, |search, (feature, column), samples| {
                search.visit_singles(feature, column, samples);
            })?;
        }

        #[test]
        fn passing_over_signs_misses_no_split(
            is_one in vec(any::<bool>(), 2..700),
            ones in 0_usize..300,
            distinct in 1_usize..700,
            min_count in 1_u32..40,
        ) {
            // After the random ones some rows of one sign, for a split that is far better than others.
            let is_one = is_one.iter().copied().chain(std::iter::repeat_n(true, ones));
            let targets: Vec<i32> = is_one.map(|is_one| if is_one { 1 } else { -1 }).collect();
            check(&targets, (distinct, 1.0), min_count, |search, (feature, column), samples| {
                search.visit_signs(feature, column, samples);
            })?;
        }
    }
}
