//! Sums over the rows of training data: of the columns, their squares and their products.

use super::Centred;
use crate::tiles::{
    Products, TILE, Tiles, added, dot, height, in_parts, in_product_parts, sum, tiles_of,
};
use ndarray::Array2;
use std::ops::Range;

/// Sums over the rows in the units of the data, the target being the last column.
pub(super) struct Sums {
    rows: usize,
    /// Of the columns `[features + 1]`.
    plain: Vec<f64>,
    /// Of their squares `[features + 1]`.
    squares: Vec<f64>,
    /// Of all columns with each other. Those of wide data might dwarf the data itself, and their
    /// normal equations are singular.
    products: Option<Products>,
}

impl Sums {
    pub(super) fn of(data: &Centred<'_>) -> Self {
        if data.is_wide() {
            Self::of_wide(data)
        } else {
            Self::of_tall(data)
        }
    }

    fn of_tall(data: &Centred<'_>) -> Self {
        let columns = data.features() + 1;
        let parts = in_product_parts((data.rows(), columns), |part| {
            let (mut plain, mut products) = (vec![0.0; columns], Products::zeros(columns, columns));
            for_each_tile(data, part, |tile, height| {
                add_columns(&mut plain, tile, height);
                products.add(tile, tile);
            });
            (plain, products)
        });
        let (plain, products): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let products = Products::added(products);
        let products = products.unwrap_or_else(|| Products::zeros(columns, columns));
        Self {
            rows: data.rows(),
            plain: added(plain),
            squares: (0..columns).map(|j| products.of(j, j)).collect(),
            products: Some(products),
        }
    }

    fn of_wide(data: &Centred<'_>) -> Self {
        let columns = data.features() + 1;
        let parts = in_parts(data.rows(), |part| {
            let (mut plain, mut squares) = (vec![0.0; columns], vec![0.0; columns]);
            for_each_tile(data, part, |tile, height| {
                add_columns(&mut plain, tile, height);
                for (square, column) in squares.iter_mut().zip(tile.chunks_exact(height)) {
                    *square += dot(column, column);
                }
            });
            (plain, squares)
        });
        let (plain, squares): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        Self {
            rows: data.rows(),
            plain: added(plain),
            squares: added(squares),
            products: None,
        }
    }

    pub(super) fn are_finite(&self) -> bool {
        self.squares.iter().all(|square| square.is_finite())
    }

    /// How far each column's mean is from zero `[features + 1]`.
    pub(super) fn means(&self) -> Vec<f64> {
        let sums = self.plain.iter();
        sums.map(|sum| sum / self.rows as f64).collect()
    }

    /// Sums of squares, around the means if `centre` `[features + 1]`.
    pub(super) fn squares(&self, centre: bool) -> Vec<f64> {
        let squares = self.squares.iter().enumerate();
        squares
            .map(|(j, &square)| self.around((j, j), square, centre).max(0.0))
            .collect()
    }

    /// Products of the columns, around the means if `centre`: the lower triangle of
    /// `[features + 1, features + 1]`.
    pub(super) fn gram(&self, centre: bool) -> Option<Array2<f64>> {
        let products = self.products.as_ref()?;
        let columns = self.plain.len();
        Some(Array2::from_shape_fn((columns, columns), |(i, j)| {
            if j > i {
                return 0.0;
            }
            let centred = self.around((i, j), products.of(i, j), centre);
            if i == j { centred.max(0.0) } else { centred }
        }))
    }

    /// The `product` of two columns, moved to their means if `centre`.
    fn around(&self, (i, j): (usize, usize), product: f64, centre: bool) -> f64 {
        if centre {
            product - self.plain[i] * (self.plain[j] / self.rows as f64)
        } else {
            product
        }
    }
}

/// Hands `visit` each tile of a part, the target being the last column, and its height.
fn for_each_tile(data: &Centred<'_>, part: Range<usize>, mut visit: impl FnMut(&[f64], usize)) {
    let mut room = Tiles::zeros(TILE.min(part.len()), data.features() + 1);
    for rows in tiles_of(part) {
        let tile = room.first_mut(rows.len());
        let height = height(rows.len());
        data.fill(rows, tile);
        visit(tile, height);
    }
}

/// Adds the sum of each column of a tile to `sums` `[columns]`.
fn add_columns(sums: &mut [f64], tile: &[f64], height: usize) {
    for (total, column) in sums.iter_mut().zip(tile.chunks_exact(height)) {
        *total += sum(column);
    }
}
