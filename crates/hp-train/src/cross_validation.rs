//! Scoring a method on rows it was not fitted on.

use crate::error::TrainError;
use crate::observer::MethodProgress;
use crate::train::TrainingRows;
use hp_core::config::Method;
use hp_core::training::CrossValidation;
use hp_evaluate::metrics::{MetricError, pinball_loss, root_mean_squared_error};
use hp_features::{Fold, Preprocessor};
use hp_models::Regressor;
use ndarray::{Array1, Array2, Axis};
use rayon::prelude::*;

/// How a method is scored; smaller is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// Root mean squared error, of main regressors.
    Rmse,
    /// Pinball loss at a quantile, of lower and upper estimators.
    Pinball {
        /// The quantile.
        quantile: f64,
    },
}

impl Metric {
    /// The metric that judges `method`.
    #[must_use]
    pub fn of(method: &Method) -> Self {
        method
            .quantile()
            .map_or(Self::Rmse, |quantile| Self::Pinball { quantile })
    }

    /// `rmse` or `pinball`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rmse => "rmse",
            Self::Pinball { .. } => "pinball",
        }
    }

    pub(crate) fn score(self, y_true: &[f64], y_pred: &[f64]) -> Result<f64, MetricError> {
        match self {
            Self::Rmse => root_mean_squared_error(y_true, y_pred),
            Self::Pinball { quantile } => pinball_loss(y_true, y_pred, quantile),
        }
    }
}

/// How a method answers for rows it was not fitted on.
pub(crate) struct CrossValidated {
    /// The score on each fold.
    pub(crate) scores: CrossValidation,
    /// The prediction for each training row by the model of the fold that left it out
    /// `[training rows]`.
    pub(crate) predictions: Vec<f64>,
}

/// Fits `method` on every fold, and predicts and scores the fold's validation rows. The `folds`
/// divide the training rows into consecutive runs.
pub(crate) fn cross_validate(
    method: &Method,
    rows: &TrainingRows<'_>,
    folds: &[Fold],
    progress: &MethodProgress<'_>,
) -> Result<CrossValidated, TrainError> {
    let metric = Metric::of(method);
    let answer = |fold: &Fold| {
        let scaled = ScaledFold::new(rows, fold)?;
        let (x, y) = (scaled.x_train.view(), scaled.y_train.view());
        let fit = hp_models::fit(&method.config, x, y, &progress.fit()).map_err(|source| {
            TrainError::Fit {
                method: method.name.clone(),
                source,
            }
        })?;
        let y_pred = fit.model.predict(scaled.x_validation.view()).to_vec();
        let score = metric.score(&scaled.y_validation.to_vec(), &y_pred);
        let score = score.map_err(|source| TrainError::Score {
            method: method.name.clone(),
            source,
        })?;
        Ok((score, y_pred))
    };
    let answers = folds.par_iter().map(answer);
    let answers: Vec<(f64, Vec<f64>)> = answers.collect::<Result<_, TrainError>>()?;
    let (scores, predictions): (_, Vec<_>) = answers.into_iter().unzip();
    Ok(CrossValidated {
        scores: CrossValidation::new(metric.name(), scores),
        predictions: predictions.concat(),
    })
}

/// A fold scaled by its own training rows only. Every method makes it anew, because the folds of many
/// rows take several times the memory of the rows themselves.
struct ScaledFold {
    x_train: Array2<f64>,
    y_train: Array1<f64>,
    x_validation: Array2<f64>,
    y_validation: Array1<f64>,
}

impl ScaledFold {
    fn new(rows: &TrainingRows<'_>, fold: &Fold) -> Result<Self, TrainError> {
        let (training, validation) = (fold.training(), fold.validation());
        let x_train = rows.x.select(Axis(0), &training);
        let preprocessor = Preprocessor::fit(rows.schema, x_train.view())?;
        Ok(Self {
            x_train: preprocessor.transform(x_train.view()),
            y_train: rows.y.select(Axis(0), &training),
            x_validation: preprocessor.transform(rows.x.select(Axis(0), &validation).view()),
            y_validation: rows.y.select(Axis(0), &validation),
        })
    }
}
