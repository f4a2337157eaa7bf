//! Targets as whole numbers of steps, which add up exactly.

use crate::tree::InBag;
use crate::tree::scale::{exponent_above, power_of_two};
use rayon::prelude::*;

/// How the target of a row follows from its residual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Direction {
    /// One of two values, the upper one for residuals from 0 on; they are `2^exponent` apart.
    Sign {
        /// See above.
        exponent: i32,
    },
    /// The residual, but at most this far from 0.
    Clipped(f64),
}

/// Steps of `2^-exponent` from the least target on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    limit: f64,
    least: f64,
    pub(super) exponent: i32,
}

impl Steps {
    /// The smallest steps that add up over all rows `in_bag` to less than 2^(64 − shift) and to no
    /// more than an f64 can hold; `None` when all targets are equal.
    pub(super) fn new(
        residuals: &[f64],
        in_bag: InBag<'_>,
        limit: f64,
        shift: u32,
    ) -> Option<Self> {
        let (low, high) = range(residuals, in_bag, limit);
        if low >= high {
            return None;
        }
        let bits = 31.min(64_u32.saturating_sub(2 * shift)).min(53 - shift);
        let bits = i32::try_from(bits).unwrap_or_default();
        let half_range = high / 2.0 - low / 2.0;
        Some(Self {
            limit,
            least: low,
            exponent: (bits - 1 - exponent_above(half_range)).min(1000),
        })
    }

    /// The target of a row as a number of steps.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the float is between 0 and 2^31"
    )]
    pub(super) fn of(self, residual: f64) -> u32 {
        let factor = power_of_two(self.exponent);
        let target = residual.clamp(-self.limit, self.limit);
        (target * factor - self.least * factor + 0.5) as u32
    }
}

fn range(residuals: &[f64], in_bag: InBag<'_>, limit: f64) -> (f64, f64) {
    const NOTHING: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);
    let either = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.max(b.1));
    let of_chunk = |(first, residuals): (usize, &[f64])| {
        let drawn = |row| match in_bag {
            InBag::All => true,
            InBag::Counts(counts) => counts[row] > 0,
        };
        let rows = (first * CHUNK..)
            .zip(residuals)
            .filter(|&(row, _)| drawn(row));
        rows.fold(NOTHING, |range, (_, &residual)| {
            either(range, (residual, residual))
        })
    };
    let (low, high) = if residuals.len() <= CHUNK {
        of_chunk((0, residuals))
    } else {
        let chunks = residuals.par_chunks(CHUNK).enumerate();
        chunks.map(of_chunk).reduce(|| NOTHING, either)
    };
    (low.max(-limit), high.min(limit))
}

/// Rows that one thread looks at.
const CHUNK: usize = 1 << 14;
