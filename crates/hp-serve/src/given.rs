//! One row from its JSON to its answer: checked, predicted, kept, counted.

use crate::answer::{self, CloudAnswer, InputData, LocalAnswer};
use crate::api::{Api, Keeping};
use crate::body::Row;
use crate::details::Place;
use crate::model::Model;
use crate::predictor::{Predicted, Predictor};
use hp_http::HttpError;
use hp_store::{PredictionId, Source};
use std::sync::Arc;
use std::time::Instant;

/// A prediction that may be given, as it is kept.
pub(crate) struct Given {
    model: Arc<Model>,
    predicted: Predicted,
    id: PredictionId,
    keeping: Keeping,
}

impl Given {
    /// Predicts the row that `read` gives and keeps the prediction.
    ///
    /// # Errors
    /// Everything that is wrong with the row, or the prediction cannot be kept.
    pub(crate) async fn new(
        api: &Api,
        source: Source,
        read: impl FnOnce(&Model) -> Result<Row, HttpError>,
    ) -> Result<Self, HttpError> {
        let started = Instant::now();
        let model = api.model();
        let mut predictor = Predictor::new(api, &model);
        let predicted = predictor.predict(read(&model)?, Place::Body, started);
        let details = predictor.into_details();
        let Some(predicted) = predicted else {
            return Err(details.into_error());
        };
        let id = api.id();
        let keeping = api
            .keep(|| vec![predicted.record(&model, id, source)])
            .await?;
        model
            .metrics
            .predicted(&predicted.prediction, api.width_threshold());
        Ok(Self {
            model,
            predicted,
            id,
            keeping,
        })
    }

    /// The answer in the published shape of the local deployment.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub(crate) fn local(&self) -> Result<Vec<u8>, HttpError> {
        let answer = LocalAnswer {
            input_data: InputData {
                names: &self.model.names,
                values: &self.predicted.values,
            },
            prediction: self.predicted.prediction,
        };
        answer::json(&answer, self.model.names.len()).map_err(HttpError::internal)
    }

    /// The answer in the published shape of the cloud deployment.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub(crate) fn cloud(&self) -> Result<Vec<u8>, HttpError> {
        let answer = CloudAnswer::new(&self.model, &self.predicted, self.id, self.keeping);
        answer::json(&answer, self.model.names.len()).map_err(HttpError::internal)
    }
}
