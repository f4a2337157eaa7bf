//! The served trio: everything that turns a raw row into a prediction with its limits.

use hp_core::prediction::Prediction;
use hp_features::Preprocessor;
use hp_models::{FittedModel, Regressor};
use ndarray::ArrayView2;

/// The preprocessor with the main regressor and both estimators, all of one number of features.
#[derive(Debug, Clone, PartialEq)]
pub struct ServedTrio {
    pub(crate) preprocessor: Preprocessor,
    pub(crate) main: FittedModel,
    pub(crate) lower: FittedModel,
    pub(crate) upper: FittedModel,
}

impl ServedTrio {
    /// Number of features of a row.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.preprocessor.n_features()
    }

    /// The preprocessor.
    #[must_use]
    pub fn preprocessor(&self) -> &Preprocessor {
        &self.preprocessor
    }

    /// Predicts one raw row `[features]` in the schema's order. `scratch` keeps its memory, so that
    /// from the second call on nothing is allocated.
    ///
    /// # Panics
    /// When `row` has not [`n_features`](Self::n_features) values.
    #[must_use]
    pub fn predict_row(&self, row: &[f64], scratch: &mut Vec<f64>) -> Prediction {
        scratch.clear();
        scratch.extend_from_slice(row);
        self.preprocessor.transform_row(scratch);
        Prediction {
            lower: self.lower.predict_row(scratch),
            prediction: self.main.predict_row(scratch),
            upper: self.upper.predict_row(scratch),
        }
    }

    /// Predicts every raw row of `x` `[rows, features]`; bit-equal to
    /// [`predict_row`](Self::predict_row).
    ///
    /// # Panics
    /// When `x` has not [`n_features`](Self::n_features) columns.
    #[must_use]
    pub fn predict(&self, x: ArrayView2<'_, f64>) -> Vec<Prediction> {
        let x = self.preprocessor.transform(x);
        let [lower, main, upper] =
            [&self.lower, &self.main, &self.upper].map(|model| model.predict(x.view()));
        let limits = lower.iter().zip(&upper);
        main.iter()
            .zip(limits)
            .map(|(&prediction, (&lower, &upper))| Prediction {
                lower,
                prediction,
                upper,
            })
            .collect()
    }
}
