//! `POST /predict/` and `POST /v1/predict`: one row in, its prediction out.

use super::answer;
use crate::api::Api;
use crate::body::{self, Received};
use crate::given::Given;
use crate::openapi::{Description, Operation, component, example};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use hp_http::HttpError;
use hp_store::Source;
use std::sync::Arc;

/// The header by which a simulation says what it is.
const SOURCE: &str = "x-hp-source";

/// What the header is for.
const SOURCE_REASON: &str = "`simulation` marks the prediction in the log as none of a real user";

/// Answers in the published shape of the local deployment.
pub(crate) async fn local(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    received: Received,
) -> Result<Response, HttpError> {
    let given = give(&api, &headers, received).await?;
    Ok(answer("application/json", given.local()?))
}

/// Answers in the published shape of the cloud deployment.
pub(crate) async fn cloud(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    received: Received,
) -> Result<Response, HttpError> {
    let given = give(&api, &headers, received).await?;
    Ok(answer("application/json", given.cloud()?))
}

async fn give(api: &Api, headers: &HeaderMap, received: Received) -> Result<Given, HttpError> {
    let source = match headers.get(SOURCE) {
        Some(value) if value == Source::Simulation.name() => Source::Simulation,
        _ => Source::Api,
    };
    Given::new(api, source, |model| {
        body::row(headers, &body::whole(received)?, &model.manifest.schema)
    })
    .await
}

/// Describes both.
pub(crate) fn describe(description: &mut Description<'_>) {
    let row = example(description.manifest);
    let local = Operation::new("predict_local", "Predict one row")
        .description("Answers with the row as it was understood and the three numbers.")
        .may_have(SOURCE, SOURCE_REASON)
        .accepts("application/json", component("InputData"), row.clone())
        .answers("application/json", component("Prediction"));
    description.post("/predict/", local);
    let cloud = Operation::new("predict", "Predict one row, with its id and uncertainty")
        .description(
            "The `id` is the one to send the true value to with `/v1/feedback`. `response` says \
             where the prediction is kept.",
        )
        .may_have(SOURCE, SOURCE_REASON)
        .accepts("application/json", component("InputData"), row)
        .answers("application/json", component("KeptPrediction"));
    description.post("/v1/predict", cloud);
}
