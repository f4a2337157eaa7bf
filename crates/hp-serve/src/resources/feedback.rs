//! `POST /v1/feedback`: the true value of a prediction that was given before.

use super::answer;
use crate::api::Api;
use crate::body::{self, Received};
use crate::details::{self, Details, Place};
use crate::openapi::{Description, Operation, component, error, example_feedback};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hp_core::number;
use hp_core::record::{Problem, RawRow};
use hp_core::rule::Rule;
use hp_core::schema::{Column, Schema};
use hp_http::{Detail, HttpError};
use hp_store::{Actual, Attached, PredictionId};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Feedback {
    id: PredictionId,
    actual: f64,
}

/// What is answered.
#[derive(Debug, Serialize)]
struct Attachment {
    id: PredictionId,
    actual: f64,
    response: &'static str,
}

/// Attaches the true value to the prediction.
pub(crate) async fn attach(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    received: Received,
) -> Result<Response, HttpError> {
    let row = body::object(&headers, &body::whole(received)?)?;
    let feedback = read(&api, &row)?;
    let Some(log) = api.log() else {
        return Err(unknown("The prediction log is off: no prediction is kept"));
    };
    let actual = Actual {
        value: feedback.actual,
        time: api.now(),
    };
    let attached = log.store().attach(feedback.id, actual).await;
    let response = match attached.map_err(unavailable)? {
        Attached::New => "Success attach the actual value!",
        Attached::Same => "This actual value is attached already",
        Attached::Other(before) => {
            let before = number::shortest(before.value);
            let detail = format!("Another actual value is attached already: {before}");
            return Err(HttpError::new(StatusCode::CONFLICT, detail));
        }
        Attached::Unknown if log.spooled_bytes() > 0 => {
            let reason = "a prediction with this id may be in the spool still";
            return Err(HttpError::Unavailable(reason.to_owned()));
        }
        Attached::Unknown => return Err(unknown("There is no prediction with this id")),
    };
    let attachment = Attachment {
        id: feedback.id,
        actual: feedback.actual,
        response,
    };
    let body = serde_json::to_vec(&attachment).map_err(HttpError::internal)?;
    Ok(answer("application/json", body))
}

/// Reads the two fields; every problem of both is told.
fn read(api: &Api, row: &RawRow) -> Result<Feedback, HttpError> {
    let model = api.model();
    let column = Column {
        name: "actual".to_owned(),
        ..model.manifest.schema.target.clone()
    };
    let mut details = Details::default();
    let id = read_id(row, &mut details);
    let others = row.0.iter().filter(|(name, _)| name != "id");
    let rest = RawRow(others.cloned().collect());
    let schema = Schema {
        features: vec![column],
        target: model.manifest.schema.target.clone(),
    };
    let checked = rest.check(&schema, 0);
    for problem in &checked.problems {
        let tolerable = problem.rule.is_range() && api.allow_out_of_range();
        if !tolerable {
            let column = schema.features.iter().find(|c| c.name == problem.field);
            details.push(|| details::of_problem(problem, Place::Body, column, || body::sent(row)));
        }
    }
    match (id, checked.values.first()) {
        (Some(id), Some(&actual)) => details.or(Feedback { id, actual }),
        _ => Err(details.into_error()),
    }
}

fn read_id(row: &RawRow, details: &mut Details) -> Option<PredictionId> {
    let mut sent = row.0.iter().filter(|(name, _)| name == "id");
    let Some((_, raw)) = sent.next() else {
        details.push(|| details::missing(Place::Body.field("id"), body::sent(row)));
        return None;
    };
    if let Some((_, again)) = sent.next() {
        let problem = Problem {
            row: 0,
            field: "id".to_owned(),
            value: Some(again.clone()),
            rule: Rule::Duplicate,
        };
        details.push(|| details::of_problem(&problem, Place::Body, None, || Value::Null));
        return None;
    }
    let detail = |r#type, msg: String| Detail {
        r#type,
        loc: Place::Body.field("id"),
        msg,
        input: details::repeat(raw),
        ctx: None,
    };
    let Ok(text) = serde_json::from_str::<String>(raw) else {
        details.push(|| detail("string_type", "Input should be a valid string".to_owned()));
        return None;
    };
    let id = text.parse().ok();
    if id.is_none() {
        let msg = "Input should be the id of a prediction: 26 characters of base 32";
        details.push(|| detail("value_error", msg.to_owned()));
    }
    id
}

fn unknown(detail: &str) -> HttpError {
    HttpError::new(StatusCode::NOT_FOUND, detail)
}

/// The store is down.
fn unavailable(error: hp_store::StoreError) -> HttpError {
    HttpError::Unavailable(hp_core::cause::chain(&error))
}

/// Describes it.
pub(crate) fn describe(description: &mut Description<'_>) {
    let feedback = Operation::new("feedback", "Attach the true value to a prediction")
        .description("The first value stays: sending it again changes nothing, another is refused.")
        .accepts(
            "application/json",
            component("Feedback"),
            example_feedback(description.manifest),
        )
        .answers("application/json", component("Attachment"))
        .fails("404", "No prediction with this id is kept", error())
        .fails("409", "Another value is attached already", error());
    description.post("/v1/feedback", feedback);
}
