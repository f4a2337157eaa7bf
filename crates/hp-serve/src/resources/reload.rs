//! `POST /v1/reload`: the newest version takes the place of the one that serves.

use super::answer;
use crate::api::Api;
use crate::openapi::{Description, Operation, component};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
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

/// What is answered when the new version cannot be loaded.
#[derive(Debug, Serialize)]
struct Unchanged {
    /// As in every answer with this status.
    detail: &'static str,
    /// The version that still serves.
    model_version: ModelVersion,
}

/// Loads the model again. Requests in work finish with the model they began with.
pub(crate) async fn reload(State(api): State<Arc<Api>>) -> Result<Response, HttpError> {
    let reloading = Arc::clone(&api);
    let reloaded = tokio::task::spawn_blocking(move || reloading.reload())
        .await
        .map_err(HttpError::internal)?;
    match reloaded {
        Ok(reloaded) => {
            let exchange = Exchange {
                previous_version: reloaded.from,
                model_version: reloaded.to,
            };
            let body = serde_json::to_vec(&exchange).map_err(HttpError::internal)?;
            Ok(answer("application/json", body))
        }
        Err(error) => {
            let unchanged = Unchanged {
                detail: "Service Unavailable",
                model_version: api.version(),
            };
            let body = serde_json::to_vec(&unchanged).map_err(HttpError::internal)?;
            // The usual refusal carries the reason to the log.
            let reason = crate::api::chain(&error);
            let refusal = HttpError::Unavailable(reason).into_response();
            Ok(refusal.map(|_| Body::from(body)))
        }
    }
}

/// Describes it.
pub(crate) fn describe(description: &mut Description<'_>) {
    let reload = Operation::new("reload", "Switch to the newest version")
        .description(
            "No request is dropped. A version that is not as it was written is refused with 503, \
             and the one before, `model_version`, still serves.",
        )
        .answers("application/json", component("Reloaded"))
        .fails(
            "503",
            "The version cannot be loaded; the one before still serves",
            component("NotReloaded"),
        );
    description.post("/v1/reload", reload);
}
