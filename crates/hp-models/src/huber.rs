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
use crate::{Fit, FitError, Progress};
use hp_core::method::HuberParams;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use newton::{Minimisation, StoppingRule};
use objective::{Objective, Point};

/// The smallest scale of the noise, as a share of the target's. A perfect fit ends here, where
/// the objective would otherwise divide zero by zero.
const SMALLEST_SIGMA: f64 = 1e-9;

/// Fits `x` `[rows, features]` and `y` `[rows]`.
///
/// # Errors
/// When a number overflows or `progress` stops the fit.
pub(crate) fn fit(
    params: &HuberParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
    progress: &dyn Progress,
) -> Result<Fit, FitError> {
    let data = Centred::new(x, y, params.fit_intercept);
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
    data.shifted_model(&coef, constant)
        .into_fit(n_iter, warnings)
}

/// The problem in coordinates in which the features have unit variance and no correlation.
struct Rotated<'a> {
    data: &'a Centred,
    decomposition: Decomposition,
    /// Coefficients from coordinates `[features, rank]`.
    to_coef: Array2<f64>,
    fit_intercept: bool,
    objective: Objective,
}

impl<'a> Rotated<'a> {
    fn new(data: &'a Centred, params: &HuberParams) -> Result<Self, FitError> {
        let decomposition = Decomposition::new(&data.x, &data.y, Decomposition::rounding(&data.x))?;
        let spread = &decomposition.singular_values / (data.y.len() as f64).sqrt();
        let to_coef = &decomposition.v / &spread;
        let rotated = data.x.dot(&to_coef);
        // With target and features divided by their scales the objective shrinks by `y_scale`
        // and ‖w‖² by `(y_scale / x_scale)²`.
        let weight = params.alpha * data.y_scale / data.x_scale / data.x_scale;
        let rank = spread.len();
        let columns = rank + usize::from(params.fit_intercept);
        let in_rotated = |column: usize| column < rank;
        let design = Array2::from_shape_fn((data.y.len(), columns), |at| {
            if in_rotated(at.1) { rotated[at] } else { 1.0 }
        });
        let penalty = Array1::from_shape_fn(columns, |column| {
            if in_rotated(column) {
                (weight / spread[column] / spread[column]).min(1e100)
            } else {
                0.0
            }
        });
        let objective = Objective {
            design,
            target: data.y.clone(),
            penalty,
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
        let rows = self.data.y.len() as f64;
        let mut theta = Array1::zeros(self.objective.penalty.len());
        for (coordinate, projected) in theta.iter_mut().zip(&self.decomposition.projected_target) {
            *coordinate = projected / rows.sqrt();
        }
        let residuals = &self.data.y - &self.objective.design.dot(&theta);
        let sigma = (residuals.dot(&residuals) / rows)
            .sqrt()
            .max(SMALLEST_SIGMA);
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
        let rows = self.data.y.len() as f64;
        let spread = &self.decomposition.singular_values / rows.sqrt();
        let along = Array1::from_iter(gradient.iter().take(rank).copied()) * spread;
        let by_constant = if self.fit_intercept {
            gradient[rank]
        } else {
            0.0
        };
        let by_centred = self.decomposition.v.dot(&along) * self.data.x_scale;
        let by_coef = by_centred + &self.data.x_mean * by_constant;
        let others = gradient.iter().skip(rank);
        by_coef
            .iter()
            .chain(others)
            .fold(0.0, |largest, slope| largest.max(slope.abs()))
    }
}
