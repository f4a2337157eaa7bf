//! `POST /v1/predict/batch`: many rows in, their predictions out in the same form.
//!
//! Either every row is valid and all are predicted and kept by one write, or none is.

use super::answer;
use crate::answer::CloudAnswer;
use crate::api::{Api, Keeping};
use crate::body::{self, CsvRows, Form, Received};
use crate::details::{self, LISTED};
use crate::model::Model;
use crate::openapi::{Description, Operation, component, example, lines_of, list_of, text};
use crate::predictor::{Predicted, Predictor};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use hp_core::csv;
use hp_core::prediction::{csv_header, csv_row};
use hp_http::HttpError;
use hp_store::{PredictionId, PredictionRecord, Source};
use serde_json::Value;
use std::sync::Arc;

/// Predicts every row of the body.
pub(crate) async fn predict(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    received: Received,
) -> Result<Response, HttpError> {
    let body = body::whole(received)?;
    let Some(form) = Form::of(&headers) else {
        let detail = details::not_a_list(body::text(&body));
        return Err(details::refusal(detail));
    };
    let model = api.model();
    let batch = blocking({
        let (api, model) = (Arc::clone(&api), Arc::clone(&model));
        move || Batch::new(&api, &model, form, &body)
    })
    .await?;
    let keeping = if batch.0.is_empty() {
        Keeping::Off
    } else {
        api.keep(|| batch.records(&model)).await?
    };
    for (row, _) in &batch.0 {
        let threshold = api.width_threshold();
        model.metrics.predicted(&row.prediction, threshold);
    }
    let body = blocking(move || batch.answer(&model, form, keeping)).await?;
    Ok(answer(form.media_type(), body))
}

/// The rows of a request with their predictions and ids.
struct Batch(Vec<(Predicted, PredictionId)>);

impl Batch {
    fn new(api: &Api, model: &Model, form: Form, body: &Bytes) -> Result<Self, HttpError> {
        let predictor = Predictor::new(api, model);
        let schema = &model.manifest.schema;
        let predicted = match form {
            Form::Json => predictor.predict_all(body::array(body, schema)?),
            Form::Ndjson => predictor.predict_all(body::lines(body, schema)),
            Form::Csv => predictor.predict_all(CsvRows::new(body, schema)?),
        }?;
        let ids = api.ids(predicted.len());
        Ok(Self(predicted.into_iter().zip(ids).collect()))
    }

    fn records(&self, model: &Model) -> Vec<PredictionRecord> {
        let rows = self.0.iter();
        rows.map(|(row, id)| row.record(model, *id, Source::Batch))
            .collect()
    }

    fn answer(&self, model: &Model, form: Form, keeping: Keeping) -> Result<Vec<u8>, HttpError> {
        let rows = self.0.iter();
        let answers = rows.map(|(row, id)| CloudAnswer::new(model, row, *id, keeping));
        match form {
            Form::Json => serde_json::to_vec(&answers.collect::<Vec<_>>()),
            Form::Ndjson => lines(answers),
            Form::Csv => Ok(self.csv(model).into_bytes()),
        }
        .map_err(HttpError::internal)
    }

    /// The answers as `hp predict --format csv` prints them, and their ids.
    fn csv(&self, model: &Model) -> String {
        let header = csv_header(model.names.iter().map(String::as_str), &["id"]);
        let rows = self.0.iter().map(|(row, id)| {
            let (values, prediction) = (&row.values, row.prediction);
            csv_row(values, prediction, model.version, &[id.to_string()])
        });
        std::iter::once(header).chain(rows).collect()
    }
}

/// An answer in each line.
fn lines<'a>(answers: impl Iterator<Item = CloudAnswer<'a>>) -> Result<Vec<u8>, serde_json::Error> {
    let mut lines = Vec::new();
    for answer in answers {
        serde_json::to_writer(&mut lines, &answer)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Runs what takes long for many rows beside the tasks that answer others.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HttpError> + Send + 'static,
) -> Result<T, HttpError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(HttpError::internal)?
}

/// Describes it.
pub(crate) fn describe(description: &mut Description<'_>) {
    let row = example(description.manifest);
    let batch = Operation::new("predict_batch", "Predict many rows")
        .description(&format!(
            "The answer has the form of the body: a JSON array, an object in each line, or CSV \
             under a header. Every row must be valid; otherwise all problems of all rows are told \
             (the first {LISTED} in full), with the 0-based row in `loc`, and nothing is predicted."
        ))
        .accepts(
            "application/json",
            list_of(component("InputData")),
            Value::from(vec![row.clone()]),
        )
        .accepts(
            "application/x-ndjson",
            lines_of(component("InputData")),
            format!("{row}\n").into(),
        )
        .accepts(
            "text/csv",
            lines_of(component("InputData")),
            csv_example(&row).into(),
        )
        .answers("application/json", list_of(component("KeptPrediction")))
        .answers("application/x-ndjson", text())
        .answers("text/csv", text());
    description.post("/v1/predict/batch", batch);
}

/// The example row under its header.
fn csv_example(row: &Value) -> String {
    let fields = row.as_object().into_iter().flatten();
    let (names, values): (Vec<_>, Vec<_>) = fields
        .map(|(name, value)| (name.clone(), value.to_string()))
        .unzip();
    csv::line(&names) + &csv::line(&values)
}
