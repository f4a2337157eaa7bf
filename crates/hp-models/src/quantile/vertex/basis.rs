//! The rows through which the plane of a vertex passes.

use crate::tiles::Tiles;
use ndarray::{Array1, Array2, Axis};

/// How much of a row must lie outside the span of those chosen, tried in this order: a basis of
/// rows that differ clearly keeps its digits.
pub(super) const INDEPENDENT_SHARES: [f64; 3] = [1e-3, 1e-7, 1e-12];

/// As many independent rows of a design as it has columns, and the inverse of their matrix.
#[derive(Debug)]
pub(super) struct Basis<'a> {
    /// The target being the last column.
    design: &'a Tiles,
    rows: Vec<usize>,
    matrix: Array2<f64>,
    inverse: Array2<f64>,
}

impl<'a> Basis<'a> {
    /// The first independent rows in `order`, if there are enough, trying one of `shares` after
    /// another.
    pub(super) fn of_first(design: &'a Tiles, order: &[usize], shares: &[f64]) -> Option<Self> {
        let width = design.columns() - 1;
        // Unit rows stand in until they are replaced.
        let mut basis = Self {
            design,
            rows: vec![usize::MAX; width],
            matrix: Array2::eye(width),
            inverse: Array2::eye(width),
        };
        let mut vacant: Vec<usize> = (0..width).collect();
        for share in shares {
            for &row in order {
                if vacant.is_empty() {
                    return Some(basis);
                }
                let values = basis.values(row);
                let weights = values.dot(&basis.inverse);
                let size = |place: usize| {
                    let edge = basis.inverse.column(place);
                    weights[place].abs() / edge.dot(&edge).sqrt()
                };
                let best = (0..vacant.len())
                    .max_by(|&a, &b| size(vacant[a]).total_cmp(&size(vacant[b])))?;
                let outside = size(vacant[best]);
                if outside > share * values.dot(&values).sqrt() {
                    basis.replace(vacant.swap_remove(best), row);
                }
            }
        }
        vacant.is_empty().then_some(basis)
    }

    pub(super) fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// For every row of the design whether it is in the basis.
    pub(super) fn membership(&self) -> Vec<bool> {
        let mut members = vec![false; self.design.rows()];
        self.rows.iter().for_each(|&row| members[row] = true);
        members
    }

    /// Puts `row` in the `place` of another.
    pub(super) fn replace(&mut self, place: usize, row: usize) {
        let values = self.values(row);
        let weights = values.dot(&self.inverse);
        let edge = self.edge(place) / weights[place];
        for (column, mut values) in self.inverse.axis_iter_mut(Axis(1)).enumerate() {
            if column != place {
                values.scaled_add(-weights[column], &edge);
            }
        }
        self.inverse.column_mut(place).assign(&edge);
        self.matrix.row_mut(place).assign(&values);
        self.rows[place] = row;
        // One step of Newton and Schulz keeps rounding from piling up.
        let error = Array2::eye(self.rows.len()) - self.matrix.dot(&self.inverse);
        self.inverse = &self.inverse + &self.inverse.dot(&error);
    }

    /// The direction in which the row at `place` rises by 1 and the others stay.
    pub(super) fn edge(&self, place: usize) -> Array1<f64> {
        self.inverse.column(place).to_owned()
    }

    /// The combination of the basis's rows that gives `total` `[columns]`.
    pub(super) fn weights(&self, total: &Array1<f64>) -> Array1<f64> {
        total.dot(&self.inverse)
    }

    /// The coefficients with which every row of the basis equals its entry of `target`.
    pub(super) fn solve(&self, target: impl Fn(usize) -> f64) -> Array1<f64> {
        let wanted: Array1<f64> = self.rows.iter().map(|&row| target(row)).collect();
        let first = self.inverse.dot(&wanted);
        let missing = wanted - self.matrix.dot(&first);
        first + self.inverse.dot(&missing)
    }

    /// A row of the design.
    fn values(&self, row: usize) -> Array1<f64> {
        let mut values = self.design.row(row);
        values.truncate(self.rows.len());
        values.into()
    }
}
