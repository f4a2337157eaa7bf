//! A primal–dual interior-point method with Mehrotra's predictor and corrector.

mod weight;

use super::program::Program;
use super::steps::Steps;
use crate::FitError;
use crate::cholesky::Cholesky;
use crate::tiles::{
    Products, TILE, Tiles, add_combination, added, dot, height, in_product_parts, tiles_of,
    update_parts, update_product_parts,
};
use ndarray::Array2;
use weight::{Reach, Weight};

/// Most iterations; some twenty are enough for well-behaved data.
pub(super) const MAX_ITERATIONS: usize = 60;

/// Share of the distance to the boundary that a step goes at most.
const STEP_SHARE: f64 = 0.9995;

/// Solves `program` until the duality gap is at most `tolerance` times the loss, or until the floats
/// allow no more, and gives the coefficients `[columns]`.
///
/// # Errors
/// When `steps` are stopped.
pub(super) fn solve(
    program: &Program,
    tolerance: f64,
    steps: &mut Steps<'_>,
) -> Result<Vec<f64>, FitError> {
    let Some(mut iterate) = Iterate::start(program) else {
        return Ok(vec![0.0; program.width()]);
    };
    let negligible = 1e-14 * program.height() as f64;
    for _ in 0..MAX_ITERATIONS {
        let Some(gap) = iterate.advance() else {
            break;
        };
        steps.advance()?;
        if gap <= tolerance * iterate.loss + negligible {
            break;
        }
    }
    Ok(iterate.beta)
}

/// A strictly feasible pair: coefficients and the weights of the rows.
struct Iterate<'a> {
    program: &'a Program,
    /// `[columns]`.
    beta: Vec<f64>,
    /// `[rows]`.
    weights: Vec<Weight>,
    /// What of their changes is still to be made.
    due: Lengths,
    /// Of the coefficients before the last step.
    loss: f64,
}

/// How far to go: the weights between their bounds, and everything else.
#[derive(Debug, Clone, Copy)]
struct Lengths {
    primal: f64,
    dual: f64,
}

impl<'a> Iterate<'a> {
    /// The least-squares coefficients, and weight zero for every row.
    fn start(program: &'a Program) -> Option<Self> {
        let width = program.width();
        let parts = in_product_parts((program.height(), width + 1), |part| {
            let mut products = Products::zeros(width + 1, width);
            for rows in tiles_of(part) {
                let tile = program.design.tile(&rows);
                products.add(tile, &tile[..width * height(rows.len())]);
            }
            products
        });
        let beta = Equations::of(parts, width)?.solve()?;
        let residuals = program.residuals(&beta);
        let sizes = residuals.iter().map(|residual| residual.abs());
        let margin = (sizes.sum::<f64>() / residuals.len() as f64).max(1e-6);
        let weights = residuals.iter().zip(&program.prices);
        let weights = weights.map(|(&residual, &prices)| Weight::start(residual, prices, margin));
        Some(Self {
            program,
            beta,
            weights: weights.collect(),
            due: Lengths {
                primal: 0.0,
                dual: 0.0,
            },
            loss: f64::INFINITY,
        })
    }

    /// Goes one step and gives the duality gap at its end; `None` when the system can no longer be
    /// solved in floating point.
    fn advance(&mut self) -> Option<f64> {
        let (equations, gap) = self.equations()?;
        let predictor = self.reach(&equations.solve()?, Weight::predict);
        let reached = predictor.gap(predictor.lengths(1.0));
        let centring = (reached / gap).powi(3) * gap / (2.0 * self.weights.len() as f64);
        let right = self.corrected(centring);
        let corrector = equations.factor.solve(right)?;
        let reach = self.reach(&corrector, Weight::correct);
        let due = reach.lengths(STEP_SHARE);
        let beta = self.beta.iter().zip(&corrector);
        let beta: Vec<f64> = beta
            .map(|(value, change)| value + due.dual * change)
            .collect();
        if !beta.iter().all(|value| value.is_finite()) {
            return None;
        }
        self.beta = beta;
        self.due = due;
        Some(reach.gap(due))
    }

    /// Makes the changes that are due, and sets up the linear system here with the right-hand side of
    /// the predictor.
    fn equations(&mut self) -> Option<(Equations, f64)> {
        let width = self.program.width();
        let (program, due) = (self.program, self.due);
        let parts = update_product_parts(&mut self.weights, width + 1, |part, weights| {
            let mut products = Products::zeros(width + 1, width);
            let (mut gap, mut loss) = (0.0, 0.0);
            let mut room = Tiles::zeros(TILE.min(part.len()), width + 1);
            let mut factors = [0.0; TILE];
            for (rows, weights) in tiles_of(part).zip(weights.chunks_mut(TILE)) {
                let height = height(rows.len());
                let left = room.first_mut(rows.len());
                let (weighted, pulls) = left.split_at_mut(width * height);
                factors.fill(0.0);
                pulls.fill(0.0);
                for ((weight, factor), pull) in weights.iter_mut().zip(&mut factors).zip(pulls) {
                    weight.go(due);
                    gap += weight.gap();
                    loss += weight.loss();
                    *factor = weight.factor;
                    *pull = weight.first_pull();
                }
                let design = &program.design.tile(&rows)[..width * height];
                let columns = weighted
                    .chunks_exact_mut(height)
                    .zip(design.chunks_exact(height));
                for (weighted, column) in columns {
                    for ((weighted, value), factor) in weighted.iter_mut().zip(column).zip(&factors)
                    {
                        *weighted = value * factor;
                    }
                }
                products.add(left, design);
            }
            (products, gap, loss)
        });
        let gap = parts.iter().map(|part| part.1).sum();
        self.loss = parts.iter().map(|part| part.2).sum();
        let equations = Equations::of(parts.into_iter().map(|part| part.0), width)?;
        Some((equations, gap))
    }

    /// Sets every weight's changes to those that go with a change of the coefficients, by
    /// `change`, and gives how far they can go.
    fn reach(
        &mut self,
        beta: &[f64],
        change: impl Fn(&mut Weight, f64, &mut Reach) + Sync,
    ) -> Reach {
        let program = self.program;
        let along: Vec<f64> = beta.iter().copied().chain([0.0]).collect();
        let parts = update_parts(&mut self.weights, |part, weights| {
            let mut reach = Reach::default();
            for (rows, weights) in tiles_of(part).zip(weights.chunks_mut(TILE)) {
                let mut moves = [0.0; TILE];
                add_combination(program.design.tile(&rows), &along, &mut moves);
                for (weight, moved) in weights.iter_mut().zip(moves) {
                    change(weight, moved, &mut reach);
                }
            }
            reach
        });
        parts.into_iter().fold(Reach::default(), Reach::joined)
    }

    /// The right-hand side of the corrector, which takes all products to `centring`.
    fn corrected(&mut self, centring: f64) -> Vec<f64> {
        let program = self.program;
        let width = program.width();
        let parts = update_parts(&mut self.weights, |part, weights| {
            let mut sums = vec![0.0; width];
            for (rows, weights) in tiles_of(part).zip(weights.chunks_mut(TILE)) {
                let mut pulls = [0.0; TILE];
                for (weight, pull) in weights.iter_mut().zip(&mut pulls) {
                    *pull = weight.second_pull(centring);
                }
                let columns = program.design.tile(&rows).chunks_exact(height(rows.len()));
                for (sum, column) in sums.iter_mut().zip(columns) {
                    *sum += dot(column, &pulls);
                }
            }
            sums
        });
        added(parts)
    }
}

/// A factorised system and the right-hand side that came with it.
struct Equations {
    factor: Cholesky,
    right: Vec<f64>,
}

impl Equations {
    /// From sums of products of which the last row is the right-hand side.
    fn of(parts: impl IntoIterator<Item = Products>, width: usize) -> Option<Self> {
        let products = Products::added(parts)?;
        let matrix = Array2::from_shape_fn((width, width), |(i, j)| products.of(i, j));
        Some(Self {
            factor: Cholesky::new(&matrix)?,
            right: products.row(width).collect(),
        })
    }

    fn solve(&self) -> Option<Vec<f64>> {
        self.factor.solve(self.right.iter().copied())
    }
}
