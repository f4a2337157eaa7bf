//! `GET /metrics`: every metric of the process for Prometheus.

use super::answer;
use crate::api::Api;
use crate::openapi::{Description, Operation, text};
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;

/// The media type of Prometheus' text format.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answers with all of them.
pub(crate) async fn metrics(State(api): State<Arc<Api>>) -> Response {
    answer(PROMETHEUS, api.metrics_text())
}

/// Describes it.
pub(crate) fn describe(description: &mut Description<'_>) {
    let metrics = Operation::new("metrics", "Metrics in the text format of Prometheus")
        .answers("text/plain", text());
    description.get("/metrics", metrics);
}
