//! The training itself.

use crate::cross_validation::cross_validate;
use crate::error::TrainError;
use crate::observer::{MethodProgress, Observer};
use crate::reference;
use crate::selection;
use hp_core::config::{Method, ModelConfig, Split};
use hp_core::reference::TrainingReference;
use hp_core::schema::Schema;
use hp_core::table::Table;
use hp_core::training::{CrossValidation, Serving};
use hp_features::{Fold, Preprocessor, TrainTestSplit, feature_matrix, k_fold, train_test_split};
use hp_models::Fit;
use ndarray::{Array1, Array2};

/// What a training learns from.
#[derive(Debug, Clone, Copy)]
pub struct TrainingSet<'a> {
    /// The columns of the table.
    pub schema: &'a Schema,
    /// All validated rows.
    pub table: &'a Table,
    /// Which of them are training rows.
    pub split: Split,
}

/// The result of a training.
#[derive(Debug, Clone)]
pub struct Trained {
    /// Rows of the table that were trained on and held out.
    pub rows: TrainTestSplit,
    /// The scaling, fitted on the training rows.
    pub preprocessor: Preprocessor,
    /// Every method, in the order of the configuration.
    pub methods: Vec<TrainedMethod>,
    /// The trio to serve.
    pub serving: Serving,
    /// The training rows and the trio's answers on them in brief, each row answered by the models of
    /// the fold that left it out.
    pub reference: TrainingReference,
}

/// A fitted method and its scores.
#[derive(Debug, Clone)]
pub struct TrainedMethod {
    /// The method as configured.
    pub method: Method,
    /// The model fitted on all training rows.
    pub fit: Fit,
    /// Its scores on training rows it was not fitted on.
    pub cross_validation: CrossValidation,
    /// The prediction for each training row by the model of the fold that left it out
    /// `[training rows]`.
    pub out_of_fold: Vec<f64>,
}

/// Fits and cross-validates every configured method and chooses the served trio.
///
/// # Errors
/// When the rows cannot be split, folded or summarised, a method cannot be fitted, or `observer`
/// stops the training.
pub fn train(
    config: &ModelConfig,
    data: TrainingSet<'_>,
    observer: &dyn Observer,
) -> Result<Trained, TrainError> {
    let rows = train_test_split(data.table.n_rows(), data.split)?;
    let x = feature_matrix(data.table, &rows.train);
    let y: Array1<f64> = rows
        .train
        .iter()
        .map(|&row| data.table.target[row])
        .collect();
    let folds = k_fold(x.nrows(), config.folds)?;
    let preprocessor = Preprocessor::fit(data.schema, x.view())?;
    let scaled = preprocessor.transform(x.view());
    let training_rows = TrainingRows {
        schema: data.schema,
        x: &x,
        scaled: &scaled,
        y: &y,
    };
    let methods = config
        .methods
        .iter()
        .map(|method| train_method(method, &training_rows, &folds, observer))
        .collect::<Result<Vec<_>, _>>()?;
    let serving = selection::choose(&methods, &config.serving)?;
    let reference = reference::remember(&training_rows, &methods, &serving)?;
    Ok(Trained {
        rows,
        preprocessor,
        methods,
        serving,
        reference,
    })
}

/// What the methods are trained on.
pub(crate) struct TrainingRows<'a> {
    /// The columns.
    pub(crate) schema: &'a Schema,
    /// The features, not scaled `[training rows, features]`.
    pub(crate) x: &'a Array2<f64>,
    /// The features, scaled by all of these rows `[training rows, features]`.
    pub(crate) scaled: &'a Array2<f64>,
    /// The target `[training rows]`.
    pub(crate) y: &'a Array1<f64>,
}

fn train_method(
    method: &Method,
    rows: &TrainingRows<'_>,
    folds: &[Fold],
    observer: &dyn Observer,
) -> Result<TrainedMethod, TrainError> {
    let progress = MethodProgress::new(observer, method, folds.len() + 1);
    let (x, y) = (rows.scaled.view(), rows.y.view());
    observer.fit_started(method);
    let fit = hp_models::fit(&method.config, x, y, &progress.fit());
    let fit = fit.map_err(|source| TrainError::Fit {
        method: method.name.clone(),
        source,
    })?;
    observer.fit_finished(method);
    let cross_validated = cross_validate(method, rows, folds, &progress)?;
    observer.method_finished(method);
    Ok(TrainedMethod {
        method: method.clone(),
        fit,
        cross_validation: cross_validated.scores,
        out_of_fold: cross_validated.predictions,
    })
}
