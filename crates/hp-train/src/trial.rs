//! Trying methods out: fitted once on the training rows and scored on the held-out ones. Nothing is
//! cross-validated, chosen or remembered, so that large data and slow methods can be looked at first.

use crate::cross_validation::Metric;
use crate::error::TrainError;
use crate::observer::{MethodProgress, Observer};
use crate::train::TrainingSet;
use hp_core::config::Method;
use hp_features::{Preprocessor, feature_matrix, train_test_split};
use hp_models::{Fit, Regressor};
use ndarray::{Array1, Array2, ArrayView1};

/// The rows of a data set as methods see them: split, and scaled by the training rows.
#[derive(Debug)]
pub struct Trial {
    x_train: Array2<f64>,
    y_train: Array1<f64>,
    x_test: Array2<f64>,
    y_test: Array1<f64>,
}

impl Trial {
    /// Splits and scales the rows of `data`.
    ///
    /// # Errors
    /// When the rows cannot be split or scaled.
    pub fn new(data: TrainingSet<'_>) -> Result<Self, TrainError> {
        let rows = train_test_split(data.table.n_rows(), data.split)?;
        let target = |rows: &[usize]| rows.iter().map(|&row| data.table.target[row]).collect();
        let x = feature_matrix(data.table, &rows.train);
        let preprocessor = Preprocessor::fit(data.schema, x.view())?;
        let x_test = feature_matrix(data.table, &rows.test);
        Ok(Self {
            x_train: preprocessor.transform(x.view()),
            y_train: target(&rows.train),
            x_test: preprocessor.transform(x_test.view()),
            y_test: target(&rows.test),
        })
    }

    /// The number of training rows.
    #[must_use]
    pub fn train_rows(&self) -> usize {
        self.x_train.nrows()
    }

    /// The number of held-out rows.
    #[must_use]
    pub fn test_rows(&self) -> usize {
        self.x_test.nrows()
    }

    /// The number of features.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.x_train.ncols()
    }

    /// Fits `method` on the training rows.
    ///
    /// # Errors
    /// When it cannot be fitted, or `observer` stops it.
    pub fn fit(&self, method: &Method, observer: &dyn Observer) -> Result<Fit, TrainError> {
        let progress = MethodProgress::new(observer, method, 1);
        let (x, y) = (self.x_train.view(), self.y_train.view());
        observer.fit_started(method);
        let fit = hp_models::fit(&method.config, x, y, &progress.fit());
        observer.fit_finished(method);
        observer.method_finished(method);
        fit.map_err(|source| TrainError::Fit {
            method: method.name.clone(),
            source,
        })
    }

    /// The predictions of a fitted method for the held-out rows `[test rows]`.
    #[must_use]
    pub fn predict(&self, fit: &Fit) -> Array1<f64> {
        fit.model.predict(self.x_test.view())
    }

    /// The score of `y_pred` `[test rows]` on the held-out rows, by the metric that judges `method`.
    ///
    /// # Errors
    /// When a prediction is not finite.
    pub fn score(&self, method: &Method, y_pred: ArrayView1<'_, f64>) -> Result<f64, TrainError> {
        let score = Metric::of(method).score(&self.y_test.to_vec(), &y_pred.to_vec());
        score.map_err(|source| TrainError::Score {
            method: method.name.clone(),
            source,
        })
    }
}
