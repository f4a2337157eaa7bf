//! Simplex steps from vertex to vertex of the linear program.
//!
//! At a vertex the plane passes through a basis of as many rows as there are columns. A step lets
//! go of one of them and moves along the edge so opened, past every row that it still pays to
//! cross (Barrodale and Roberts, 1973). Ties are broken as if every target were shifted by an
//! infinitesimal amount of its own, so that steps of length zero cannot go round in circles.

mod basis;

use super::program::Program;
use super::steps::Steps;
use crate::FitError;
use basis::{Basis, INDEPENDENT_SHARES};
use ndarray::Array1;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Residuals up to this, by the largest coefficient or 1, are rounding errors.
pub(super) const ROUNDING: f64 = 1e-11;

/// A vertex of the program.
#[derive(Debug)]
pub(super) struct Vertex<'a> {
    program: &'a Program,
    basis: Basis<'a>,
    /// Infinitesimal shift of each target.
    shifts: Vec<f64>,
    beta: Vec<f64>,
    /// Residuals, those that are zero but for rounding being zero.
    residuals: Vec<f64>,
    /// Residuals of the shifts, which decide the side of a row whose residual is zero.
    tilts: Vec<f64>,
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
    pub(super) fn near(program: &'a Program, beta: &[f64]) -> Option<Self> {
        let mut vertex = Self {
            program,
            basis: nearest_basis(program, beta)?,
            shifts: (0..program.height()).map(shift).collect(),
            beta: Vec::new(),
            residuals: Vec::new(),
            tilts: Vec::new(),
        };
        vertex.settle();
        Some(vertex)
    }

    /// Steps down until no edge leads further, or for so many steps that they must be going round in
    /// circles: the interior point is next to the minimum, which a few steps per column reach.
    /// Whether the minimum is reached.
    ///
    /// # Errors
    /// When `steps` are stopped.
    pub(super) fn descend(&mut self, steps: &mut Steps<'_>) -> Result<bool, FitError> {
        let most = 1000 + 200 * self.program.width();
        for _ in 0..most {
            let edges = self.edges();
            if !self.step(edges) {
                break;
            }
            steps.advance()?;
        }
        Ok(self.edges().is_empty())
    }

    /// Coefficients `[columns]`, exactly 0 where the plane passes through a penalty.
    pub(super) fn coordinates(self) -> Vec<f64> {
        let mut beta = self.beta;
        for &row in self.basis.rows() {
            if let Some(column) = self.program.penalised_column(row) {
                beta[column] = 0.0;
            }
        }
        beta
    }

    /// Moves along the steepest edge that leads down; false when there is none.
    fn step(&mut self, mut edges: Vec<Edge>) -> bool {
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
        let prices = &self.program.prices;
        let mut paid: Vec<f64> = (0..prices.len()).map(|row| self.price(row)).collect();
        self.basis.rows().iter().for_each(|&row| paid[row] = 0.0);
        // What the rows outside the basis ask of those in it to balance.
        let mut pull = self.program.design.weighted_sum(&paid);
        pull.truncate(self.program.width());
        let asked = self.basis.weights(&-Array1::from(pull));
        let rounding = f64::EPSILON * self.program.stake();

        let mut edges = Vec::new();
        for (place, &row) in self.basis.rows().iter().enumerate() {
            let upwards = asked[place] + prices[row].below;
            let downwards = prices[row].above - asked[place];
            let slope = upwards.min(downwards);
            let mut direction = self.basis.edge(place);
            if downwards < upwards {
                direction = -direction;
            }
            let length = direction.dot(&direction).sqrt();
            if slope < -(1e-10 * prices[row].both() + rounding * length) {
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
        let along: Vec<f64> = edge.direction.iter().copied().chain([0.0]).collect();
        let approach = self.program.design.combination(&along);
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
            slope += approach[row].abs() * self.program.prices[row].both();
            if slope >= 0.0 {
                return Some(row);
            }
        }
        None
    }

    /// Computes coefficients and residuals from the basis.
    fn settle(&mut self) {
        let Program { design, .. } = self.program;
        self.beta = self.basis.solve(|row| self.program.target(row)).to_vec();
        let rounding = ROUNDING
            * self
                .beta
                .iter()
                .fold(1.0_f64, |largest, value| largest.max(value.abs()));
        self.residuals = self.program.residuals(&self.beta);
        for residual in &mut self.residuals {
            if residual.abs() <= rounding {
                *residual = 0.0;
            }
        }
        let tilted = self.basis.solve(|row| self.shifts[row]);
        let along: Vec<f64> = tilted.iter().map(|value| -value).chain([0.0]).collect();
        self.tilts = design.combination(&along);
        for (tilt, shift) in self.tilts.iter_mut().zip(&self.shifts) {
            *tilt += shift;
        }
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
            self.program.prices[row].above
        } else {
            -self.program.prices[row].below
        }
    }
}

/// A basis of the rows nearest to the plane of `beta`.
fn nearest_basis<'a>(program: &'a Program, beta: &[f64]) -> Option<Basis<'a>> {
    let distances: Vec<f64> = program.residuals(beta).into_iter().map(f64::abs).collect();
    let nearer = |a: &usize, b: &usize| distances[*a].total_cmp(&distances[*b]).then(a.cmp(b));
    let mut order: Vec<usize> = (0..program.height()).collect();
    // Most often some of the nearest are enough.
    let few = 4 * program.width();
    if few < order.len() {
        let (nearest, _, _) = order.select_nth_unstable_by(few, nearer);
        nearest.sort_unstable_by(nearer);
        if let Some(basis) = Basis::of_first(&program.design, nearest, &INDEPENDENT_SHARES[..1]) {
            return Some(basis);
        }
    }
    order.sort_unstable_by(nearer);
    Basis::of_first(&program.design, &order, &INDEPENDENT_SHARES)
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
pub(super) fn shift(row: usize) -> f64 {
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
    use crate::quantile::columns::Columns;
    use crate::quantile::interior_point;
    use hp_core::method::QuantileParams;
    use ndarray::Array2;

    fn loss(program: &Program, beta: &[f64]) -> f64 {
        let residuals = program.residuals(beta);
        let prices = residuals.iter().zip(&program.prices);
        prices
            .map(|(r, prices)| (prices.above * r).max(-prices.below * r))
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
        let data = Centred::new(x.view(), y.view(), true).unwrap();
        Program::whole(&Columns::new(&params, &data).unwrap())
    }

    #[test]
    fn steps_lead_to_the_minimum_from_anywhere() {
        for alpha in [0.0, 0.01] {
            let program = tied_program(alpha);
            let inner = interior_point::solve(&program, 1e-10, &mut Steps::new(&Silent)).unwrap();
            let far = vec![3.0; program.width()];
            let mut vertex = Vertex::near(&program, &far).unwrap();
            let mut steps = Steps::new(&Silent);
            assert!(vertex.descend(&mut steps).unwrap() && steps.count > 3);
            let (reached, expected) = (
                loss(&program, &vertex.coordinates()),
                loss(&program, &inner),
            );
            assert!(
                (reached - expected).abs() < 1e-7 * expected,
                "{reached} {expected}"
            );
        }
    }
}
