//! The rules of the schema in Pydantic's words.

use super::{Place, missing, repeat};
use hp_core::number;
use hp_core::record::Problem;
use hp_core::rule::Rule;
use hp_core::schema::{Column, DType};
use hp_http::Detail;
use serde_json::{Value, json};

/// The detail of a `problem` of the row at `place`. `column` is that of the field, if the schema has
/// it; `row` is the whole row, which stands in for a value that is missing.
pub(crate) fn of_problem(
    problem: &Problem,
    place: Place,
    column: Option<&Column>,
    row: impl FnOnce() -> Value,
) -> Detail {
    let loc = place.field(&problem.field);
    let Some(raw) = problem.value.as_deref() else {
        return missing(loc, row());
    };
    let integer = column.is_some_and(|column| column.dtype == DType::Integer);
    let (r#type, msg, ctx) = broken(&problem.rule, raw, integer);
    Detail {
        r#type,
        loc,
        msg,
        input: repeat(raw),
        ctx,
    }
}

/// Type, message and context for the value `raw` that breaks `rule`.
fn broken(rule: &Rule, raw: &str, integer: bool) -> (&'static str, String, Option<Value>) {
    let plain = |r#type, msg: &str| (r#type, msg.to_owned(), None);
    match rule {
        // A null in JSON; an empty cell of CSV is a field that is not there.
        Rule::Missing if raw == "null" => not_a_number(raw, integer),
        Rule::Missing => plain("missing", "Field required"),
        Rule::Unexpected => plain("extra_forbidden", "Extra inputs are not permitted"),
        Rule::Duplicate => plain("duplicate_field", "Field given more than once"),
        Rule::NotANumber => not_a_number(raw, integer),
        Rule::NotAnInteger => plain(
            "int_from_float",
            "Input should be a valid integer, got a number with a fractional part",
        ),
        Rule::NotFinite => plain("finite_number", "Input should be a finite number"),
        Rule::BelowMin { min } => (
            "greater_than_equal",
            format!(
                "Input should be greater than or equal to {}",
                number::shortest(*min)
            ),
            Some(json!({ "ge": limit(*min, integer) })),
        ),
        Rule::AboveMax { max } => (
            "less_than_equal",
            format!(
                "Input should be less than or equal to {}",
                number::shortest(*max)
            ),
            Some(json!({ "le": limit(*max, integer) })),
        ),
        Rule::NotAllowed { allowed } => {
            let expected = alternatives(allowed);
            let msg = format!("Input should be {expected}");
            ("literal_error", msg, Some(json!({ "expected": expected })))
        }
    }
}

/// The words for what is no number: a text that could not be one, or another type of value.
fn not_a_number(raw: &str, integer: bool) -> (&'static str, String, Option<Value>) {
    let text = serde_json::from_str::<String>(raw);
    let unreadable = text.is_ok_and(|text| text.trim().parse::<f64>().is_err());
    let (r#type, msg) = match (integer, unreadable) {
        (false, false) => ("float_type", "Input should be a valid number"),
        (false, true) => (
            "float_parsing",
            "Input should be a valid number, unable to parse string as a number",
        ),
        (true, false) => ("int_type", "Input should be a valid integer"),
        (true, true) => (
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer",
        ),
    };
    (r#type, msg.to_owned(), None)
}

/// A limit as Pydantic writes it: with a point in a float's context.
fn limit(value: f64, integer: bool) -> Value {
    if integer {
        number::json(value)
    } else {
        value.into()
    }
}

/// `0, 1 or 2`.
fn alternatives(allowed: &[f64]) -> String {
    let mut texts: Vec<_> = allowed
        .iter()
        .map(|&value| number::shortest(value))
        .collect();
    match texts.pop() {
        Some(last) if !texts.is_empty() => format!("{} or {last}", texts.join(", ")),
        last => last.unwrap_or_default(),
    }
}
