//! A first look at whole stretches of groups, in numbers small enough for vectors of four.

use super::Search;

/// The best split so far and its node, for targets of 0 or 1 steps.
///
/// All numbers of rows are below 2^24, hence exact in f32.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    count: f32,
    mean: f32,
    least: f32,
    numerator: f32,
    denominator: f32,
}

/// Rows, and how many of them have a step, that lie left of a stretch of groups and of its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) rows: [f32; 2],
    pub(super) ones: [f32; 2],
}

/// What a distance is off by, as a share of the rows of the node, is less than half of this: eleven
/// operations round numbers that are no larger by 2^−24 of them at most. The other half makes up for
/// the seven roundings of the comparison, because no distance is larger than the rows are many.
const ROUNDING: f32 = 1.0 / (1 << 19) as f32;

impl Bar {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "rounding is allowed for"
    )]
    #[inline]
    pub(super) fn new(search: &Search<'_>) -> Self {
        Self {
            count: search.node.count as f32,
            mean: search.mean as f32,
            least: search.min_count as f32,
            numerator: search.best.numerator as f32,
            denominator: search.best.denominator as f32,
        }
    }

    /// Whether a split within the stretch or at its end could be better than the best one.
    ///
    /// The steps on the left get furthest above their mean when all ones of the stretch come before
    /// its zeros, and furthest below it the other way round. No split is better than one with the
    /// larger of these distances and the less even of the allowed divisions of the rows.
    #[allow(clippy::needless_bitwise_bool, reason = "vectors have no branches")]
    #[inline]
    pub(super) fn may_be_exceeded(&self, stretch: Stretch) -> bool {
        let Stretch { rows, ones } = stretch;
        let start = ones[0] - rows[0] * self.mean;
        let new_ones = ones[1] - ones[0];
        let new_zeros = rows[1] - rows[0] - new_ones;
        let highest = start + new_ones * (1.0 - self.mean);
        let lowest = start - new_zeros * self.mean;
        let distance = larger(highest, -lowest) + self.count * ROUNDING;
        let fewest = larger(rows[0], self.least);
        let most = smaller(rows[1], self.count - self.least);
        let denominator = smaller(self.product(fewest), self.product(most));
        let exceeds = distance * distance * self.denominator > self.numerator * denominator;
        exceeds & (fewest <= most)
    }

    /// Of the numbers of rows on both sides.
    #[inline]
    fn product(&self, left: f32) -> f32 {
        left * (self.count - left)
    }
}

/// The larger one, without the care for NaN that takes more than one instruction.
#[inline]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The smaller one, likewise.
#[inline]
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}
