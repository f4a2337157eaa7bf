//! How answers are sent.

use super::assets::{Asset, gzip};
use crate::view::MonitorError;
use axum::Json;
use axum::body::Bytes;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    RETRY_AFTER, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use hp_core::cause::chain;
use hp_http::{Detail, HttpError};
use hp_store::StoreError;
use serde::Serialize;
use serde_json::json;

/// What is smaller is sent as it is.
const WORTH_COMPRESSING: usize = 4 << 10;

/// What a handler answers.
pub(super) type Reply = Result<Response, Failed>;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failed {
    /// The request is wrong, or something else went wrong.
    Http(HttpError),
    /// The log or the models do not say.
    Monitor(MonitorError),
}

impl From<HttpError> for Failed {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<MonitorError> for Failed {
    fn from(error: MonitorError) -> Self {
        Self::Monitor(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let error = match self {
            Self::Http(error) => return error.into_response(),
            Self::Monitor(error) => error,
        };
        match error {
            // Whoever may see the figures may know why there are none.
            error if error.is_of_the_store() => {
                tracing::warn!(error = chain(&error), "a question has no answer");
                let body = Json(json!({ "detail": error.to_string() }));
                let retry = [(RETRY_AFTER, "2")];
                (StatusCode::SERVICE_UNAVAILABLE, retry, body).into_response()
            }
            MonitorError::Unknown(_) => {
                HttpError::new(StatusCode::NOT_FOUND, error.to_string()).into_response()
            }
            MonitorError::TooManyPoints { .. } => too_much("bucket", &error),
            MonitorError::Store(StoreError::TooMany { .. }) => too_much("range", &error),
            error => HttpError::internal(error).into_response(),
        }
    }
}

/// The refusal of a question whose answer would be too long, or take too long.
fn too_much(parameter: &str, error: &MonitorError) -> Response {
    let detail = Detail {
        r#type: "value_error",
        loc: vec!["query".into(), parameter.into()],
        msg: error.to_string(),
        input: serde_json::Value::Null,
        ctx: None,
    };
    HttpError::Validation(vec![detail]).into_response()
}

/// The answer 200 with `value` as JSON.
pub(super) fn json(headers: &HeaderMap, value: &impl Serialize) -> Reply {
    let body = serde_json::to_vec(value).map_err(HttpError::internal)?;
    let media_type = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if body.len() < WORTH_COMPRESSING || !takes_gzip(headers) {
        return Ok(([media_type], body).into_response());
    }
    let headers = [
        media_type,
        (CONTENT_ENCODING, HeaderValue::from_static("gzip")),
        (VARY, HeaderValue::from_static("accept-encoding")),
    ];
    Ok((headers, gzip(&body, Compression::fast())).into_response())
}

/// The answer to a request for a file, which may be kept for ever if it was asked for by its digest.
pub(super) fn file(headers: &HeaderMap, asset: &Asset, by_digest: bool) -> Reply {
    let keep = if by_digest {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let tag = tag(&asset.digest)?;
    let mut response = if is_known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if takes_gzip(headers) {
        let encoding = [(CONTENT_ENCODING, "gzip")];
        (encoding, asset.compressed()).into_response()
    } else {
        asset.plain().map_err(HttpError::internal)?.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(ETAG, tag);
    Ok(response)
}

/// The answer 200 with `body`, or 304 when the client has the one that is called `name`.
pub(super) fn tagged(headers: &HeaderMap, name: &str, body: Bytes) -> Reply {
    let tag = tag(name)?;
    let keep = (CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [keep, (ETAG, tag)]).into_response());
    }
    let media_type = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(([media_type, keep, (ETAG, tag)], body).into_response())
}

fn tag(name: &str) -> Result<HeaderValue, HttpError> {
    HeaderValue::try_from(format!("\"{name}\"")).map_err(HttpError::internal)
}

fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let known = headers.get(IF_NONE_MATCH).and_then(|it| it.to_str().ok());
    let tags = known.into_iter().flat_map(|known| known.split(','));
    // A proxy that compressed the answer has made the tag a weak one.
    let mut tags = tags.map(|known| known.trim().trim_start_matches("W/"));
    tags.any(|known| known == tag)
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|it| it.to_str().ok());
    let mut codings = accepted
        .into_iter()
        .flat_map(|accepted| accepted.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| name == "gzip" || name == "*");
        let refused = parts.any(|part| {
            let weight = part.strip_prefix("q=");
            weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32))
        });
        named && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::takes_gzip;
    use axum::http::HeaderMap;
    use axum::http::header::ACCEPT_ENCODING;

    #[test]
    fn only_who_asks_gets_gzip() {
        let takes = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, text.parse().unwrap());
            takes_gzip(&headers)
        };
        assert!(takes("deflate, gzip;q=0.5") && takes("*"));
        assert!(!takes("gzip;q=0") && !takes("br") && !takes(""));
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
