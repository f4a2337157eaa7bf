//! Huber regression: coefficients and the scale of the noise together, robust to outliers.
//!
//! The objective is scikit-learn's (Owen, 2007, "A robust hybrid of lasso and ridge regression");
//! its minimum is reached here by Newton's method. Where collinear columns without a penalty leave
//! several minima, it is the one of least norm among those that predict alike. The features are rotated onto the
//! orthogonal directions along which the rows differ, so that neither their units nor collinear
//! columns hinder convergence, while the penalty stays on the coefficients themselves. Many rows are
//! not copied for that but read in place, and few times: a sample of them tells where to start.

mod design;
mod newton;
mod objective;
mod sample;

use crate::least_squares::{Centred, Decomposition};
use crate::tiles::{Tiles, add_combination, height};
use crate::{Fit, FitError, Progress};
use design::{Columns, Design};
use hp_core::method::HuberParams;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use newton::{Minimisation, START_DAMPING, StoppingRule};
use objective::{Objective, Point};

/// The smallest scale of the noise, as a share of the target's. A perfect fit ends here, where
/// the objective would otherwise divide zero by zero.
const SMALLEST_SIGMA: f64 = 1e-9;

/// Fits `x` `[rows, features]` and `y` `[rows]`.
///
/// # Errors
/// When a number is not finite or overflows, or `progress` stops the fit.
pub(crate) fn fit(
    params: &HuberParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
    progress: &dyn Progress,
) -> Result<Fit, FitError> {
    let data = Centred::new(x, y, params.fit_intercept)?;
    let in_place = sample::is_worth_it(data.rows(), data.features());
    let rotated = Rotated::new(&data, params, in_place)?;
    let stop = StoppingRule {
        max_iter: params.max_iter,
        smallest_sigma: SMALLEST_SIGMA,
        is_flat: &|gradient| rotated.largest_slope(gradient) <= params.tol,
    };
    let start = rotated.start(params, progress)?;
    let Minimisation {
        point,
        n_iter,
        converged,
        ..
    } = newton::minimise(&rotated.objective, start, &stop, progress)?;
    let mut warnings = Vec::new();
    if !converged {
        warnings.push(format!(
            "Huber regression stopped after {n_iter} iterations without converging; raise \
             `max_iter` or `tol`"
        ));
    }
    let (coef, constant) = rotated.coefficients(&point);
    data.shifted_model(&coef.to_vec(), constant)
        .into_fit(n_iter, warnings)
}

/// The problem in coordinates in which the features have unit variance and no correlation.
struct Rotated<'a> {
    data: &'a Centred<'a>,
    decomposition: Decomposition,
    /// Coefficients from coordinates `[features, rank]`.
    to_coef: Array2<f64>,
    fit_intercept: bool,
    objective: Objective<'a>,
}

impl<'a> Rotated<'a> {
    /// The problem on a rotated copy of the rows or `in_place`. Ill-conditioned features are copied
    /// in any case: the sums of their products as they are would lose in what the features differ.
    fn new(data: &'a Centred<'a>, params: &HuberParams, in_place: bool) -> Result<Self, FitError> {
        let decomposition = Decomposition::new(data, Decomposition::rounding(data))?;
        let spread = &decomposition.singular_values / (data.rows() as f64).sqrt();
        let to_coef = &decomposition.v / &spread;
        // With target and features divided by their scales the objective shrinks by `y_scale`
        // and ‖w‖² by `(y_scale / x_scale)²`.
        let weight = params.alpha * data.y_scale() / data.x_scale() / data.x_scale();
        let of_rotated = spread.mapv(|spread| (weight / spread / spread).min(1e100));
        let of_constant = params.fit_intercept.then_some(0.0);
        let (design, directions) = if in_place && data.normal(0.0).is_some() {
            let columns = Columns {
                data,
                with_ones: params.fit_intercept,
            };
            let directions = directions(&to_coef, params.fit_intercept);
            (Design::InPlace(columns), Some(directions))
        } else {
            let tiles = rotated(data, &to_coef, params.fit_intercept);
            (Design::Copied(tiles), None)
        };
        let objective = Objective {
            design,
            directions,
            penalty: of_rotated.into_iter().chain(of_constant).collect(),
            epsilon: params.epsilon,
        };
        Ok(Self {
            data,
            decomposition,
            to_coef,
            fit_intercept: params.fit_intercept,
            objective,
        })
    }

    /// Where to start, and with which damping.
    fn start(
        &self,
        params: &HuberParams,
        progress: &dyn Progress,
    ) -> Result<(Point, f64), FitError> {
        let theta = self.least_squares();
        let sample = sample::minimum(&self.objective, theta.clone(), params.max_iter, progress)?;
        Ok(sample.unwrap_or_else(|| (self.objective.point(theta), START_DAMPING)))
    }

    /// The coordinates of the least-squares solution.
    fn least_squares(&self) -> Array1<f64> {
        let rows = self.data.rows() as f64;
        let mut theta = Array1::zeros(self.objective.penalty.len());
        for (coordinate, projected) in theta.iter_mut().zip(&self.decomposition.projected_target) {
            *coordinate = projected / rows.sqrt();
        }
        theta
    }

    /// Coefficients and constant term in the units of the centred data.
    fn coefficients(&self, point: &Point) -> (Array1<f64>, f64) {
        let rank = self.to_coef.ncols();
        let coordinates = Array1::from_iter(point.theta.iter().take(rank).copied());
        let constant = point.theta.iter().nth(rank).copied().unwrap_or_default();
        (self.to_coef.dot(&coordinates), constant)
    }

    /// The largest component of the gradient by coefficients, constant term and scale in the
    /// units of the caller's data, given the gradient by coordinates, constant term and scale.
    fn largest_slope(&self, gradient: &Array1<f64>) -> f64 {
        let rank = self.to_coef.ncols();
        let rows = self.data.rows() as f64;
        let spread = &self.decomposition.singular_values / rows.sqrt();
        let along = Array1::from_iter(gradient.iter().take(rank).copied()) * spread;
        let by_constant = if self.fit_intercept {
            gradient[rank]
        } else {
            0.0
        };
        let by_centred = self.decomposition.v.dot(&along) * self.data.x_scale();
        let by_coef = by_centred + self.data.x_mean() * by_constant;
        let others = gradient.iter().skip(rank);
        by_coef
            .iter()
            .chain(others)
            .fold(0.0, |largest, slope| largest.max(slope.abs()))
    }
}

/// `to_coef` `[features, rank]` and ones for the scale and, if there is one, the constant term.
fn directions(to_coef: &Array2<f64>, fit_intercept: bool) -> Array2<f64> {
    let (features, rank) = to_coef.dim();
    let others = 1 + usize::from(fit_intercept);
    Array2::from_shape_fn(
        (features + others, rank + others),
        |(column, coordinate)| match (column < features, coordinate < rank) {
            (true, true) => to_coef[(column, coordinate)],
            (false, false) if column - features == coordinate - rank => 1.0,
            _ => 0.0,
        },
    )
}

/// The features times `to_coef` `[features, rank]`, ones if there is a constant term, and the
/// target.
fn rotated(data: &Centred<'_>, to_coef: &Array2<f64>, fit_intercept: bool) -> Tiles {
    let (features, rank) = to_coef.dim();
    let columns = rank + usize::from(fit_intercept) + 1;
    let weights: Vec<Vec<f64>> = to_coef
        .axis_iter(Axis(1))
        .map(|column| column.to_vec())
        .collect();
    Tiles::filled(data.rows(), columns, |rows, tile| {
        let mut plain = Tiles::zeros(rows.len(), features + 1);
        let plain = plain.first_mut(rows.len());
        data.fill(rows.clone(), plain);
        let (features, target) = plain.split_at(features * height(rows.len()));
        let mut columns = tile.chunks_exact_mut(target.len());
        for (weights, column) in weights.iter().zip(&mut columns) {
            add_combination(features, weights, column);
        }
        if fit_intercept && let Some(ones) = columns.next() {
            ones[..rows.len()].fill(1.0);
        }
        columns.for_each(|last| last.copy_from_slice(target));
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;
    use crate::tiles::TILE;
    use sample::STRIDE;

    const ROWS: usize = 4 * STRIDE * TILE + 77;

    fn noise(row: usize, column: usize) -> f64 {
        let bits = (row as u64 * 64 + column as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((bits >> 11) as f64) / (1_u64 << 53) as f64 - 0.5
    }

    /// Correlated features in different units, of which one is constant, and a target whose rows are
    /// noisy if this says so.
    fn rows(is_noisy: impl Fn(usize) -> bool) -> (Array2<f64>, Array1<f64>) {
        let x = Array2::from_shape_fn((ROWS, 4), |(row, column)| match column {
            0 => noise(row, 0),
            1 => 30.0 * (noise(row, 0) + noise(row, 1)) + 5.0,
            2 => 0.7,
            _ => 0.2 * noise(row, 3),
        });
        let y = Array1::from_shape_fn(ROWS, |row| {
            let tail = f64::from(is_noisy(row)) * noise(row, 4) / (0.51 + noise(row, 5));
            2.0 * x[(row, 0)] - x[(row, 1)] + tail
        });
        (x, y)
    }

    fn assert_close(one: f64, other: f64, size: f64) {
        assert!((one - other).abs() <= 1e-12 * size, "{one} is not {other}");
    }

    #[test]
    fn rows_in_place_have_the_objective_of_their_copy() {
        let (x, y) = rows(|_| true);
        for fit_intercept in [true, false] {
            let data = Centred::new(x.view(), y.view(), fit_intercept).unwrap();
            let params = HuberParams {
                alpha: 30.0,
                fit_intercept,
                ..HuberParams::default()
            };
            let [copy, in_place] = [false, true].map(|in_place| {
                let problem = Rotated::new(&data, &params, in_place).unwrap();
                let start = problem.objective.point(problem.least_squares());
                (start.sigma, problem.objective.expansion(&start))
            });
            assert_close(copy.0, in_place.0, copy.0);
            let (copy, in_place) = (copy.1, in_place.1);
            let size = copy.value;
            assert_close(copy.value, in_place.value, size);
            let gradients = copy.gradient.iter().zip(&in_place.gradient);
            gradients.for_each(|(one, other)| assert_close(*one, *other, size));
            for ((i, j), bend) in copy.hessian.indexed_iter().filter(|((i, j), _)| i >= j) {
                assert_close(*bend, in_place.hessian[(i, j)], size);
            }
        }
    }

    #[test]
    fn a_sample_starts_next_to_the_minimum_unless_it_fits_perfectly() {
        let params = HuberParams::default();
        let in_sample = |row: usize| (row / TILE).is_multiple_of(STRIDE);
        for fits in [false, true] {
            let (x, y) = rows(|row| !(fits && in_sample(row)));
            let data = Centred::new(x.view(), y.view(), true).unwrap();
            let problem = Rotated::new(&data, &params, true).unwrap();
            let start_within = |max_iter| {
                let theta = problem.least_squares();
                sample::minimum(&problem.objective, theta, max_iter, &Silent).unwrap()
            };
            assert!(start_within(1).is_none());
            let start = start_within(100);
            assert_eq!(start.is_none(), fits);
            if let Some((start, _)) = start {
                let far = problem.objective.point(problem.least_squares());
                let [near, far] = [start, far].map(|at| problem.objective.expansion(&at).value);
                assert!(near < far, "{near} is no less than {far}");
            }
        }
    }
}
