//! `GET /openapi.json` and `GET /docs`: the description of the API, and a page to read and try it.
//!
//! The page is Swagger UI out of this program; it fetches nothing from elsewhere.

use super::answer;
use crate::api::Api;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hp_http::HttpError;
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::Config;

/// Paths are relative, so that the page works below the prefix of a proxy or a stage. The check of
/// the description by a service on the internet is off.
static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("../openapi.json").validator_url("none")));

/// The description in OpenAPI 3.1.
pub(crate) async fn description(State(api): State<Arc<Api>>) -> Result<Response, HttpError> {
    let description = api.model().openapi().map_err(HttpError::internal)?;
    Ok(answer("application/json", description))
}

/// Sends the browser to where the page's relative links work.
pub(crate) async fn to_page() -> Response {
    let to = HeaderValue::from_static("docs/");
    (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, to)]).into_response()
}

/// The page.
pub(crate) async fn page() -> Result<Response, HttpError> {
    asset("index.html")
}

/// A file of the page.
pub(crate) async fn file(Path(name): Path<String>) -> Result<Response, HttpError> {
    asset(&name)
}

fn asset(name: &str) -> Result<Response, HttpError> {
    let found = utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG))
        .map_err(|error| HttpError::internal(error.to_string()))?;
    let file = found.ok_or_else(|| HttpError::new(StatusCode::NOT_FOUND, "Not Found"))?;
    let headers = [(CONTENT_TYPE, file.content_type)];
    Ok((headers, file.bytes.into_owned()).into_response())
}
