//! `GET /livez`: whether the process answers; `GET /readyz` and `/healthz`: whether it can predict.

use super::answer;
use crate::api::Api;
use crate::openapi::{Description, Operation, component};
use axum::extract::State;
use axum::response::Response;
use hp_core::version::ModelVersion;
use hp_http::HttpError;
use serde::Serialize;
use std::sync::Arc;

/// What is answered.
#[derive(Debug, Serialize)]
struct Health {
    /// `ok`.
    status: &'static str,
    /// The version that serves.
    model_version: ModelVersion,
    /// `stored`, `spooled`, `unknown` or `off`.
    prediction_log: &'static str,
}

/// The process answers.
pub(crate) async fn live() -> Response {
    answer("application/json", &br#"{"status":"ok"}"#[..])
}

/// A prediction could be given and kept now.
pub(crate) async fn ready(State(api): State<Arc<Api>>) -> Result<Response, HttpError> {
    let health = Health {
        status: "ok",
        model_version: api.version(),
        prediction_log: api.log_state().await?,
    };
    let body = serde_json::to_vec(&health).map_err(HttpError::internal)?;
    Ok(answer("application/json", body))
}

/// Describes all three.
pub(crate) fn describe(description: &mut Description<'_>) {
    let live = Operation::new("live", "Whether the process answers")
        .answers("application/json", component("Alive"))
        .open();
    description.get("/livez", live);
    for (path, id) in [("/readyz", "ready"), ("/healthz", "health")] {
        let ready = Operation::new(id, "Whether predictions can be given and kept")
            .description("503 while neither the store nor its spool takes records.")
            .answers("application/json", component("Health"))
            .open();
        description.get(path, ready);
    }
}
