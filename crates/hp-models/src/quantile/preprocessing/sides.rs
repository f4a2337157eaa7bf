//! Which rows are looked at one by one, and on which side of the plane the others are.

use super::super::columns::Columns;
use super::super::program::{Pooled, Prices};
use super::super::vertex::ROUNDING;
use crate::tiles::{TILE, Tiles, add_combination, dot, height, in_parts, tiles_of, update_parts};
use std::ops::Range;

/// What is known of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Above,
    Below,
    /// It may be on either.
    Open,
}

/// The side of every row.
pub(super) struct Sides<'a> {
    columns: &'a Columns<'a>,
    of_rows: Vec<Side>,
    kept: Vec<usize>,
    above: Pool,
    below: Pool,
}

/// Rows of one side.
#[derive(Debug, Clone)]
struct Pool {
    rows: usize,
    /// Of each feature and of the target `[features + 1]`.
    sums: Vec<f64>,
}

/// What a plane says to a row, as weights of its centred numbers.
struct Plane {
    /// `[features + 1]`.
    weights: Vec<f64>,
    constant: f64,
}

impl<'a> Sides<'a> {
    /// Leaves open the side of rows that are nearer to the plane of `beta` than `band` for each unit
    /// of their length.
    pub(super) fn of(columns: &'a Columns<'a>, beta: &[f64], band: f64) -> Self {
        let data = columns.data;
        let plane = Plane::new(columns, beta);
        let square_weights = columns.square_weights();
        let mut sides = vec![Side::Open; data.rows()];
        let parts = update_parts(&mut sides, |part, sides| {
            let mut pools = [Pool::empty(data.features()), Pool::empty(data.features())];
            let mut kept = Vec::new();
            let mut room = Tiles::zeros(TILE.min(part.len()), data.features() + 1);
            for (rows, sides) in tiles_of(part).zip(sides.chunks_mut(TILE)) {
                let tile = room.first_mut(rows.len());
                data.fill(rows.clone(), tile);
                let residuals = plane.residuals(tile);
                let squares = squared_lengths(tile, columns.constant(), &square_weights);
                let mut members = [[0.0; TILE]; 2];
                for (place, side) in sides.iter_mut().enumerate() {
                    let residual = residuals[place];
                    if residual * residual <= band * band * squares[place] {
                        kept.push(rows.start + place);
                    } else if residual > 0.0 {
                        *side = Side::Above;
                        members[0][place] = 1.0;
                    } else {
                        *side = Side::Below;
                        members[1][place] = 1.0;
                    }
                }
                for (pool, members) in pools.iter_mut().zip(&members) {
                    pool.add(tile, &members[..height(rows.len())]);
                }
            }
            (pools, kept)
        });
        let mut kept = Vec::new();
        let [mut above, mut below] = [Pool::empty(data.features()), Pool::empty(data.features())];
        for ([more_above, more_below], more) in parts {
            above.join(&more_above);
            below.join(&more_below);
            kept.extend(more);
        }
        Self {
            columns,
            of_rows: sides,
            kept,
            above,
            below,
        }
    }

    /// The rows whose side is open.
    pub(super) fn kept(&self) -> &[usize] {
        &self.kept
    }

    /// The others, as one row for each side.
    pub(super) fn pooled(&self) -> Vec<Pooled> {
        let pools = [&self.above, &self.below].into_iter();
        let pools = pools.filter(|pool| pool.rows > 0);
        pools.map(|pool| pool.pooled(self.columns)).collect()
    }

    /// The rows that the plane of `beta` does not leave on their side.
    pub(super) fn strays(&self, beta: &[f64]) -> Vec<usize> {
        let data = self.columns.data;
        let plane = Plane::new(self.columns, beta);
        let largest = beta
            .iter()
            .fold(1.0_f64, |largest, value| largest.max(value.abs()));
        let rounding = ROUNDING * largest;
        let strays_of = |part: Range<usize>| {
            let mut strays = Vec::new();
            let mut room = Tiles::zeros(TILE.min(part.len()), data.features() + 1);
            for rows in tiles_of(part) {
                let tile = room.first_mut(rows.len());
                data.fill(rows.clone(), tile);
                let residuals = plane.residuals(tile);
                for (row, residual) in rows.zip(residuals) {
                    let is_stray = match self.of_rows[row] {
                        Side::Above => residual <= rounding,
                        Side::Below => residual >= -rounding,
                        Side::Open => false,
                    };
                    if is_stray {
                        strays.push(row);
                    }
                }
            }
            strays
        };
        in_parts(data.rows(), strays_of).concat()
    }

    /// Leaves open the sides of `rows`, which were not.
    pub(super) fn keep(&mut self, rows: Vec<usize>) {
        for &row in &rows {
            let values = self.columns.data.row(row);
            match self.of_rows[row] {
                Side::Above => self.above.remove(values),
                Side::Below => self.below.remove(values),
                Side::Open => {}
            }
            self.of_rows[row] = Side::Open;
        }
        self.kept.extend(rows);
    }
}

impl Pool {
    fn empty(features: usize) -> Self {
        Self {
            rows: 0,
            sums: vec![0.0; features + 1],
        }
    }

    /// Adds those rows of a tile for which `members` is 1 and not 0.
    fn add(&mut self, tile: &[f64], members: &[f64]) {
        self.rows += members.iter().filter(|&&member| member > 0.0).count();
        for (sum, column) in self.sums.iter_mut().zip(tile.chunks_exact(members.len())) {
            *sum += dot(column, members);
        }
    }

    fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        for (sum, value) in self.sums.iter_mut().zip(&other.sums) {
            *sum += value;
        }
    }

    fn remove(&mut self, row: impl Iterator<Item = f64>) {
        self.rows -= 1;
        for (sum, value) in self.sums.iter_mut().zip(row) {
            *sum -= value;
        }
    }

    fn pooled(&self, columns: &Columns<'_>) -> Pooled {
        let mean: Vec<f64> = self.sums.iter().map(|sum| sum / self.rows as f64).collect();
        Pooled {
            mean: columns.in_columns(&mean),
            prices: Prices::of(columns.quantile, self.rows),
        }
    }
}

impl Plane {
    fn new(columns: &Columns<'_>, beta: &[f64]) -> Self {
        let (coef, constant) = columns.coefficients(beta);
        Self {
            weights: coef.iter().map(|value| -value).chain([1.0]).collect(),
            constant,
        }
    }

    fn residuals(&self, tile: &[f64]) -> [f64; TILE] {
        let mut residuals = [-self.constant; TILE];
        add_combination(tile, &self.weights, &mut residuals);
        residuals
    }
}

/// The squared length of each row of the design, its constant entry being `constant`.
fn squared_lengths(tile: &[f64], constant: f64, weights: &[f64]) -> [f64; TILE] {
    let mut squares = [constant; TILE];
    let height = tile.len() / (weights.len() + 1);
    for (column, weight) in tile.chunks_exact(height).zip(weights) {
        for (square, value) in squares.iter_mut().zip(column) {
            *square += weight * value * value;
        }
    }
    squares
}
