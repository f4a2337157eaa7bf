//! From rows as they were sent to predictions, or to everything that is wrong with them.

use crate::api::Api;
use crate::body::{ReadRow, Row};
use crate::details::{self, Details, Place};
use crate::model::Model;
use hp_core::prediction::Prediction;
use hp_http::HttpError;
use hp_store::{Inputs, PredictionId, PredictionRecord, Source};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A row `[features]` that passed, with its prediction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Predicted {
    pub(crate) values: Vec<f64>,
    pub(crate) prediction: Prediction,
    /// How long validation and prediction took.
    pub(crate) latency: Duration,
}

impl Predicted {
    /// What is kept of it.
    pub(crate) fn record(
        &self,
        model: &Model,
        id: PredictionId,
        source: Source,
    ) -> PredictionRecord {
        PredictionRecord {
            id,
            model_version: model.version,
            data_fingerprint: model.data_fingerprint,
            git_commit: model.git_commit.clone(),
            inputs: Inputs {
                names: Arc::clone(&model.names),
                values: self.values.clone(),
            },
            prediction: self.prediction,
            source,
            latency: self.latency,
            actual: None,
        }
    }
}

/// Checks and predicts the rows of one request.
pub(crate) struct Predictor<'a> {
    model: &'a Model,
    allow_out_of_range: bool,
    details: Details,
}

impl<'a> Predictor<'a> {
    pub(crate) fn new(api: &Api, model: &'a Model) -> Self {
        Self {
            model,
            allow_out_of_range: api.allow_out_of_range(),
            details: Details::default(),
        }
    }

    /// Predicts the row at `place`, whose work began at `started`; `None` when something is wrong
    /// with it.
    pub(crate) fn predict(
        &mut self,
        row: Row,
        place: Place,
        started: Instant,
    ) -> Option<Predicted> {
        if !self.accepts(&row, place) {
            return None;
        }
        let values = row.checked.values;
        let prediction = self.model.predict(&values);
        if !prediction.is_finite() {
            self.details.push(|| details::not_finite(place));
            return None;
        }
        Some(Predicted {
            values,
            prediction,
            latency: started.elapsed(),
        })
    }

    /// Predicts all rows; every problem of every row is found before any is refused.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub(crate) fn predict_all(
        mut self,
        rows: impl Iterator<Item = ReadRow>,
    ) -> Result<Vec<Predicted>, HttpError> {
        let mut predicted = Vec::new();
        let mut started = Instant::now();
        for (index, row) in rows.enumerate() {
            match row {
                Ok(row) => predicted.extend(self.predict(row, Place::Row(index), started)),
                Err(detail) => self.details.push(|| *detail),
            }
            if !self.details.is_empty() {
                predicted = Vec::new();
            }
            started = Instant::now();
        }
        self.details.or(predicted)
    }

    /// Everything that is wrong with a single row.
    pub(crate) fn into_details(self) -> Details {
        self.details
    }

    fn accepts(&mut self, row: &Row, place: Place) -> bool {
        let mut accepted = true;
        for problem in &row.checked.problems {
            let columns = &self.model.manifest.schema.features;
            let index = columns.iter().position(|c| c.name == problem.field);
            if let Some(index) = index
                && problem.rule.is_range()
            {
                self.model.metrics.out_of_range(index);
            }
            if !(problem.rule.is_range() && self.allow_out_of_range) {
                accepted = false;
                let column = index.map(|index| &columns[index]);
                self.details
                    .push(|| details::of_problem(problem, place, column, || row.sent.clone()));
            }
        }
        accepted
    }
}
