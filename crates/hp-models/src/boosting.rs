//! Gradient boosting: trees fitted one after another to what the ones before have left over.

mod engine;
mod loss;
#[cfg(test)]
mod replay;
mod stages;
mod tiles;
mod validation;

use crate::tree::{Ensemble, InvalidModel, Tree, assert_columns, check_ensemble, check_finite};
use crate::{Fit, FitError, FittedModel, Progress, Regressor, finite};
use hp_core::method::BoostingParams;
use ndarray::{Array1, ArrayView1, ArrayView2, Axis};

/// A fitted gradient-boosted ensemble: `start + Σ learning_rate · leaf`.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientBoosting {
    n_features: usize,
    ensemble: Ensemble,
    feature_importances: Vec<f64>,
}

impl GradientBoosting {
    /// Puts an ensemble together from an untrusted source.
    ///
    /// # Errors
    /// When there are no trees, a tree asks for a feature that does not exist, there is not one
    /// importance per feature, or a number is not finite.
    pub fn from_parts(
        n_features: usize,
        start: f64,
        learning_rate: f64,
        trees: Vec<Tree>,
        feature_importances: Vec<f64>,
    ) -> Result<Self, InvalidModel> {
        check_ensemble(n_features, &trees, &feature_importances)?;
        check_finite("the start value", &[start])?;
        check_finite("the learning rate", &[learning_rate])?;
        Ok(Self {
            n_features,
            ensemble: Ensemble::new(trees, start, learning_rate),
            feature_importances,
        })
    }

    /// The prediction before the first tree.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.ensemble.start()
    }

    /// Factor on the leaves of every tree.
    #[must_use]
    pub fn learning_rate(&self) -> f64 {
        self.ensemble.factor()
    }

    /// The trees in the order in which they were fitted; their leaves are without the learning rate.
    #[must_use]
    pub fn trees(&self) -> &[Tree] {
        self.ensemble.trees()
    }

    /// Share of each feature in the decrease of the squared error of the gradients over all trees
    /// `[features]`. Sums to 1, or is all 0 when no tree has a split.
    #[must_use]
    pub fn feature_importances(&self) -> &[f64] {
        &self.feature_importances
    }
}

impl Regressor for GradientBoosting {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        assert_columns(x.ncols(), self.n_features);
        Array1::from_vec(self.ensemble.of_rows(x))
    }

    fn predict_row(&self, row: &[f64]) -> f64 {
        assert_columns(row.len(), self.n_features);
        self.ensemble.of_row(row)
    }
}

/// Fits gradient boosting on `x` `[rows, features]` and `y` `[rows]`. Features are rounded
/// to f32; those beyond its range count as the largest f32 of their sign.
///
/// # Errors
/// When a number is not finite, there are too few rows to set some aside for `n_iter_no_change`,
/// residuals or predictions overflow, or `progress` stops the fit.
pub(crate) fn fit(
    params: &BoostingParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
    progress: &dyn Progress,
) -> Result<Fit, FitError> {
    finite::check(x, y)?;
    let model = if params.n_iter_no_change.is_none() {
        let train = Rows { x, y: y.to_vec() };
        stages::boost(params, &train, None, progress)?
    } else {
        let [train, held_out] = validation::set_aside(params, x.nrows())?;
        let [x_train, x_held_out] = [&train, &held_out].map(|rows| x.select(Axis(0), rows));
        let [y_train, y_held_out] =
            [&train, &held_out].map(|rows| rows.iter().map(|&row| y[row]).collect());
        let train = Rows {
            x: x_train.view(),
            y: y_train,
        };
        let held_out = Rows {
            x: x_held_out.view(),
            y: y_held_out,
        };
        stages::boost(params, &train, Some(held_out), progress)?
    };
    Ok(Fit {
        n_iter: model.trees().len(),
        model: FittedModel::Boosting(model),
        warnings: Vec::new(),
    })
}

/// Rows of features and their targets.
struct Rows<'a> {
    /// `[rows, features]`.
    x: ArrayView2<'a, f64>,
    /// `[rows]`.
    y: Vec<f64>,
}
