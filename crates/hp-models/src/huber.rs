//! Huber regression: coefficients and the scale of the noise together, robust to outliers.
//!
//! The objective is scikit-learn's (Owen, 2007, "A robust hybrid of lasso and ridge regression");
//! its minimum is reached here by Newton's method. Where collinear columns without a penalty leave
//! several minima, it is the one of least norm among those that predict alike. The features are rotated onto the
//! orthogonal directions along which the rows differ, so that neither their units nor collinear
//! columns hinder convergence, while the penalty stays on the coefficients themselves.

mod newton;
mod objective;

use crate::least_squares::{Centred, Decomposition};
use crate::tiles::{Tiles, add_combination, height};
use crate::{Fit, FitError, Progress};
use hp_core::method::HuberParams;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use newton::{Minimisation, StoppingRule};
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
    let rotated = Rotated::new(&data, params)?;
    let stop = StoppingRule {
        max_iter: params.max_iter,
        smallest_sigma: SMALLEST_SIGMA,
        is_flat: &|gradient| rotated.largest_slope(gradient) <= params.tol,
    };
    let start = rotated.least_squares_start();
    let Minimisation {
        point,
        n_iter,
        converged,
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
    objective: Objective,
}

impl<'a> Rotated<'a> {
    fn new(data: &'a Centred<'a>, params: &HuberParams) -> Result<Self, FitError> {
        let decomposition = Decomposition::new(data, Decomposition::rounding(data))?;
        let spread = &decomposition.singular_values / (data.rows() as f64).sqrt();
        let to_coef = &decomposition.v / &spread;
        // With target and features divided by their scales the objective shrinks by `y_scale`
        // and ‖w‖² by `(y_scale / x_scale)²`.
        let weight = params.alpha * data.y_scale() / data.x_scale() / data.x_scale();
        let of_rotated = spread.mapv(|spread| (weight / spread / spread).min(1e100));
        let of_constant = params.fit_intercept.then_some(0.0);
        let objective = Objective {
            design: rotated(data, &to_coef, params.fit_intercept),
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

    fn least_squares_start(&self) -> Point {
        let rows = self.data.rows() as f64;
        let mut theta = Array1::zeros(self.objective.penalty.len());
        for (coordinate, projected) in theta.iter_mut().zip(&self.decomposition.projected_target) {
            *coordinate = projected / rows.sqrt();
        }
        let sigma = self.objective.root_mean_square(&theta).max(SMALLEST_SIGMA);
        Point { theta, sigma }
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
