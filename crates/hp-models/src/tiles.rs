//! Matrices of which some rows at a time lie column by column, and passes over them.
//!
//! Tiles of [`TILE`] rows fit the innermost cache several at a time, and within it every loop runs down columns.
//! Passes run in parallel over parts of the rows that depend on their number alone; what the parts
//! give is put together in their order, so that any number of threads gives the same bits.

mod products;

pub(crate) use products::{Products, add_combination, dot, sum};

use rayon::prelude::*;
use std::ops::Range;

/// Rows of every tile but the last.
pub(crate) const TILE: usize = 64;

/// The height of a tile is a multiple of this; what lies below its last row is zero.
pub(crate) const LANES: usize = 4;

/// Fewest rows of a part: below, a second thread costs more than it saves.
const LEAST_PART: usize = 2048;

/// Most parts, since each has sums of its own.
const MOST_PARTS: usize = 128;

/// Fewest rows for each column of a part that sums the products of all columns. A sum takes two
/// floats, and so those of all parts take an eighth of the data at most.
const ROWS_PER_COLUMN: usize = 16;

/// A matrix `[rows, columns]` in tiles.
#[derive(Debug, Clone)]
pub(crate) struct Tiles {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Tiles {
    /// Makes a matrix of zeros.
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self {
            rows,
            columns,
            values: vec![0.0; height(rows) * columns],
        }
    }

    /// Has `fill` write every tile, given its rows.
    pub(crate) fn filled(
        rows: usize,
        columns: usize,
        fill: impl Fn(Range<usize>, &mut [f64]) + Sync,
    ) -> Self {
        let mut tiles = Self::zeros(rows, columns);
        tiles.update(|part, values| {
            for (rows, tile) in tiles_of(part).zip(values.chunks_mut((TILE * columns).max(1))) {
                fill(rows, tile);
            }
        });
        tiles
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The tile of `rows`, column by column.
    pub(crate) fn tile(&self, rows: &Range<usize>) -> &[f64] {
        let first = rows.start * self.columns;
        &self.values[first..first + height(rows.len()) * self.columns]
    }

    /// Room for a tile of so many rows at the start.
    pub(crate) fn first_mut(&mut self, rows: usize) -> &mut [f64] {
        &mut self.values[..height(rows) * self.columns]
    }

    /// One row `[columns]`.
    pub(crate) fn row(&self, row: usize) -> Vec<f64> {
        let first = row / TILE * TILE;
        let rows = first..self.rows.min(first + TILE);
        let columns = self.tile(&rows).chunks_exact(height(rows.len()));
        columns.map(|column| column[row - first]).collect()
    }

    /// `self · weights` `[rows]` for `weights` `[columns]`.
    pub(crate) fn combination(&self, weights: &[f64]) -> Vec<f64> {
        let mut totals = vec![0.0; self.rows];
        update_parts(&mut totals, |part, totals| {
            for (rows, totals) in tiles_of(part).zip(totals.chunks_mut(TILE)) {
                add_combination(self.tile(&rows), weights, totals);
            }
        });
        totals
    }

    /// `selfᵀ · weights` `[columns]` for `weights` `[rows]`.
    pub(crate) fn weighted_sum(&self, weights: &[f64]) -> Vec<f64> {
        let parts = in_parts(self.rows, |part| {
            let mut sums = vec![0.0; self.columns];
            for rows in tiles_of(part) {
                let columns = self.tile(&rows).chunks_exact(height(rows.len()));
                for (sum, column) in sums.iter_mut().zip(columns) {
                    *sum += dot(column, &weights[rows.clone()]);
                }
            }
            sums
        });
        added(parts)
    }

    /// Runs `work` on every part, given its rows and its tiles one after another.
    pub(crate) fn update<T: Send>(
        &mut self,
        work: impl Fn(Range<usize>, &mut [f64]) -> T + Sync,
    ) -> Vec<T> {
        let step = part_rows(self.rows, 0);
        update(&mut self.values, (self.rows, self.columns), step, work)
    }
}

/// Height of the columns of a tile with so many rows.
pub(crate) fn height(rows: usize) -> usize {
    rows.next_multiple_of(LANES)
}

/// The rows of each tile of a part.
pub(crate) fn tiles_of(part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = part.end;
    part.step_by(TILE)
        .map(move |first| first..end.min(first + TILE))
}

/// The columns of a tile that has `N` of them.
pub(crate) fn columns_mut<const N: usize>(tile: &mut [f64]) -> [&mut [f64]; N] {
    let mut columns = tile.chunks_exact_mut(tile.len() / N);
    std::array::from_fn(|_| columns.next().unwrap_or_default())
}

/// What `work` makes of each part of so many rows, in their order.
pub(crate) fn in_parts<T: Send>(rows: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    in_product_parts((rows, 0), work)
}

/// The same for work that sums products of so many columns.
pub(crate) fn in_product_parts<T: Send>(
    (rows, columns): (usize, usize),
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let step = part_rows(rows, columns);
    if rows <= step {
        return vec![work(0..rows)];
    }
    let parts = (0..rows.div_ceil(step)).into_par_iter();
    parts
        .map(|part| work(part * step..rows.min((part + 1) * step)))
        .collect()
}

/// The sums of entries over all parts, in their order.
pub(crate) fn added(parts: Vec<Vec<f64>>) -> Vec<f64> {
    let mut parts = parts.into_iter();
    let mut sums = parts.next().unwrap_or_default();
    for part in parts {
        for (sum, value) in sums.iter_mut().zip(part) {
            *sum += value;
        }
    }
    sums
}

/// Runs `work` on every part of `values` `[rows]`, given its rows and its values.
pub(crate) fn update_parts<V: Send, T: Send>(
    values: &mut [V],
    work: impl Fn(Range<usize>, &mut [V]) -> T + Sync,
) -> Vec<T> {
    update_product_parts(values, 0, work)
}

/// The same for work that sums products of so many columns.
pub(crate) fn update_product_parts<V: Send, T: Send>(
    values: &mut [V],
    columns: usize,
    work: impl Fn(Range<usize>, &mut [V]) -> T + Sync,
) -> Vec<T> {
    let rows = values.len();
    let step = part_rows(rows, columns);
    update(values, (rows, 1), step, work)
}

/// Runs `work` on parts of `step` rows of `values` `[rows, columns]`.
fn update<V: Send, T: Send>(
    values: &mut [V],
    (rows, columns): (usize, usize),
    step: usize,
    work: impl Fn(Range<usize>, &mut [V]) -> T + Sync,
) -> Vec<T> {
    if rows <= step {
        return vec![work(0..rows, values)];
    }
    let parts = values.par_chunks_mut((step * columns).max(1)).enumerate();
    parts
        .map(|(part, values)| work(part * step..rows.min((part + 1) * step), values))
        .collect()
}

/// Rows of a part of so many in all, in which products of `columns` are summed.
fn part_rows(rows: usize, columns: usize) -> usize {
    let with_room = rows / (ROWS_PER_COLUMN * columns).max(1);
    let even = rows.div_ceil(with_room.clamp(1, MOST_PARTS));
    even.max(LEAST_PART).next_multiple_of(TILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: usize = 3 * LEAST_PART + 77;

    fn entry(row: usize, column: usize) -> f64 {
        ((row * 31 + column * 17) % 101) as f64 - 50.0
    }

    fn matrix(rows: usize, columns: usize) -> Tiles {
        Tiles::filled(rows, columns, |rows, tile| {
            let height = height(rows.len());
            for (column, values) in tile.chunks_exact_mut(height).enumerate() {
                for (row, value) in rows.clone().zip(values) {
                    *value = entry(row, column);
                }
            }
        })
    }

    fn assert_same(one: f64, other: f64) {
        assert!((one - other).abs() < 0.5, "{one} is not {other}");
    }

    #[test]
    fn rows_are_found_again() {
        for rows in [1, 5, TILE, TILE + 3, ROWS] {
            let tiles = matrix(rows, 3);
            for row in [0, rows / 2, rows - 1] {
                let expected = [0, 1, 2].map(|column| entry(row, column));
                assert_eq!(tiles.row(row), expected);
            }
        }
    }

    #[test]
    fn sums_take_an_eighth_of_the_data_at_most() {
        for (rows, columns) in [(50_000, 1000), (300_000, 13), (1_000_000, 300)] {
            let parts = in_product_parts((rows, columns), |_| ()).len();
            assert!(parts == 1 || 2 * parts * columns * columns <= rows * columns / 8);
        }
        let narrow = in_product_parts((300_000, 13), |part| part);
        assert_eq!(narrow, in_parts(300_000, |part| part));
    }

    #[test]
    fn products_are_those_of_all_rows_with_more_columns_on_the_left() {
        for (lefts, rights) in [(1, 1), (2, 1), (5, 3), (5, 4), (6, 4), (8, 7), (9, 3)] {
            let tiles = [lefts, rights].map(|columns| matrix(6, columns));
            let [left, right] = tiles.each_ref().map(|tiles| tiles.tile(&(0..6)));
            let mut products = Products::zeros(lefts, rights);
            products.add(left, right);
            products.add(left, right);
            for i in 0..lefts {
                for j in 0..rights.min(i + 1) {
                    let expected = (0..6).map(|row| 2.0 * entry(row, i) * entry(row, j));
                    assert_same(products.of(i, j), expected.sum());
                }
            }
        }
    }

    #[test]
    fn a_sum_is_that_of_all_rows() {
        for rows in 0..20 {
            let column: Vec<f64> = (0..rows).map(|row| entry(row, 1)).collect();
            assert_same(sum(&column), column.iter().sum());
        }
    }

    #[test]
    fn products_and_combinations_are_those_of_all_rows() {
        for (rows, columns) in [(1, 1), (6, 2), (TILE + 1, 5), (ROWS, 7)] {
            let tiles = matrix(rows, columns);
            let weights: Vec<f64> = (0..columns).map(|column| column as f64 - 2.0).collect();
            let combined = tiles.combination(&weights);
            let sums = tiles.weighted_sum(&combined);
            let parts = in_parts(rows, |part| {
                let mut products = Products::zeros(columns, columns);
                tiles_of(part).for_each(|rows| products.add(tiles.tile(&rows), tiles.tile(&rows)));
                products
            });
            let products = Products::added(parts).unwrap();
            // All are integers.
            let total = |of: &dyn Fn(usize) -> f64| (0..rows).map(of).sum::<f64>();
            for (i, &sum) in sums.iter().enumerate() {
                assert_same(sum, total(&|row| entry(row, i) * combined[row]));
                for j in 0..=i {
                    let expected = total(&|row| entry(row, i) * entry(row, j));
                    assert_same(products.of(i, j), expected);
                }
            }
            let row = rows / 2;
            let expected: f64 = (0..columns).map(|j| entry(row, j) * weights[j]).sum();
            assert_same(combined[row], expected);
        }
    }
}
