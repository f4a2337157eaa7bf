//! What is done with each request.

use super::parameters::{self, Form, Given};
use super::reply::{self, Reply};
use super::{Face, assets, export, gauges};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use hp_http::HttpError;
use hp_store::PredictionId;
use std::sync::Arc;

/// The media type of Prometheus' text format.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

type TheFace = State<Arc<Face>>;

/// `GET /`
pub(super) async fn page(headers: HeaderMap) -> Reply {
    let page = assets::page().ok_or_else(not_found)?;
    reply::file(&headers, page, false)
}

/// `GET /assets/{name}`
pub(super) async fn asset(
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Reply {
    let asset = assets::find(&name).ok_or_else(not_found)?;
    let by_digest = query.is_some_and(|query| query == format!("v={}", asset.digest));
    reply::file(&headers, asset, by_digest)
}

/// `GET /livez`
pub(super) async fn live() -> Response {
    let json = [(CONTENT_TYPE, "application/json")];
    (json, r#"{"status":"ok"}"#).into_response()
}

/// `GET /metrics`
pub(super) async fn metrics(State(face): TheFace) -> Response {
    let mut text = gauges::text(&face.monitor, face.gauges).await;
    if let Some(recorder) = &face.recorder {
        text.push_str(&recorder.render());
    }
    ([(CONTENT_TYPE, PROMETHEUS)], text).into_response()
}

/// `GET /api/settings`
pub(super) async fn settings(State(face): TheFace, headers: HeaderMap, given: Given) -> Reply {
    parameters::none(given)?;
    reply::json(&headers, &face.monitor.settings().await?)
}

/// `GET /api/newest`
pub(super) async fn newest(State(face): TheFace, headers: HeaderMap, given: Given) -> Reply {
    parameters::none(given)?;
    let newest = face.monitor.newest().await?;
    let name = newest
        .newest
        .map_or_else(|| "none".to_owned(), |id| id.to_string());
    let body = serde_json::to_vec(&newest).map_err(HttpError::internal)?;
    reply::tagged(&headers, &name, Bytes::from(body))
}

/// `GET /api/overview`
pub(super) async fn overview(State(face): TheFace, headers: HeaderMap, given: Given) -> Reply {
    let selection = parameters::selection(given, face.monitor.width_threshold())?;
    reply::json(&headers, &face.monitor.overview(&selection).await?)
}

/// `GET /api/series`
pub(super) async fn series(State(face): TheFace, headers: HeaderMap, given: Given) -> Reply {
    let selection = parameters::selection(given, face.monitor.width_threshold())?;
    reply::json(&headers, &face.monitor.series(&selection).await?)
}

/// `GET /api/records`
pub(super) async fn records(State(face): TheFace, headers: HeaderMap, given: Given) -> Reply {
    let (selection, page) = parameters::page(given, face.monitor.width_threshold())?;
    reply::json(&headers, &face.monitor.records(&selection, page).await?)
}

/// `GET /api/records/{id}`
pub(super) async fn record(
    State(face): TheFace,
    Path(id): Path<String>,
    headers: HeaderMap,
    given: Given,
) -> Reply {
    parameters::none(given)?;
    let id = id
        .parse::<PredictionId>()
        .map_err(|error| parameters::bad_path("id", &id, error))?;
    reply::json(&headers, &face.monitor.record(id).await?)
}

/// `GET /api/export`
pub(super) async fn export(State(face): TheFace, given: Given) -> Reply {
    let (selection, form) = parameters::export(given, face.monitor.width_threshold())?;
    match (form, &face.parquet) {
        (Form::Csv, _) => Ok(export::csv(Arc::clone(&face.monitor), &selection).await?),
        (Form::Parquet, Some(files)) => {
            let monitor = Arc::clone(&face.monitor);
            Ok(export::parquet(monitor, &selection, Arc::clone(files)).await?)
        }
        (Form::Parquet, None) => Err(HttpError::new(
            StatusCode::NOT_IMPLEMENTED,
            "this build of hp does not write Parquet",
        )
        .into()),
    }
}

/// `GET /api/uncertain`
pub(super) async fn uncertain(State(face): TheFace, headers: HeaderMap, given: Given) -> Reply {
    let selection = parameters::selection(given, face.monitor.width_threshold())?;
    reply::json(&headers, &face.monitor.uncertain(&selection).await?)
}

/// `GET /api/inputs`
pub(super) async fn inputs(State(face): TheFace, headers: HeaderMap, given: Given) -> Reply {
    let selection = parameters::selection(given, face.monitor.width_threshold())?;
    reply::json(&headers, &face.monitor.inputs(&selection).await?)
}

/// `GET /api/outcomes`
pub(super) async fn outcomes(State(face): TheFace, headers: HeaderMap, given: Given) -> Reply {
    let selection = parameters::selection(given, face.monitor.width_threshold())?;
    reply::json(&headers, &face.monitor.outcomes(&selection).await?)
}

fn not_found() -> HttpError {
    HttpError::new(StatusCode::NOT_FOUND, "Not Found")
}
