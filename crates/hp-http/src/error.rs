//! What a handler answers when it cannot do what was asked.
//!
//! The shapes are FastAPI's: `{"detail": …}`. What a 5xx was about is for the log alone.

use crate::error::detail::Detail;
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::error::Error;
use std::sync::Arc;

pub(crate) mod detail;

/// An answer that is not a success. It becomes a response by `?` or `into_response` in a handler.
#[derive(Debug)]
pub enum HttpError {
    /// 422 with every problem of the input: `{"detail": [{"type", "loc", "msg", "input"}, …]}`.
    Validation(Vec<Detail>),
    /// Any other status: `{"detail": "…"}`.
    /// Of a 5xx only the status' own words are shown, and `detail` is logged.
    Status {
        /// The status.
        status: StatusCode,
        /// What the client is told.
        detail: String,
    },
    /// 500 with the constant body `{"detail": "Internal Server Error"}`.
    /// The error and its sources are logged once, with the request's id.
    Internal(Box<dyn Error + Send + Sync>),
    /// 503 with `Retry-After` and the constant body `{"detail": "Service Unavailable"}`.
    /// The text is logged once, with the request's id.
    Unavailable(String),
}

impl HttpError {
    /// The answer `status` with `detail`.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::Status { status, detail }
    }

    /// What failed inside, for the log.
    pub fn internal(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        match self {
            Self::Validation(detail) => {
                (StatusCode::UNPROCESSABLE_ENTITY, Json(Body { detail })).into_response()
            }
            Self::Status { status, detail } if status.is_server_error() => {
                hiding(plain_error(status), detail.into())
            }
            Self::Status { status, detail } => (status, Json(Body { detail })).into_response(),
            Self::Internal(error) => hiding(plain_error(StatusCode::INTERNAL_SERVER_ERROR), error),
            Self::Unavailable(reason) => hiding(
                retryable_error(StatusCode::SERVICE_UNAVAILABLE),
                reason.into(),
            ),
        }
    }
}

/// The reason of a 5xx, on its way in the response's extensions to the layer that logs it.
#[derive(Debug, Clone)]
pub(crate) struct Hidden(pub(crate) Arc<dyn Error + Send + Sync>);

/// The answer with no more to say than its status: `{"detail": "Not Found"}`.
pub(crate) fn plain_error(status: StatusCode) -> Response {
    let detail = status.canonical_reason().unwrap_or("Error");
    (status, Json(Body { detail })).into_response()
}

/// The answer to what is worth asking again in a second.
pub(crate) fn retryable_error(status: StatusCode) -> Response {
    ([(RETRY_AFTER, "1")], plain_error(status)).into_response()
}

#[derive(Serialize)]
struct Body<T> {
    detail: T,
}

fn hiding(mut response: Response, reason: Box<dyn Error + Send + Sync>) -> Response {
    let hidden = Hidden(Arc::from(reason));
    response.extensions_mut().insert(hidden);
    response
}
