//! Randomness that is the same in every release and on every platform.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

/// A stream of random numbers of a fit.
///
/// The generator is one that `rand` names and promises to keep, unlike its `StdRng` and `SmallRng`;
/// numbers below a bound are made here because `rand` may change its way of making them.
#[derive(Debug, Clone)]
pub(crate) struct Random(Xoshiro256PlusPlus);

impl Random {
    /// Stream number `stream` of `random_state`; different streams are independent.
    pub(crate) fn new(random_state: u32, stream: u32) -> Self {
        let seed = (u64::from(random_state) << 32) | u64::from(stream);
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A number from 0 to `bound - 1` by multiplication; the bias is below `bound / 2^64`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let product = u128::from(self.0.next_u64()) * bound as u128;
        usize::try_from(product >> 64).unwrap_or_default()
    }

    /// Moves `count` items, drawn without replacement, to the front of `items`.
    pub(crate) fn draw<T>(&mut self, items: &mut [T], count: usize) {
        for next in 0..count {
            let drawn = next + self.below(items.len() - next);
            items.swap(next, drawn);
        }
    }
}
