//! How the columns of two versions differ.

use super::rows::Rows;
use serde::Serialize;

/// A column of both versions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnShift {
    /// The column.
    pub name: String,
    /// Its values in the first version.
    pub before: Statistics,
    /// Its values in the second version.
    pub after: Statistics,
    /// By how many standard deviations of the first version the mean moved; none when it has the
    /// same value in every row.
    pub shift: Option<f64>,
    /// Changed rows that differ in it.
    pub changed_cells: usize,
}

/// The values of a column in one version; all of them are 0 when there are no rows.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Statistics {
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The standard deviation of the population.
    pub std: f64,
}

/// The columns of two tables with the same columns, of which some rows were `changed`.
pub(super) fn columns(before: &Rows, after: &Rows, changed: &[(usize, usize)]) -> Vec<ColumnShift> {
    let names = before.columns().iter().enumerate();
    names
        .map(|(column, name)| {
            let (first, second) = (statistics(before, column), statistics(after, column));
            let shift = (second.mean - first.mean) / first.std;
            let differs = |&&(gone, come): &&(usize, usize)| {
                before.row(gone)[column].to_bits() != after.row(come)[column].to_bits()
            };
            ColumnShift {
                name: name.clone(),
                before: first,
                after: second,
                shift: (first.std > 0.0 && shift.is_finite()).then_some(shift),
                changed_cells: changed.iter().filter(differs).count(),
            }
        })
        .collect()
}

/// In one pass, by Welford's method.
fn statistics(rows: &Rows, column: usize) -> Statistics {
    if rows.n_rows() == 0 {
        return Statistics::default();
    }
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut mean, mut squares) = (0.0, 0.0);
    for index in 0..rows.n_rows() {
        let value = rows.row(index)[column];
        (min, max) = (min.min(value), max.max(value));
        let distance = value - mean;
        mean += distance / (index + 1) as f64;
        squares += distance * (value - mean);
    }
    Statistics {
        min,
        max,
        mean,
        std: (squares / rows.n_rows() as f64).sqrt(),
    }
}
