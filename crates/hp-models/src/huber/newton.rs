//! Newton's method with Levenberg–Marquardt damping, for a convex objective whose last variable is
//! bounded below.

use super::objective::{Expansion, Objective, Point};
use crate::cholesky::Cholesky;
use crate::{FitError, Progress};
use ndarray::{Array1, Axis};

/// Damping, relative to the curvature of a design with unit variance, below which it is of no
/// effect and above which steps are too short to change a float.
const DAMPING: std::ops::RangeInclusive<f64> = 1e-16..=1e12;

/// Damping of the first step from where nothing is known.
pub(super) const START_DAMPING: f64 = 1e-3;

/// Slope by a coordinate below which the coefficients have settled for the scale's bound.
const SETTLED: f64 = 0.01;

/// When to stop.
pub(super) struct StoppingRule<'a> {
    /// Most steps.
    pub(super) max_iter: usize,
    /// Lower bound of the scale.
    pub(super) smallest_sigma: f64,
    /// Whether a gradient is small enough; the slope by a scale that rests on its bound is 0.
    pub(super) is_flat: &'a dyn Fn(&Array1<f64>) -> bool,
}

/// Where the method ended.
pub(super) struct Minimisation {
    pub(super) point: Point,
    /// Of the next step, had there been one.
    pub(super) damping: f64,
    pub(super) n_iter: usize,
    pub(super) converged: bool,
}

/// Minimises `objective` from `start`, with `damping` at first. It has converged when the rule says so, or when no step
/// lowers the objective by more than its rounding error.
///
/// # Errors
/// When `progress` stops it.
pub(super) fn minimise(
    objective: &Objective<'_>,
    (start, damping): (Point, f64),
    stop: &StoppingRule<'_>,
    progress: &dyn Progress,
) -> Result<Minimisation, FitError> {
    let mut descent = Descent {
        objective,
        bound: (start.sigma / 10.0).max(stop.smallest_sigma),
        smallest_sigma: stop.smallest_sigma,
        here: objective.expansion(&start),
        point: start,
        damping,
    };
    let mut n_iter = 0;
    loop {
        let slope = descent.relaxed_slope(stop.is_flat);
        let is_flat = (stop.is_flat)(&slope.gradient);
        let is_last = n_iter == stop.max_iter;
        let is_done = is_flat || is_last || !(descent.advance(&slope) || descent.lower_bound());
        if is_done {
            return Ok(Minimisation {
                point: descent.point,
                damping: descent.damping,
                n_iter,
                converged: is_flat || !is_last,
            });
        }
        n_iter += 1;
        if progress.advance(n_iter, stop.max_iter).is_break() {
            return Err(FitError::Interrupted);
        }
    }
}

struct Descent<'o, 'd> {
    objective: &'o Objective<'d>,
    /// Lower bound of the scale for now. It follows a scale that tends to zero only after the
    /// coefficients: with a tiny scale every row is a kink, which Newton's method cannot cross.
    bound: f64,
    smallest_sigma: f64,
    point: Point,
    /// The objective at `point`.
    here: Expansion,
    damping: f64,
}

impl Descent<'_, '_> {
    /// The derivatives here; a scale that its bound keeps from falling is held fixed.
    fn slope(&self) -> Expansion {
        let mut expansion = self.here.clone();
        if self.is_at_bound() && expansion.gradient[expansion.gradient.len() - 1] > 0.0 {
            hold_sigma(&mut expansion);
        }
        expansion
    }

    /// The same after lowering the bound as far as the coefficients have followed.
    fn relaxed_slope(&mut self, is_flat: &dyn Fn(&Array1<f64>) -> bool) -> Expansion {
        loop {
            let slope = self.slope();
            let has_settled = slope.gradient.iter().all(|by| by.abs() <= SETTLED);
            let may_lower = has_settled || is_flat(&slope.gradient);
            if !(may_lower && self.lower_bound()) {
                return slope;
            }
        }
    }

    /// Gives a scale that rests on its bound more room; false when there is none to give.
    fn lower_bound(&mut self) -> bool {
        let may_fall = self.is_at_bound() && self.bound > self.smallest_sigma;
        if may_fall {
            self.bound = (self.bound / 100.0).max(self.smallest_sigma);
            // Steps that failed at the old bound say nothing about those below it.
            self.damping = self.damping.min(START_DAMPING);
        }
        may_fall
    }

    fn is_at_bound(&self) -> bool {
        self.point.sigma <= self.bound
    }

    /// The damped Newton step, if it can be computed in floating point.
    fn step(&self, slope: &Expansion, damping: f64) -> Option<Array1<f64>> {
        let step = damped_step(slope, damping)?;
        if self.is_at_bound() && step[step.len() - 1] < 0.0 {
            let mut held = slope.clone();
            hold_sigma(&mut held);
            return damped_step(&held, damping);
        }
        Some(step)
    }

    /// Takes one step that lowers the objective; false when there is none worth taking.
    fn advance(&mut self, slope: &Expansion) -> bool {
        let rows = self.objective.rows() as f64;
        while self.damping <= *DAMPING.end() {
            let damping = self.damping * 2.0 * rows / self.point.sigma;
            let Some(step) = self.step(slope, damping) else {
                self.damping *= 10.0;
                continue;
            };
            if promised_decrease(slope, &step) <= f64::EPSILON * rows && self.damping < 1.0 {
                return false;
            }
            let (start, value) = (self.point.clone(), self.here.value);
            let step = self.shortened(&start, step);
            let promised = promised_decrease(slope, &step);
            if self.accepts(self.moved(&start, &step)) {
                let decrease = value - self.here.value;
                if decrease > 0.75 * promised {
                    self.damping = (self.damping / 10.0).max(*DAMPING.start());
                } else if decrease < 0.25 * promised {
                    self.damping *= 4.0;
                }
                return true;
            }
            self.damping = (self.damping * 10.0).max(1e-6);
        }
        false
    }

    /// Goes to `candidate` if the objective is lower there.
    fn accepts(&mut self, candidate: Point) -> bool {
        let there = self.objective.expansion(&candidate);
        let lower = there.value < self.here.value;
        if lower {
            self.point = candidate;
            self.here = there;
        }
        lower
    }

    /// The part of `step` on which the scale falls to a tenth at most, and not below its bound.
    fn shortened(&self, start: &Point, step: Array1<f64>) -> Array1<f64> {
        let longest_fall = start.sigma - (start.sigma / 10.0).max(self.bound);
        let fall = -step[step.len() - 1];
        if fall > longest_fall {
            step * (longest_fall / fall)
        } else {
            step
        }
    }

    /// The end of `step`. A scale next to its bound is put onto it, so that rounding does not
    /// leave a gap that would shorten every later step to nothing.
    fn moved(&self, start: &Point, step: &Array1<f64>) -> Point {
        let (by_theta, by_sigma) = step.view().split_at(Axis(0), step.len() - 1);
        let sigma = start.sigma + by_sigma[0];
        let at_bound = sigma < 1.001 * self.bound;
        Point {
            theta: &start.theta + &by_theta,
            sigma: if at_bound { self.bound } else { sigma },
        }
    }
}

/// Turns the scale into a constant.
fn hold_sigma(expansion: &mut Expansion) {
    let sigma = expansion.gradient.len() - 1;
    expansion.gradient[sigma] = 0.0;
    expansion.hessian.row_mut(sigma).fill(0.0);
    expansion.hessian.column_mut(sigma).fill(0.0);
    expansion.hessian[(sigma, sigma)] = 1.0;
}

/// Solves `(hessian + damping) · step = −gradient`, if that can be done in floating point.
fn damped_step(slope: &Expansion, damping: f64) -> Option<Array1<f64>> {
    let mut hessian = slope.hessian.clone();
    hessian.diag_mut().mapv_inplace(|value| value + damping);
    let step = Cholesky::new(&hessian)?.solve(slope.gradient.iter().map(|slope| -slope))?;
    Some(step.into())
}

/// What the quadratic model says that `step` gains.
fn promised_decrease(slope: &Expansion, step: &Array1<f64>) -> f64 {
    let bends = slope.hessian.indexed_iter().map(|((i, j), bend)| {
        // The lower triangle stands for both.
        let share = if i == j { 0.5 } else { 1.0 };
        share * bend * step[i] * step[j]
    });
    -(slope.gradient.dot(step) + bends.sum::<f64>())
}
