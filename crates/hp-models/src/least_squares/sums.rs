//! Sums over the rows of training data: of the columns, their squares and their products.

use super::Centred;
use crate::tiles::{
    Products, TILE, Tiles, added, dot, height, in_parts, in_product_parts, tiles_of,
};
use ndarray::Array2;

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
        let columns = data.features() + 1;
        if data.is_wide() {
            return Self::of_wide(data);
        }
        let products = products(data);
        Self {
            rows: data.rows(),
            plain: products.row(columns).take(columns).collect(),
            squares: (0..columns).map(|j| products.of(j, j)).collect(),
            products: Some(products),
        }
    }

    fn of_wide(data: &Centred<'_>) -> Self {
        let columns = data.features() + 1;
        let parts = in_parts(data.rows(), |part| {
            let (mut plain, mut squares) = (vec![0.0; columns], vec![0.0; columns]);
            let mut room = Tiles::zeros(TILE.min(part.len()), columns);
            for rows in tiles_of(part) {
                let tile = room.first_mut(rows.len());
                data.fill(rows.clone(), tile);
                let sums = plain.iter_mut().zip(&mut squares);
                for ((sum, square), column) in sums.zip(tile.chunks_exact(height(rows.len()))) {
                    *sum += column.iter().sum::<f64>();
                    *square += dot(column, column);
                }
            }
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

/// Sums of products of all columns: features, target, and ones for the plain sums.
fn products(data: &Centred<'_>) -> Products {
    let columns = data.features() + 2;
    let parts = in_product_parts((data.rows(), columns), |part| {
        let mut products = Products::zeros(columns, columns);
        let mut scratch = Tiles::zeros(TILE.min(part.len()), columns);
        for rows in tiles_of(part) {
            let tile = scratch.first_mut(rows.len());
            data.fill(rows.clone(), tile);
            let ones = tile.len() - height(rows.len());
            tile[ones..ones + rows.len()].fill(1.0);
            tile[ones + rows.len()..].fill(0.0);
            products.add(tile, tile);
        }
        products
    });
    Products::added(parts).unwrap_or_else(|| Products::zeros(columns, columns))
}
