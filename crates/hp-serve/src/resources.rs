//! One module for each HTTP resource: its types, its handler and its description.

pub(crate) mod batch;
pub(crate) mod feedback;
pub(crate) mod predict;

pub(crate) mod model;
pub(crate) mod reload;

pub(crate) mod health;
pub(crate) mod metrics;

pub(crate) mod docs;

use crate::openapi::Description;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// Describes every resource.
pub(crate) fn describe(description: &mut Description<'_>) {
    predict::describe(description);
    batch::describe(description);
    feedback::describe(description);
    model::describe(description);
    reload::describe(description);
    health::describe(description);
    metrics::describe(description);
}

/// The answer 200 with a body of `media_type`.
pub(crate) fn answer(media_type: &'static str, body: impl Into<Bytes>) -> Response {
    let headers = [(CONTENT_TYPE, media_type)];
    (StatusCode::OK, headers, body.into()).into_response()
}
