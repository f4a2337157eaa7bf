//! Random labels: which rows of a pool are called the window when nothing tells the samples apart.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

/// How many permutations are worked on at once, so that their sums stay in the fastest memory.
pub(super) const BLOCK: usize = 500;

/// A stream of random numbers that is the same in every release and on every platform.
#[derive(Debug, Clone)]
pub(super) struct Random(Xoshiro256PlusPlus);

impl Random {
    /// The stream `stream` of `seed`.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mixed = seed ^ stream.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// Moves `count` items, drawn without replacement, to the front of `items`.
    pub(super) fn draw<T>(&mut self, items: &mut [T], count: usize) {
        for next in 0..count {
            let bound = items.len() - next;
            // By multiplication; the bias is below bound / 2^64.
            let product = u128::from(self.0.next_u64()) * bound as u128;
            let drawn = usize::try_from(product >> 64).unwrap_or_default();
            items.swap(next, next + drawn);
        }
    }
}

/// [`BLOCK`] ways to call `window` of the rows of a sorted pool the window.
#[derive(Debug)]
pub(super) struct Labels {
    /// 1 for a row of the window, `[rows of the pool, BLOCK]`.
    labels: Vec<u8>,
}

impl Labels {
    /// Draws the labels of a pool of `reference + window` rows.
    pub(super) fn draw(reference: usize, window: usize, random: &mut Random) -> Self {
        let rows = reference + window;
        // Fewer numbers are drawn when it is the smaller sample that is marked.
        let (drawn, mark) = if window <= reference {
            (window, 1)
        } else {
            (reference, 0)
        };
        let mut labels = vec![1 - mark; rows * BLOCK];
        let mut places: Vec<_> = (0..rows).collect();
        for permutation in 0..BLOCK {
            random.draw(&mut places, drawn);
            for place in &places[..drawn] {
                labels[place * BLOCK + permutation] = mark;
            }
        }
        Self { labels }
    }

    /// Calls `visit` at each of `ends` (numbers of rows, ascending) with its 0-based place and with
    /// how many rows up to there belong to the window, `[BLOCK]`.
    pub(super) fn sweep(
        &self,
        ends: impl IntoIterator<Item = usize>,
        mut visit: impl FnMut(usize, &[i32]),
    ) {
        let mut counts = vec![0_i32; BLOCK];
        let mut rows = self.labels.chunks_exact(BLOCK);
        let mut before = 0;
        for (place, end) in ends.into_iter().enumerate() {
            for labels in rows.by_ref().take(end - before) {
                for (count, label) in counts.iter_mut().zip(labels) {
                    *count += i32::from(*label);
                }
            }
            before = end;
            visit(place, &counts);
        }
    }
}
