//! A fitted linear model: what linear, ridge, Huber and quantile regression end in.

use crate::{Fit, FitError, FittedModel, Regressor};
use ndarray::{Array1, ArrayView2};

/// `prediction = Σ coefⱼ · xⱼ + intercept`.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearModel {
    coef: Vec<f64>,
    intercept: f64,
}

impl LinearModel {
    /// Makes the model with one coefficient per feature.
    #[must_use]
    pub fn new(coef: Vec<f64>, intercept: f64) -> Self {
        Self { coef, intercept }
    }

    /// The coefficients `[features]`.
    #[must_use]
    pub fn coef(&self) -> &[f64] {
        &self.coef
    }

    /// The constant term; 0 when the model was fitted without one.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Wraps the outcome of a fit, which must be finite to be of any use.
    pub(crate) fn into_fit(self, n_iter: usize, warnings: Vec<String>) -> Result<Fit, FitError> {
        let finite = self.intercept.is_finite() && self.coef.iter().all(|value| value.is_finite());
        if !finite {
            return Err(FitError::Numerical("a coefficient overflowed".to_owned()));
        }
        Ok(Fit {
            model: FittedModel::Linear(self),
            n_iter,
            warnings,
        })
    }

    fn value(&self, row: impl ExactSizeIterator<Item = f64>) -> f64 {
        let (features, values) = (self.n_features(), row.len());
        assert_eq!(
            values, features,
            "the model was fitted on {features} features"
        );
        let products = self
            .coef
            .iter()
            .zip(row)
            .map(|(weight, value)| weight * value);
        products.sum::<f64>() + self.intercept
    }
}

impl Regressor for LinearModel {
    fn n_features(&self) -> usize {
        self.coef.len()
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        let rows = x.rows().into_iter();
        rows.map(|row| self.value(row.iter().copied())).collect()
    }

    fn predict_row(&self, row: &[f64]) -> f64 {
        self.value(row.iter().copied())
    }
}
