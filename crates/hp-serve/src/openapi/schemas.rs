//! The components of the description: what is sent and answered.

mod columns;

use super::{component, list_of, text};
use columns::{feature, quantity};
use hp_artifact::Manifest;
use hp_core::schema::Column;
use serde_json::Value;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{RefOr, Schema};

/// Every component with its name.
pub(super) fn all(
    manifest: &Manifest,
    allow_out_of_range: bool,
) -> Vec<(&'static str, ObjectBuilder)> {
    let target = &manifest.schema.target;
    vec![
        ("InputData", input_data(manifest, allow_out_of_range)),
        ("Limits", limits(target)),
        ("Prediction", prediction()),
        ("KeptPrediction", kept_prediction(target)),
        ("Feedback", feedback(target, allow_out_of_range)),
        ("Attachment", attachment(target)),
        ("Reloaded", reloaded()),
        ("Manifest", model()),
        ("Alive", object([("status", text())])),
        ("Health", health()),
        ("Error", object([("detail", text())])),
        ("HTTPValidationError", validation_errors()),
        ("ValidationError", validation_error()),
    ]
}

/// A true value to try out: the middle of the target's range.
pub(super) fn example_feedback(target: &Column) -> Value {
    let middle = f64::midpoint(target.min.unwrap_or(0.0), target.max.unwrap_or(0.0));
    let actual = target
        .check(middle)
        .map_or(Value::from(0), |()| middle.into());
    serde_json::json!({ "id": EXAMPLE_ID, "actual": actual })
}

const EXAMPLE_ID: &str = "01J79CBBWGNFSZ0P1A2Y3C4D5E";

fn input_data(manifest: &Manifest, allow_out_of_range: bool) -> ObjectBuilder {
    let features = manifest.schema.features.iter();
    let fields = features.map(|column| (column.name.as_str(), feature(column, allow_out_of_range)));
    only(object(fields)).examples([super::example(manifest)])
}

fn limits(target: &Column) -> ObjectBuilder {
    object([
        ("Lower_Interval", quantity(target, "The lower limit")),
        ("Prediction", quantity(target, "The predicted value")),
        ("Upper_Interval", quantity(target, "The upper limit")),
    ])
}

fn prediction() -> ObjectBuilder {
    object([
        ("input_data", component("InputData")),
        ("prediction", component("Limits")),
    ])
}

fn kept_prediction(target: &Column) -> ObjectBuilder {
    let uncertain = typed(Type::Boolean)
        .description(Some("Whether the prediction lies outside its own limits"));
    let time = typed(Type::String)
        .pattern(Some(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"))
        .description(Some("When it was predicted, in UTC"));
    let response = typed(Type::String).description(Some("Where the prediction is kept"));
    object([
        ("input_data", component("InputData")),
        ("prediction", component("Limits")),
        (
            "interval_width",
            quantity(target, "The upper limit minus the lower"),
        ),
        ("is_uncertain", uncertain.into()),
        ("timestamp", time.into()),
        ("response", response.into()),
        ("id", id().into()),
        ("model_version", text()),
    ])
}

fn feedback(target: &Column, allow_out_of_range: bool) -> ObjectBuilder {
    let actual = feature(target, allow_out_of_range);
    only(object([("id", id().into()), ("actual", actual)])).examples([example_feedback(target)])
}

fn attachment(target: &Column) -> ObjectBuilder {
    object([
        ("id", id().into()),
        ("actual", quantity(target, "The true value")),
        ("response", text()),
    ])
}

fn reloaded() -> ObjectBuilder {
    object([("previous_version", text()), ("model_version", text())])
}

fn model() -> ObjectBuilder {
    object([
        ("format_version", typed(Type::Integer).into()),
        ("model_version", text()),
        ("hp_version", text()),
        ("data", typed(Type::Object).into()),
        ("schema", typed(Type::Object).into()),
        ("example", component("InputData")),
        ("methods", list_of(typed(Type::Object).into())),
        ("serving", typed(Type::Object).into()),
        ("files", typed(Type::Object).into()),
    ])
}

fn health() -> ObjectBuilder {
    let log = typed(Type::String).enum_values(Some(["stored", "spooled", "unknown", "off"]));
    object([
        ("status", text()),
        ("model_version", text()),
        ("prediction_log", log.into()),
    ])
}

fn validation_errors() -> ObjectBuilder {
    object([("detail", list_of(component("ValidationError")))])
}

fn validation_error() -> ObjectBuilder {
    let step = AnyOfBuilder::new()
        .item(typed(Type::String))
        .item(typed(Type::Integer));
    object([
        ("type", text()),
        ("loc", list_of(step.into())),
        ("msg", text()),
        ("input", typed(SchemaType::AnyValue).into()),
    ])
    .property("ctx", typed(Type::Object))
}

/// An id as it is written: 26 characters of Crockford's base 32, of which the first holds 3 bits.
fn id() -> ObjectBuilder {
    typed(Type::String)
        .pattern(Some("^[0-7][0-9A-HJKMNP-TV-Z]{25}$"))
        .description(Some("The id of a prediction, which sorts by time"))
}

/// An object that has every one of `fields`.
fn object<'a>(fields: impl IntoIterator<Item = (&'a str, RefOr<Schema>)>) -> ObjectBuilder {
    let empty = ObjectBuilder::new();
    fields.into_iter().fold(empty, |object, (name, schema)| {
        object.property(name, schema).required(name)
    })
}

/// Without any other field.
fn only(object: ObjectBuilder) -> ObjectBuilder {
    object.additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

fn typed(of: impl Into<SchemaType>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(of)
}

fn number() -> ObjectBuilder {
    typed(Type::Number).format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
}
