//! Simplex steps from vertex to vertex of the linear program.
//!
//! At a vertex the plane passes through a basis of as many rows as there are columns. A step lets
//! go of one of them and moves along the edge so opened, past every row that it still pays to
//! cross (Barrodale and Roberts, 1973). Ties are broken as if every target were shifted by an
//! infinitesimal amount of its own, so that steps of length zero cannot go round in circles.

mod basis;

use super::interior_point::MAX_ITERATIONS;
use super::program::Program;
use crate::{FitError, Progress};
use basis::Basis;
use ndarray::Array1;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// How the descent went.
#[derive(Debug)]
pub(super) struct Pivots {
    pub(super) count: usize,
    pub(super) optimal: bool,
}

/// A vertex of the program.
#[derive(Debug)]
pub(super) struct Vertex<'a> {
    program: &'a Program,
    basis: Basis<'a>,
    /// Infinitesimal shift of each target.
    shifts: Array1<f64>,
    beta: Array1<f64>,
    /// Residuals, those that are zero but for rounding being zero.
    residuals: Array1<f64>,
    /// Residuals of the shifts, which decide the side of a row whose residual is zero.
    tilts: Array1<f64>,
}

/// An edge that leads down from a vertex.
#[derive(Debug)]
struct Edge {
    /// Place in the basis of the row to let go.
    place: usize,
    direction: Array1<f64>,
    /// Change of the objective by unit of the direction.
    slope: f64,
    /// `slope` by unit of length.
    steepness: f64,
}

impl<'a> Vertex<'a> {
    /// The vertex on the rows nearest to the plane of `beta`, if there are enough independent ones.
    pub(super) fn near(program: &'a Program, beta: &Array1<f64>) -> Option<Self> {
        let distances = program.residuals(beta).mapv(f64::abs);
        let mut order: Vec<usize> = (0..program.height()).collect();
        order.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]));
        let mut vertex = Self {
            program,
            basis: Basis::of_first(&program.design, &order)?,
            shifts: (0..program.height()).map(shift).collect(),
            beta: beta.clone(),
            residuals: distances,
            tilts: Array1::zeros(program.height()),
        };
        vertex.settle();
        Some(vertex)
    }

    /// Steps down until no edge leads further, or for so many steps that they must be going round in
    /// circles: the interior point is next to the minimum, which a few steps per column reach.
    ///
    /// # Errors
    /// When `progress` stops it.
    pub(super) fn descend(&mut self, progress: &dyn Progress) -> Result<Pivots, FitError> {
        let most = 1000 + 200 * self.program.width();
        let mut count = 0;
        while count < most && self.step() {
            count += 1;
            if progress.advance(MAX_ITERATIONS, MAX_ITERATIONS).is_break() {
                return Err(FitError::Interrupted);
            }
        }
        Ok(Pivots {
            count,
            optimal: self.edges().is_empty(),
        })
    }

    /// Coefficients `[columns]`, exactly 0 where the plane passes through a penalty.
    pub(super) fn coordinates(self) -> Array1<f64> {
        let mut beta = self.beta;
        for &row in self.basis.rows() {
            if let Some(column) = self.program.penalised_column(row) {
                beta[column] = 0.0;
            }
        }
        beta
    }

    /// Moves along the steepest edge that leads down; false when there is none.
    fn step(&mut self) -> bool {
        let mut edges = self.edges();
        edges.sort_by(|a, b| a.steepness.total_cmp(&b.steepness));
        for edge in edges {
            if let Some(row) = self.last_worth_crossing(&edge) {
                self.basis.replace(edge.place, row);
                self.settle();
                return true;
            }
        }
        false
    }

    fn edges(&self) -> Vec<Edge> {
        let Program { above, below, .. } = self.program;
        let mut prices: Array1<f64> = (0..self.program.height())
            .map(|row| self.price(row))
            .collect();
        self.basis.rows().iter().for_each(|&row| prices[row] = 0.0);
        // What the rows outside the basis ask of those in it to balance.
        let asked = self.basis.weights(&-self.program.design.t().dot(&prices));
        let rounding = f64::EPSILON * self.program.height() as f64;

        let mut edges = Vec::new();
        for (place, &row) in self.basis.rows().iter().enumerate() {
            let upwards = asked[place] + below[row];
            let downwards = above[row] - asked[place];
            let slope = upwards.min(downwards);
            let mut direction = self.basis.edge(place);
            if downwards < upwards {
                direction = -direction;
            }
            let length = direction.dot(&direction).sqrt();
            if slope < -(1e-10 * (above[row] + below[row]) + rounding * length) {
                edges.push(Edge {
                    place,
                    direction,
                    slope,
                    steepness: slope / length,
                });
            }
        }
        edges
    }

    /// The row in whose crossing the objective along `edge` stops to fall.
    fn last_worth_crossing(&self, edge: &Edge) -> Option<usize> {
        let Program { above, below, .. } = self.program;
        let approach = self.program.design.dot(&edge.direction);
        let noticeable = 1e-9 * edge.direction.dot(&edge.direction).sqrt();
        let in_basis = self.basis.membership();
        let ahead = (0..approach.len()).filter(|&row| {
            let nears = self.is_above(row) == (approach[row] > 0.0);
            nears && approach[row].abs() > noticeable && !in_basis[row]
        });
        let mut crossings: BinaryHeap<Crossing> = ahead
            .map(|row| Crossing {
                at: (self.residuals[row] / approach[row]).abs(),
                tilt: self.tilts[row] / approach[row],
                row,
            })
            .collect();
        let mut slope = edge.slope;
        while let Some(crossing) = crossings.pop() {
            let row = crossing.row;
            slope += approach[row].abs() * (above[row] + below[row]);
            if slope >= 0.0 {
                return Some(row);
            }
        }
        None
    }

    /// Computes coefficients and residuals from the basis.
    fn settle(&mut self) {
        self.beta = self.basis.solve(&self.program.target);
        let largest = self
            .beta
            .iter()
            .fold(1.0_f64, |largest, value| largest.max(value.abs()));
        self.residuals = self.program.residuals(&self.beta);
        let rounding = 1e-11 * largest;
        self.residuals
            .mapv_inplace(|value| if value.abs() > rounding { value } else { 0.0 });
        let tilted = self.basis.solve(&self.shifts);
        self.tilts = &self.shifts - &self.program.design.dot(&tilted);
        for &row in self.basis.rows() {
            self.residuals[row] = 0.0;
            self.tilts[row] = 0.0;
        }
    }

    fn is_above(&self, row: usize) -> bool {
        let residual = self.residuals[row];
        residual > 0.0 || (residual == 0.0 && self.tilts[row] > 0.0)
    }

    fn price(&self, row: usize) -> f64 {
        if self.is_above(row) {
            self.program.above[row]
        } else {
            -self.program.below[row]
        }
    }
}

/// Where an edge meets the plane of a row; the greatest is the one met first.
#[derive(Debug)]
struct Crossing {
    at: f64,
    /// Decides between rows that are met at once.
    tilt: f64,
    row: usize,
}

impl Ord for Crossing {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_place = other.at.total_cmp(&self.at);
        let by_tilt = by_place.then_with(|| other.tilt.total_cmp(&self.tilt));
        by_tilt.then_with(|| other.row.cmp(&self.row))
    }
}

impl PartialOrd for Crossing {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Crossing {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Crossing {}

/// A number in `[1, 2)` without any relation to the data: the finaliser of `SplitMix64`.
fn shift(row: usize) -> f64 {
    let mut bits = (row as u64)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    f64::from_bits(0x3ff0_0000_0000_0000 | (bits >> 12))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;
    use crate::least_squares::Centred;
    use crate::quantile::interior_point::InteriorPoint;
    use hp_core::method::QuantileParams;
    use ndarray::Array2;

    fn loss(program: &Program, beta: &Array1<f64>) -> f64 {
        let residuals = program.residuals(beta);
        let prices = residuals.iter().zip(&program.above).zip(&program.below);
        prices
            .map(|((r, above), below)| (above * r).max(-below * r))
            .sum()
    }

    /// Integers, so that many rows are met at once.
    fn tied_program(alpha: f64) -> Program {
        let cell = |row: usize| ((shift(row) - 1.0) * 5.0).floor();
        let x = Array2::from_shape_fn((80, 4), |(row, column)| cell(1000 * column + row));
        let y = Array1::from_shape_fn(80, |row| x.row(row).sum() + cell(9000 + row));
        let params = QuantileParams {
            quantile: 0.3,
            alpha,
            fit_intercept: true,
        };
        Program::new(&params, &Centred::new(x.view(), y.view(), true))
    }

    #[test]
    fn steps_lead_to_the_minimum_from_anywhere() {
        for alpha in [0.0, 0.01] {
            let program = tied_program(alpha);
            let inner = InteriorPoint::solve(&program, &Silent).unwrap();
            let far = Array1::from_elem(program.width(), 3.0);
            let mut vertex = Vertex::near(&program, &far).unwrap();
            let pivots = vertex.descend(&Silent).unwrap();
            assert!(pivots.optimal && pivots.count > 3, "{pivots:?}");
            let (reached, expected) = (
                loss(&program, &vertex.coordinates()),
                loss(&program, &inner.beta),
            );
            assert!(
                (reached - expected).abs() < 1e-7 * expected,
                "{reached} {expected}"
            );
        }
    }
}
