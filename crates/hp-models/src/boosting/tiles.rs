//! Between rows and leaves of a large tree, tile by tile.
//!
//! The rows of a leaf are scattered over the training set. Within a tile, what belongs to them stays
//! in the cache while leaf after leaf picks its part, and no two threads share a tile.

use crate::tree::Grown;
use rayon::prelude::*;

/// Rows of a tile: an f64 of each fits the cache next to a processor, and of many rows every thread has
/// several tiles.
const TILE: usize = 1 << 14;

/// Puts `values` `[rows]` in the order of [`Grown::rows`], where the rows of every leaf ascend.
pub(super) fn gather(grown: &Grown, values: &[f64], by_leaf: &mut Vec<f64>) {
    by_leaf.resize(grown.rows.len(), 0.0);
    let tiles = values.len().div_ceil(TILE);
    let mut parts: Vec<Vec<(&[u32], &mut [f64])>> = (0..tiles).map(|_| Vec::new()).collect();
    let mut rest = &mut by_leaf[..];
    for mut rows in grown.leaf_rows() {
        while let Some(&first) = rows.first() {
            let tile = first as usize / TILE;
            let (of_tile, later) = rows.split_at(below(rows, (tile + 1) * TILE));
            let (part, others) = rest.split_at_mut(of_tile.len());
            parts[tile].push((of_tile, part));
            (rows, rest) = (later, others);
        }
    }
    parts
        .into_par_iter()
        .flatten_iter()
        .for_each(|(rows, part)| {
            for (slot, &row) in part.iter_mut().zip(rows) {
                *slot = values[row as usize];
            }
        });
}

/// Adds `factor` times the value of a row's leaf to its number in `sums` `[rows]`; the rows of every
/// leaf ascend.
pub(super) fn add_leaves(grown: &Grown, factor: f64, sums: &mut [f64]) {
    let tiles = sums.par_chunks_mut(TILE).enumerate();
    tiles.for_each(|(tile, sums)| {
        let first = tile * TILE;
        for (value, rows) in grown.leaf_values() {
            let of_tile = &rows[below(rows, first)..below(rows, first + TILE)];
            for &row in of_tile {
                sums[row as usize - first] += factor * value;
            }
        }
    });
}

/// How many of `rows`, which ascend, are below `bound`.
fn below(rows: &[u32], bound: usize) -> usize {
    rows.partition_point(|&row| (row as usize) < bound)
}
