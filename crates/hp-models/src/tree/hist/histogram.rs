//! What the rows of a node add up to, by feature and group.

use super::MAX_GROUPS;
use super::codes::{BLOCK, Codes};
use super::entry::Entry;

/// The sum of [`Entry::word`] over the rows of a node, for each group of each feature.
#[derive(Debug, Clone, Default)]
pub(super) struct Histogram {
    features: Vec<Bins>,
}

type Bins = [u64; MAX_GROUPS];

/// Groups that a search looks at as one before it looks at each.
pub(super) const STRETCH: usize = 8;

/// Rows whose codes are fetched at once.
const FETCHED: usize = 64;

impl Histogram {
    /// A histogram without rows.
    pub(super) fn new(codes: &Codes) -> Self {
        Self {
            features: vec![[0; MAX_GROUPS]; codes.n_features()],
        }
    }

    /// Whether it has no features yet.
    pub(super) fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// Takes all rows away.
    pub(super) fn clear(&mut self, codes: &Codes) {
        for (feature, bins) in self.features.iter_mut().enumerate() {
            bins[..codes.groups(feature).len()].fill(0);
        }
    }

    /// The groups of a feature.
    pub(super) fn bins(&self, codes: &Codes, feature: usize) -> &[u64] {
        &self.features[feature][..codes.groups(feature).len()]
    }

    /// The groups of a feature, and after its last one some without rows.
    pub(super) fn stretches(&self, codes: &Codes, feature: usize) -> &[[u64; STRETCH]] {
        let (stretches, _) = self.features[feature].as_chunks();
        &stretches[..codes.groups(feature).len().div_ceil(STRETCH)]
    }

    /// Adds rows whose words have `shift` bits for the count.
    pub(super) fn add<E: Entry>(&mut self, codes: &Codes, entries: &[E], shift: u32) {
        let blocks = codes.blocks().iter();
        for (features, rows) in self.features.chunks_mut(BLOCK).zip(blocks) {
            add_block(features, rows, entries, shift);
        }
    }

    /// Adds the rows of `other`.
    pub(super) fn merge(&mut self, codes: &Codes, other: &Self) {
        self.combine(codes, other, u64::wrapping_add);
    }

    /// Takes the rows of `part` away, which are among those of `self`.
    pub(super) fn subtract(&mut self, codes: &Codes, part: &Self) {
        self.combine(codes, part, u64::wrapping_sub);
    }

    fn combine(&mut self, codes: &Codes, other: &Self, operation: impl Fn(u64, u64) -> u64) {
        let pairs = self.features.iter_mut().zip(&other.features);
        for (feature, (own, other)) in pairs.enumerate() {
            let groups = codes.groups(feature).len();
            for (own, &other) in own[..groups].iter_mut().zip(&other[..groups]) {
                *own = operation(*own, other);
            }
        }
    }
}

/// Histograms that are kept for reuse.
#[derive(Debug, Default)]
pub(super) struct Histograms {
    free: Vec<Histogram>,
}

impl Histograms {
    /// A histogram without rows.
    pub(super) fn take(&mut self, codes: &Codes) -> Histogram {
        match self.free.pop() {
            None => Histogram::new(codes),
            Some(mut histogram) => {
                histogram.clear(codes);
                histogram
            }
        }
    }

    pub(super) fn give_back(&mut self, histogram: Histogram) {
        self.free.push(histogram);
    }
}

/// Adds rows to the bins of up to 16 features. The number of features is a constant of the loop, so
/// that it is unrolled, and a code cannot exceed the bins, so that it need not be checked.
fn add_block<E: Entry>(bins: &mut [Bins], rows: &[[u8; BLOCK]], entries: &[E], shift: u32) {
    macro_rules! unrolled {
        ($($n:literal)*) => {
            match bins.len() {
                $($n => {
                    if let Some(bins) = bins.first_chunk_mut::<$n>() {
                        add_features(bins, rows, entries, shift);
                    }
                })*
                _ => {}
            }
        };
    }
    unrolled!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
}

fn add_features<E: Entry, const N: usize>(
    bins: &mut [Bins; N],
    rows: &[[u8; BLOCK]],
    entries: &[E],
    shift: u32,
) {
    // Codes are fetched for many rows at once: the waits for memory overlap, where a row that is
    // added up right away would leave no room for the rows after it.
    let mut fetched = [[0; BLOCK]; FETCHED];
    for entries in entries.chunks(FETCHED) {
        for (codes, entry) in fetched.iter_mut().zip(entries) {
            *codes = rows[entry.row() as usize];
        }
        for (codes, entry) in fetched.iter().zip(entries) {
            let word = entry.word(shift);
            for (bins, &code) in bins.iter_mut().zip(codes) {
                bins[usize::from(code)] += word;
            }
        }
    }
}
