//! `POST /v1/reload`: the newest version takes the place of the one that serves.

use super::answer;
use crate::api::Api;
use crate::openapi::{Description, Operation, component};
use axum::extract::State;
use axum::response::Response;
use hp_core::cause::chain;
use hp_core::version::ModelVersion;
use hp_http::HttpError;
use serde::Serialize;
use std::sync::Arc;

/// What is answered.
#[derive(Debug, Serialize)]
struct Exchange {
    /// The version that served before.
    previous_version: ModelVersion,
    /// The version that serves now.
    model_version: ModelVersion,
}

/// Loads the model again. Requests in work finish with the model they began with.
pub(crate) async fn reload(State(api): State<Arc<Api>>) -> Result<Response, HttpError> {
    let reloaded = tokio::task::spawn_blocking(move || api.reload())
        .await
        .map_err(HttpError::internal)?
        .map_err(|error| HttpError::Unavailable(chain(&error)))?;
    let exchange = Exchange {
        previous_version: reloaded.from,
        model_version: reloaded.to,
    };
    let body = serde_json::to_vec(&exchange).map_err(HttpError::internal)?;
    Ok(answer("application/json", body))
}

/// Describes it.
pub(crate) fn describe(description: &mut Description<'_>) {
    let reload = Operation::new("reload", "Switch to the newest version")
        .description(
            "No request is dropped. A version that is not as it was written is refused with 503, \
             and the one before still serves; `/readyz` says which that is.",
        )
        .answers("application/json", component("Reloaded"))
        .fails(
            "503",
            "The version cannot be loaded; the one before still serves",
            component("Error"),
        );
    description.post("/v1/reload", reload);
}
