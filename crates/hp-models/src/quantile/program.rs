//! The linear program of quantile regression.

use super::columns::Columns;
use crate::cholesky::Cholesky;
use crate::tiles::{Products, Tiles, height, in_product_parts, tiles_of};
use ndarray::Array2;
use std::ops::Range;

/// A column is independent when more than this share of its square lies outside the span of those
/// before it.
const INDEPENDENT_SHARE: f64 = 1e-12;

/// Minimises over `β` the sum of `aboveᵢ · rᵢ` over rows with a residual `r = target − design·β`
/// above 0 and of `−belowᵢ · rᵢ` over the others.
#[derive(Debug)]
pub(super) struct Program {
    /// `[rows, columns + 1]`, the target being the last column.
    pub(super) design: Tiles,
    pub(super) prices: Vec<Prices>,
    /// The first row that is a penalty, and the column that each of them penalises.
    penalties: (usize, Vec<usize>),
}

/// What a unit costs that a target lies above the plane, and below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prices {
    pub(super) above: f64,
    pub(super) below: f64,
}

impl Prices {
    /// Those of so many rows at once.
    pub(super) fn of(quantile: f64, rows: usize) -> Self {
        Self {
            above: quantile * rows as f64,
            below: (1.0 - quantile) * rows as f64,
        }
    }

    pub(super) fn both(self) -> f64 {
        self.above + self.below
    }
}

/// A row that stands for several.
#[derive(Debug, Clone)]
pub(super) struct Pooled {
    /// The mean of the rows, the target being the last `[columns + 1]`.
    pub(super) mean: Vec<f64>,
    pub(super) prices: Prices,
}

impl Program {
    /// The program of all rows.
    pub(super) fn whole(columns: &Columns<'_>) -> Self {
        let rows = columns.data.rows();
        let fill = |rows: Range<usize>, tile: &mut [f64]| columns.fill(rows, tile);
        Self::new(columns, rows, Vec::new(), 1.0, fill)
    }

    /// The program of some rows, of others pooled, and of a share of the penalty.
    pub(super) fn of_rows(
        columns: &Columns<'_>,
        rows: &[usize],
        pooled: Vec<Pooled>,
        share: f64,
    ) -> Self {
        let fill = |places: Range<usize>, tile: &mut [f64]| columns.gather(&rows[places], tile);
        Self::new(columns, rows.len(), pooled, share, fill)
    }

    /// The L1 penalty is one more row for each coefficient, with the target 0.
    fn new(
        columns: &Columns<'_>,
        rows: usize,
        mut others: Vec<Pooled>,
        share: f64,
        fill: impl Fn(Range<usize>, &mut [f64]) + Sync,
    ) -> Self {
        let first_penalty = rows + others.len();
        let width = columns.width();
        let mut penalised = Vec::new();
        for (column, price) in columns.prices() {
            let is_penalised = |place| f64::from(u8::from(place == column));
            penalised.push(column);
            others.push(Pooled {
                mean: (0..=width).map(is_penalised).collect(),
                prices: Prices {
                    above: share * price,
                    below: share * price,
                },
            });
        }
        let design = Tiles::filled(rows + others.len(), width + 1, |range, tile| {
            let height = height(range.len());
            let in_data = range.start.min(rows)..range.end.min(rows);
            let of_data = in_data.len();
            if of_data == range.len() {
                return fill(range, tile);
            }
            if of_data > 0 {
                // Narrower than the tile, which has room for the others.
                let mut data = Tiles::zeros(of_data, width + 1);
                let data = data.first_mut(of_data);
                fill(in_data, data);
                let narrow = data.len() / (width + 1);
                for (to, from) in tile.chunks_exact_mut(height).zip(data.chunks_exact(narrow)) {
                    to[..of_data].copy_from_slice(&from[..of_data]);
                }
            }
            for row in range.start.max(rows)..range.end {
                for (column, value) in tile.chunks_exact_mut(height).zip(&others[row - rows].mean) {
                    column[row - range.start] = *value;
                }
            }
        });
        let of_data = std::iter::repeat_n(Prices::of(columns.quantile, 1), rows);
        Self {
            design,
            prices: of_data
                .chain(others.iter().map(|other| other.prices))
                .collect(),
            penalties: (first_penalty, penalised),
        }
    }

    pub(super) fn width(&self) -> usize {
        self.design.columns() - 1
    }

    pub(super) fn height(&self) -> usize {
        self.design.rows()
    }

    /// Its entry of `row`.
    pub(super) fn target(&self, row: usize) -> f64 {
        self.design.row(row)[self.width()]
    }

    /// What a unit of every row costs together.
    pub(super) fn stake(&self) -> f64 {
        self.prices.iter().map(|prices| prices.both()).sum()
    }

    /// Whether every column clearly lies outside the span of those before it.
    pub(super) fn has_independent_columns(&self) -> bool {
        let width = self.width();
        let parts = in_product_parts((self.height(), width), |part| {
            let mut products = Products::zeros(width, width);
            for rows in tiles_of(part) {
                let columns = &self.design.tile(&rows)[..width * height(rows.len())];
                products.add(columns, columns);
            }
            products
        });
        let Some(products) = Products::added(parts) else {
            return false;
        };
        let matrix = Array2::from_shape_fn((width, width), |(i, j)| products.of(i, j));
        Cholesky::new(&matrix).is_some_and(|factor| {
            let mut pivots = factor.pivots().zip(matrix.diag());
            pivots.all(|(pivot, square)| pivot > INDEPENDENT_SHARE * square)
        })
    }

    /// `[rows]`.
    pub(super) fn residuals(&self, beta: &[f64]) -> Vec<f64> {
        self.design.combination(&residual_weights(beta))
    }

    /// The column whose coefficient `row` penalises: 0 when the plane passes through the row.
    pub(super) fn penalised_column(&self, row: usize) -> Option<usize> {
        let (first, columns) = &self.penalties;
        columns.get(row.checked_sub(*first)?).copied()
    }
}

/// The weights of the design's columns and of the target that give residuals.
pub(super) fn residual_weights(beta: &[f64]) -> Vec<f64> {
    beta.iter().map(|value| -value).chain([1.0]).collect()
}
