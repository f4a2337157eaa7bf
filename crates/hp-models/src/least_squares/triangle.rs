//! The triangular factor of the features, from which every other decomposition follows.

use super::Centred;
use crate::FitError;
use crate::magnitude::power_of_two;
use crate::tiles::{TILE, Tiles, height, in_product_parts, tiles_of};
use ndarray::{Array1, Array2, ArrayView2, Axis, ShapeBuilder, Slice, concatenate};
use smartcore::linalg::traits::qr::QRDecomposable;
use std::ops::Range;

/// `R` of `x = Q · R` and `Qᵀy`.
#[derive(Debug)]
pub(crate) struct Triangle {
    /// `[features, features]`.
    pub(crate) r: Array2<f64>,
    /// `[features]`.
    pub(crate) projected_target: Array1<f64>,
}

impl Triangle {
    /// Triangularises `data`: by its normal equations if these are well-conditioned, else by
    /// orthogonal reflections of its rows.
    ///
    /// # Errors
    /// When a number overflows.
    pub(crate) fn new(data: &Centred<'_>) -> Result<Self, FitError> {
        if let Some(normal) = data.normal(0.0) {
            let (r, projected) = normal.triangle();
            return Ok(Self {
                r,
                projected_target: projected.into(),
            });
        }
        Self::reflected(data)
    }

    /// Triangularises every part of the rows, and what is left of the parts together.
    fn reflected(data: &Centred<'_>) -> Result<Self, FitError> {
        // The factorisation takes anything up to ε for zero, whatever the column's unit.
        let lengths = data
            .squares()
            .iter()
            .map(|square| power_of_two(square.sqrt()));
        let lengths: Vec<f64> = lengths.collect();
        let parts = in_product_parts((data.rows(), lengths.len()), |part| {
            reflected_part(data, &lengths, part)
        });
        let parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        let stacked =
            concatenate(Axis(0), &views).map_err(|error| FitError::Numerical(error.to_string()))?;
        let triangle = triangle_of(stacked.view())?;
        let features = data.features();
        Ok(Self {
            r: Array2::from_shape_fn((features, features), |at| triangle[at] * lengths[at.1]),
            projected_target: Array1::from_shape_fn(features, |row| {
                triangle[(row, features)] * lengths[features]
            }),
        })
    }
}

/// The triangle `[features + 1, features + 1]` of the columns of a part, the target last, divided
/// by `lengths`.
fn reflected_part(
    data: &Centred<'_>,
    lengths: &[f64],
    part: Range<usize>,
) -> Result<Array2<f64>, FitError> {
    let columns = data.features() + 1;
    let first = part.start;
    let mut matrix = Array2::zeros((part.len(), columns).f());
    let mut scratch = Tiles::zeros(TILE.min(part.len()), columns);
    for rows in tiles_of(part) {
        let tile = scratch.first_mut(rows.len());
        data.fill(rows.clone(), tile);
        let columns = tile.chunks_exact(height(rows.len())).zip(lengths);
        for (mut target, (column, length)) in matrix.axis_iter_mut(Axis(1)).zip(columns) {
            let entries = target.iter_mut().skip(rows.start - first).zip(column);
            entries
                .take(rows.len())
                .for_each(|(entry, value)| *entry = value / length);
        }
    }
    triangle_of(matrix.view())
}

/// The triangle of `matrix`, which gets rows of zeros when it has fewer rows than columns.
fn triangle_of(matrix: ArrayView2<'_, f64>) -> Result<Array2<f64>, FitError> {
    let (rows, columns) = matrix.dim();
    // Column-major, since the factorisation walks down columns.
    let mut tall = Array2::zeros((rows.max(columns), columns).f());
    tall.slice_axis_mut(Axis(0), Slice::from(..rows))
        .assign(&matrix);
    let decomposed = tall.qr_mut();
    let triangle = decomposed
        .map_err(|error| FitError::Numerical(error.to_string()))?
        .R();
    Ok(triangle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Columns of which each is mixed with those before it, so that some are nearly collinear.
    fn mixed_data() -> impl Strategy<Value = (Array2<f64>, Array1<f64>)> {
        (30_usize..300, 1_usize..6, any::<u64>(), -3..1).prop_map(
            |(rows, features, seed, tenths)| {
                let own = 10.0_f64.powi(tenths);
                let cell = |row: usize, column: usize| {
                    let bits = (row as u64 * 64 + column as u64 + seed)
                        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    let bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    ((bits >> 11) as f64) / (1_u64 << 53) as f64 - 0.5
                };
                let mut x =
                    Array2::from_shape_fn((rows, features), |(row, column)| cell(row, column));
                for column in 1..features {
                    let before = x.column(column - 1).to_owned();
                    let mut column = x.column_mut(column);
                    column *= own;
                    column += &before;
                }
                let y = Array1::from_shape_fn(rows, |row| {
                    3.0 * x[(row, 0)] + cell(row, features) + 7.0
                });
                (x, y)
            },
        )
    }

    proptest! {
        #[test]
        fn the_normal_equations_agree_with_reflections(
            (x, y) in mixed_data(),
            centre: bool,
        ) {
            let data = Centred::new(x.view(), y.view(), centre).unwrap();
            let reflected = Triangle::reflected(&data).unwrap();
            if let Some(normal) = data.normal(0.0) {
                let (r, _) = normal.triangle();
                let (one, other) = (r.t().dot(&r), reflected.r.t().dot(&reflected.r));
                let size = one.diag().sum();
                prop_assert!((&one - &other).iter().all(|error| error.abs() < 1e-12 * size));
                let coef = Array1::from(normal.solve().unwrap());
                let left = reflected.r.dot(&coef) - &reflected.projected_target;
                let scale = 1e-11 * (x.nrows() as f64).sqrt() * (1.0 + coef.dot(&coef).sqrt());
                prop_assert!(left.iter().all(|error| error.abs() < scale), "{left}");
            }
        }
    }

    #[test]
    fn columns_of_tiny_numbers_are_not_taken_for_zero() {
        let cell = |row: usize, by: usize| ((row * by) % 101) as f64 - 50.0;
        let x = Array2::from_shape_fn((500, 3), |(row, column)| match column {
            0 => cell(row, 31),
            1 => 1e-20 * cell(row, 17),
            _ => 1e-20 * (cell(row, 17) + 1e-5 * cell(row, 7)),
        });
        let y = Array1::from_shape_fn(500, |row| cell(row, 31) + cell(row, 17) + cell(row, 7));
        let data = Centred::new(x.view(), y.view(), true).unwrap();
        assert!(data.normal(0.0).is_none());
        let triangle = Triangle::new(&data).unwrap();
        let third =
            triangle.projected_target[2] / triangle.r[(2, 2)] * data.y_scale() / data.x_scale();
        assert!((third / 1e25 - 1.0).abs() < 1e-6, "{third}");
    }

    #[test]
    fn almost_collinear_columns_are_left_to_reflections() {
        let rows = 5000;
        let noise = |row: usize| ((row * 7919) % 1009) as f64 / 1009.0 - 0.5;
        let x = Array2::from_shape_fn((rows, 2), |(row, column)| {
            (row % 97) as f64 + column as f64 * 1e-4 * noise(row)
        });
        let y = Array1::from_shape_fn(rows, |row| {
            x[(row, 0)] + 1000.0 * (x[(row, 1)] - x[(row, 0)])
        });
        let data = Centred::new(x.view(), y.view(), true).unwrap();
        assert!(data.normal(0.0).is_none());
        let triangle = Triangle::new(&data).unwrap();
        let second =
            triangle.projected_target[1] / triangle.r[(1, 1)] * data.y_scale() / data.x_scale();
        assert!((second - 1000.0).abs() < 1e-5, "{second}");
    }
}
