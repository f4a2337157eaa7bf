//! `GET /v1/model`: what serves, and what it was made from.

use super::answer;
use crate::api::Api;
use crate::openapi::{Description, Operation, component};
use axum::extract::State;
use axum::response::Response;
use hp_http::HttpError;
use std::sync::Arc;

/// Answers with the manifest: version, data fingerprint, columns, methods with their scores.
pub(crate) async fn manifest(State(api): State<Arc<Api>>) -> Result<Response, HttpError> {
    let manifest = serde_json::to_vec(&api.model().manifest).map_err(HttpError::internal)?;
    Ok(answer("application/json", manifest))
}

/// Describes it.
pub(crate) fn describe(description: &mut Description<'_>) {
    let model = Operation::new("model", "The model that serves")
        .description(
            "The manifest of its version: the data and its fingerprint, the columns, every method \
             with its parameters and cross-validated scores, which methods are served.",
        )
        .answers("application/json", component("Manifest"));
    description.get("/v1/model", model);
}
