//! A primal–dual interior-point method with Mehrotra's predictor and corrector.

use super::program::Program;
use crate::{FitError, Progress};
use ndarray::{Array1, Array2, Axis, Zip};
use smartcore::linalg::traits::cholesky::CholeskyDecomposable;

/// Most iterations; some twenty are enough for well-behaved data.
pub(super) const MAX_ITERATIONS: usize = 60;

/// Share of the distance to the boundary that a step goes at most.
const STEP_SHARE: f64 = 0.9995;

/// Where the method ended: near the minimum, inside the optimal face.
#[derive(Debug)]
pub(super) struct InteriorPoint {
    /// Coefficients `[columns]`.
    pub(super) beta: Array1<f64>,
    pub(super) n_iter: usize,
}

impl InteriorPoint {
    /// Solves `program` until the duality gap is negligible, or until the floats allow no more.
    ///
    /// # Errors
    /// When `progress` stops it.
    pub(super) fn solve(program: &Program, progress: &dyn Progress) -> Result<Self, FitError> {
        let Some(mut iterate) = Iterate::start(program) else {
            let beta = Array1::zeros(program.width());
            return Ok(Self { beta, n_iter: 0 });
        };
        let mut n_iter = 0;
        while n_iter < MAX_ITERATIONS && !iterate.is_close(program) {
            let Some(next) = iterate.next(program) else {
                break;
            };
            iterate = next;
            n_iter += 1;
            if progress.advance(n_iter, MAX_ITERATIONS).is_break() {
                return Err(FitError::Interrupted);
            }
        }
        let beta = iterate.beta;
        Ok(Self { beta, n_iter })
    }
}

/// A strictly feasible pair. The dual weight of a row lies between `−below` and `above`; `low` and
/// `high` are its distances to the two, `under` and `over` their multipliers, whose difference
/// `over − under` is the row's residual.
#[derive(Debug, Clone)]
struct Iterate {
    beta: Array1<f64>,
    low: Array1<f64>,
    high: Array1<f64>,
    under: Array1<f64>,
    over: Array1<f64>,
}

/// A change of an [`Iterate`]; `high` changes by `−low`.
#[derive(Debug)]
struct Direction {
    beta: Array1<f64>,
    low: Array1<f64>,
    under: Array1<f64>,
    over: Array1<f64>,
}

impl Iterate {
    /// Weight zero for every row, and the least-squares coefficients.
    fn start(program: &Program) -> Option<Self> {
        let ones = Array1::ones(program.height());
        let gram = weighted_gram(program, &ones);
        let beta = solve(gram, &program.design.t().dot(&program.target))?;
        let residuals = program.residuals(&beta);
        let margin = residuals
            .mapv(f64::abs)
            .mean()
            .unwrap_or_default()
            .max(1e-6);
        Some(Self {
            beta,
            low: program.below.clone(),
            high: program.above.clone(),
            under: residuals.mapv(|residual| margin + (-residual).max(0.0)),
            over: residuals.mapv(|residual| margin + residual.max(0.0)),
        })
    }

    fn gap(&self) -> f64 {
        self.low.dot(&self.under) + self.high.dot(&self.over)
    }

    fn is_close(&self, program: &Program) -> bool {
        let residuals = program.residuals(&self.beta);
        let loss = Zip::from(&residuals)
            .and(&program.above)
            .and(&program.below)
            .fold(0.0, |sum, &r, &above, &below| {
                sum + (above * r).max(-below * r)
            });
        self.gap() <= 1e-10 * loss + 1e-14 * program.height() as f64
    }

    /// One step further; `None` when the system can no longer be solved in floating point.
    fn next(&self, program: &Program) -> Option<Self> {
        let weights = Zip::from(&self.low)
            .and(&self.high)
            .and(&self.under)
            .and(&self.over)
            .map_collect(|low, high, under, over| 1.0 / (under / low + over / high));
        let gram = weighted_gram(program, &weights);
        let newton = Newton {
            program,
            iterate: self,
            weights,
            gram,
        };

        let low_target = &self.low * &self.under;
        let high_target = &self.high * &self.over;
        let predictor = newton.direction(&low_target, &high_target)?;
        let reached = self.moved(&predictor, 1.0);
        let gap = self.gap();
        let centring = (reached.gap() / gap).powi(3) * gap / (2.0 * program.height() as f64);

        let low_target = low_target - centring + &predictor.low * &predictor.under;
        let high_target = high_target - centring - &predictor.low * &predictor.over;
        let corrector = newton.direction(&low_target, &high_target)?;
        let next = self.moved(&corrector, STEP_SHARE);
        next.beta
            .iter()
            .all(|value| value.is_finite())
            .then_some(next)
    }

    /// Goes along `direction` to `share` of the way to the boundary, or all of its length.
    fn moved(&self, direction: &Direction, share: f64) -> Self {
        let up = longest(&self.low, &direction.low, 1.0);
        let down = longest(&self.high, &direction.low, -1.0);
        let primal = (share * up.min(down)).min(1.0);
        let under = longest(&self.under, &direction.under, 1.0);
        let over = longest(&self.over, &direction.over, 1.0);
        let dual = (share * under.min(over)).min(1.0);
        Self {
            beta: &self.beta + &(&direction.beta * dual),
            low: &self.low + &(&direction.low * primal),
            high: &self.high - &(&direction.low * primal),
            under: &self.under + &(&direction.under * dual),
            over: &self.over + &(&direction.over * dual),
        }
    }
}

/// The linear system of one iteration.
struct Newton<'a> {
    program: &'a Program,
    iterate: &'a Iterate,
    weights: Array1<f64>,
    gram: Array2<f64>,
}

impl Newton<'_> {
    /// The direction that takes the products `low · under` and `high · over` down by the given
    /// amounts, to first order.
    fn direction(&self, low_target: &Array1<f64>, high_target: &Array1<f64>) -> Option<Direction> {
        let Iterate {
            low,
            high,
            under,
            over,
            ..
        } = self.iterate;
        let design = &self.program.design;
        let pull = high_target / high - low_target / low;
        // What rounding has left of `designᵀ · weight = 0` is taken back on the way.
        let imbalance = design.t().dot(&(low - &self.program.below));
        let right = design.t().dot(&(&self.weights * &pull)) + imbalance;
        let beta = solve(self.gram.clone(), &right)?;
        let change = &self.weights * &(pull - design.dot(&beta));
        Some(Direction {
            under: -(low_target + &(under * &change)) / low,
            over: (over * &change - high_target) / high,
            low: change,
            beta,
        })
    }
}

/// The longest step for which `values + sign · step · change` stays non-negative.
fn longest(values: &Array1<f64>, change: &Array1<f64>, sign: f64) -> f64 {
    Zip::from(values)
        .and(change)
        .fold(f64::INFINITY, |longest, value, change| {
            let falling = -sign * change;
            if falling > 0.0 {
                longest.min(value / falling)
            } else {
                longest
            }
        })
}

/// `designᵀ · diag(weights) · design`.
fn weighted_gram(program: &Program, weights: &Array1<f64>) -> Array2<f64> {
    let design = &program.design;
    let weighted = design * &weights.view().insert_axis(Axis(1));
    design.t().dot(&weighted)
}

fn solve(gram: Array2<f64>, right: &Array1<f64>) -> Option<Array1<f64>> {
    let right = right.clone().insert_axis(Axis(1));
    let solution = gram.cholesky_solve_mut(right).ok()?.remove_axis(Axis(1));
    solution
        .iter()
        .all(|value| value.is_finite())
        .then_some(solution)
}
