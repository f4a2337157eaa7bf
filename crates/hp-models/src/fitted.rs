//! From a method's configuration to a fitted model.

use crate::{
    FitError, GradientBoosting, LinearModel, Progress, RandomForest, boosting, forest, huber,
    least_squares, quantile,
};
use hp_core::method::MethodConfig;
use ndarray::{Array1, ArrayView1, ArrayView2};

/// What every fitted model can do.
pub trait Regressor {
    /// Number of features the model was fitted on.
    fn n_features(&self) -> usize;

    /// Predicts every row of `x` `[rows, features]`.
    ///
    /// # Panics
    /// When `x` has not [`n_features`](Self::n_features) columns.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Array1<f64>;

    /// Predicts one row `[features]` without allocating; bit-equal to [`predict`](Self::predict).
    ///
    /// # Panics
    /// When `row` has not [`n_features`](Self::n_features) values.
    fn predict_row(&self, row: &[f64]) -> f64;
}

/// A fitted model of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum FittedModel {
    /// Linear, ridge, Huber or quantile regression.
    Linear(LinearModel),
    /// A random forest.
    Forest(RandomForest),
    /// A gradient-boosted ensemble.
    Boosting(GradientBoosting),
}

impl FittedModel {
    fn regressor(&self) -> &dyn Regressor {
        match self {
            Self::Linear(model) => model,
            Self::Forest(model) => model,
            Self::Boosting(model) => model,
        }
    }

    /// How much each feature contributes `[features]`, summing to 1 unless nothing was split; trees only.
    #[must_use]
    pub fn feature_importances(&self) -> Option<&[f64]> {
        match self {
            Self::Linear(_) => None,
            Self::Forest(model) => Some(model.feature_importances()),
            Self::Boosting(model) => Some(model.feature_importances()),
        }
    }
}

impl Regressor for FittedModel {
    fn n_features(&self) -> usize {
        self.regressor().n_features()
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        self.regressor().predict(x)
    }

    fn predict_row(&self, row: &[f64]) -> f64 {
        self.regressor().predict_row(row)
    }
}

/// A fitted model and what its fitting had to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The model.
    pub model: FittedModel,
    /// Iterations of the solver, or trees that were built.
    pub n_iter: usize,
    /// What the user should know, for example that the solver did not converge.
    pub warnings: Vec<String>,
}

/// Fits `config` on `x` `[rows, features]` and `y` `[rows]`. Deterministic: the same input gives
/// the same bits on any number of threads.
///
/// # Errors
/// When the data is empty, ragged or not finite, a parameter does not fit it, or `progress` stops
/// the fit.
pub fn fit(
    config: &MethodConfig,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
    progress: &dyn Progress,
) -> Result<Fit, FitError> {
    check_shape(x, y)?;
    match config {
        MethodConfig::LinearRegression(params) => least_squares::fit_linear(params, x, y),
        MethodConfig::Ridge(params) => least_squares::fit_ridge(params, x, y),
        MethodConfig::HuberRegressor(params) => huber::fit(params, x, y, progress),
        MethodConfig::QuantileRegressor(params) => quantile::fit(params, x, y, progress),
        MethodConfig::RandomForestRegressor(params) => forest::fit(params, x, y, progress),
        MethodConfig::GradientBoostingRegressor(params) => boosting::fit(params, x, y, progress),
    }
}

fn check_shape(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Result<(), FitError> {
    if x.nrows() != y.len() {
        return Err(FitError::LengthMismatch {
            rows: x.nrows(),
            targets: y.len(),
        });
    }
    if y.is_empty() {
        return Err(FitError::NoRows);
    }
    if x.ncols() == 0 {
        return Err(FitError::NoFeatures);
    }
    Ok(())
}
