//! Rows in JSON. Each value is kept as its text until the schema has judged it, so that a repeated
//! name and a number like `1e400` can be named.

use super::plain_row::plain_row;
use super::{Form, ReadRow, Row, text};
use crate::details::{self, Place};
use axum::http::HeaderMap;
use hp_core::record::RawRow;
use hp_core::schema::Schema;
use hp_http::{Detail, HttpError};
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The row that is the whole body.
///
/// # Errors
/// As [`object`].
pub(crate) fn row(headers: &HeaderMap, body: &[u8], schema: &Schema) -> Result<Row, HttpError> {
    states_json(headers, body)?;
    read(body, Place::Body, schema).map_err(|detail| details::refusal(*detail))
}

/// The object that is the whole body.
///
/// # Errors
/// The body states another type than JSON, is not JSON, or no object.
pub(crate) fn object(headers: &HeaderMap, body: &[u8]) -> Result<RawRow, HttpError> {
    states_json(headers, body)?;
    raw_row(body, Place::Body).map_err(|detail| details::refusal(*detail))
}

/// The rows of a body that is a JSON array.
///
/// # Errors
/// The body is not JSON or no array.
pub(crate) fn array<'a>(
    body: &'a [u8],
    schema: &'a Schema,
) -> Result<impl Iterator<Item = ReadRow> + 'a, HttpError> {
    let value: &RawValue = serde_json::from_slice(body)
        .map_err(|error| details::refusal(syntax(&error, body, Place::Body)))?;
    let values: Vec<&RawValue> = serde_json::from_str(value.get())
        .map_err(|_| details::refusal(details::not_a_list(details::repeat(value.get()))))?;
    let rows = values.into_iter().enumerate();
    Ok(rows.map(move |(index, value)| read(value.get().as_bytes(), Place::Row(index), schema)))
}

/// The rows of a body with an object in each line; lines without anything do not count.
pub(crate) fn lines<'a>(body: &'a [u8], schema: &'a Schema) -> impl Iterator<Item = ReadRow> + 'a {
    let lines = body.split(|&byte| byte == b'\n');
    let filled = lines.filter(|line| !line.iter().all(u8::is_ascii_whitespace));
    let rows = filled.enumerate();
    rows.map(move |(index, line)| read(line, Place::Row(index), schema))
}

/// What the schema says of a row.
pub(crate) fn judged(raw: &RawRow, schema: &Schema) -> Row {
    let checked = raw.check(schema, 0);
    let mut problems = checked.problems.iter();
    let incomplete = problems.any(|problem| problem.value.is_none());
    let sent = if incomplete { sent(raw) } else { Value::Null };
    Row { checked, sent }
}

fn states_json(headers: &HeaderMap, body: &[u8]) -> Result<(), HttpError> {
    if Form::of(headers) == Some(Form::Json) {
        return Ok(());
    }
    let detail = details::not_an_object(Place::Body, text(body));
    Err(details::refusal(detail))
}

fn read(json: &[u8], place: Place, schema: &Schema) -> ReadRow {
    if let Some(values) = plain_row(json, schema) {
        return Ok(Row::valid(values));
    }
    Ok(judged(&raw_row(json, place)?, schema))
}

fn raw_row(json: &[u8], place: Place) -> Result<RawRow, Box<Detail>> {
    serde_json::from_slice(json).map_err(|error| {
        // A value of another type is refused before the rest of the text has been read.
        Box::new(match serde_json::from_slice::<&RawValue>(json) {
            Ok(value) if value.get() == "null" && place == Place::Body => {
                details::missing(place.location(), Value::Null)
            }
            Ok(value) if error.classify() == Category::Data => {
                details::not_an_object(place, details::repeat(value.get()))
            }
            Ok(_) => syntax(&error, json, place),
            Err(error) => syntax(&error, json, place),
        })
    })
}

/// The whole row as it is repeated in details, a repeated name with its last value.
pub(crate) fn sent(raw: &RawRow) -> Value {
    let fields = raw.0.iter();
    let fields: Map<_, _> = fields
        .map(|(name, value)| (name.clone(), details::repeat(value)))
        .collect();
    details::repeat(&Value::from(fields).to_string())
}

fn syntax(error: &serde_json::Error, json: &[u8], place: Place) -> Detail {
    details::not_json(place, offset(error, json), error)
}

/// The byte of `json` where `error` was found.
fn offset(error: &serde_json::Error, json: &[u8]) -> usize {
    let lines = json.split_inclusive(|&byte| byte == b'\n');
    let before = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len);
    let column = error.column().saturating_sub(1);
    (before.sum::<usize>() + column).min(json.len())
}
