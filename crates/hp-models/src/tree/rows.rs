//! A block of rows as trees see it.

use super::Tree;
use super::keys::key_of;
use super::packed::Packed;
use super::walk::{self, LANES};
use ndarray::ArrayView2;

/// Features up to which a row is an array, whose index needs no check.
pub(super) const NARROW: usize = 16;

/// Keys of a block. It is large because each tree is fetched once for every block, and yet stays
/// in the cache while the trees take turns.
const BLOCK: usize = 1 << 17;

/// The keys of the features of some rows, with empty rows at the end up to a multiple of [`LANES`].
#[derive(Debug)]
pub(crate) struct Rows {
    keys: Vec<u32>,
    /// Keys of a row: its features, and zeros up to [`NARROW`].
    stride: usize,
}

impl Rows {
    /// How many rows of `x` `[rows, features]` make a block; each thread has at least one.
    pub(crate) fn per_block(x: ArrayView2<'_, f64>) -> usize {
        let most = (BLOCK / stride(x.ncols())).max(LANES);
        let of_thread = x.nrows().div_ceil(rayon::current_num_threads()).max(1);
        let blocks_of_thread = of_thread.div_ceil(most);
        of_thread.div_ceil(blocks_of_thread).next_multiple_of(LANES)
    }

    /// The rows of `x` `[rows, features]`.
    pub(crate) fn new(x: ArrayView2<'_, f64>) -> Self {
        let stride = stride(x.ncols());
        let mut keys = vec![0; x.nrows().next_multiple_of(LANES) * stride];
        for (row, keys) in x.outer_iter().zip(keys.chunks_exact_mut(stride)) {
            for (key, &feature) in keys.iter_mut().zip(row) {
                *key = key_of(feature);
            }
        }
        Self { keys, stride }
    }

    /// Those at the given places, in their order.
    pub(crate) fn select(&self, places: &[usize]) -> Self {
        let mut keys = Vec::with_capacity(places.len().next_multiple_of(LANES) * self.stride);
        for &place in places {
            keys.extend_from_slice(&self.keys[place * self.stride..][..self.stride]);
        }
        keys.resize(places.len().next_multiple_of(LANES) * self.stride, 0);
        Self {
            keys,
            stride: self.stride,
        }
    }

    /// Puts the value of the leaf of `tree` where each row ends up into `leaves`, and more behind
    /// them for the empty rows.
    pub(crate) fn leaves(&self, tree: &Tree, leaves: &mut Vec<f64>) {
        leaves.clear();
        match tree.packed() {
            Some(packed) => self.walk(packed, |ends| {
                leaves.extend(ends.iter().map(|&end| packed.value(end)));
            }),
            None => leaves.extend(
                self.keys
                    .chunks_exact(self.stride)
                    .map(|keys| tree.leaf(|feature| keys[feature])),
            ),
        }
    }

    /// Walks all rows through `tree`; `visit` is told where [`LANES`] rows after the other end.
    fn walk(&self, tree: &Packed, mut visit: impl FnMut([usize; LANES])) {
        let nodes = &tree.nodes[..];
        let node = |_, at: usize| nodes[at];
        if self.stride == NARROW {
            let (rows, _) = self.keys.as_chunks::<NARROW>();
            let (groups, _) = rows.as_chunks::<LANES>();
            for rows in groups {
                let key = |lane: usize, feature| rows[lane][feature % NARROW];
                visit(walk::ends(tree.depth, node, key));
            }
        } else {
            for rows in self.keys.chunks_exact(LANES * self.stride) {
                let key = |lane, feature| rows[lane * self.stride + feature];
                visit(walk::ends(tree.depth, node, key));
            }
        }
    }
}

/// Keys of a row of `n_features`.
fn stride(n_features: usize) -> usize {
    n_features.max(NARROW)
}
