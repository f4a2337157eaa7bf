//! Request bodies: which form they have, and the rows in them.

mod csv_rows;
mod json_rows;
mod plain_row;

pub(crate) use csv_rows::CsvRows;
#[cfg(feature = "lambda")]
pub(crate) use json_rows::judged;
pub(crate) use json_rows::{array, lines, object, row, sent};

use crate::details;
use crate::details::Place;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use hp_core::record::CheckedRow;
use hp_http::{Detail, HttpError};
use serde_json::Value;

/// The bytes of a body, or why they did not come whole.
pub(crate) type Received = Result<Bytes, BytesRejection>;

/// A row of a body, once read.
pub(crate) struct Row {
    /// What the schema says of it.
    pub(crate) checked: CheckedRow,
    /// The row as it was sent, for the details of what is missing in it.
    pub(crate) sent: Value,
}

impl Row {
    /// A row without a problem.
    fn valid(values: Vec<f64>) -> Self {
        let problems = Vec::new();
        Self {
            checked: CheckedRow { values, problems },
            sent: Value::Null,
        }
    }
}

/// The form of a body with many rows, and of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A JSON array of objects.
    Json,
    /// A JSON object in each line.
    Ndjson,
    /// A header and a row in each line.
    Csv,
}

impl Form {
    /// The form that the headers state; JSON when they state none, as in FastAPI.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let Some(value) = headers.get(CONTENT_TYPE) else {
            return Some(Self::Json);
        };
        let essence = value.to_str().ok()?.split(';').next()?.trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
                Some(Self::Ndjson)
            }
            "text/csv" => Some(Self::Csv),
            "application/json" => Some(Self::Json),
            other if other.starts_with("application/") && other.ends_with("+json") => {
                Some(Self::Json)
            }
            _ => None,
        }
    }

    /// The media type of the answer.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// The bytes of a body that must not be empty.
///
/// # Errors
/// The body did not come, is too large, or is empty.
pub(crate) fn whole(received: Received) -> Result<Bytes, HttpError> {
    let body = received.map_err(|rejection| HttpError::Status {
        status: rejection.status(),
        detail: if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            "Request body is too large".to_owned()
        } else {
            "There was an error parsing the body".to_owned()
        },
    })?;
    if body.iter().all(u8::is_ascii_whitespace) {
        let absent = details::missing(Place::Body.location(), Value::Null);
        return Err(details::refusal(absent));
    }
    Ok(body)
}

/// The body as text, for an answer that repeats it.
pub(crate) fn text(body: &[u8]) -> Value {
    let text: String = String::from_utf8_lossy(body).into();
    details::repeat(&serde_json::json!(text).to_string())
}

/// A row, or why there is none at its place.
pub(crate) type ReadRow = Result<Row, Box<Detail>>;
