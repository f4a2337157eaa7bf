//! The columns of the schema as JSON Schema: type, range, allowed values, meaning and unit.

use super::{number, typed};
use hp_core::number::json;
use hp_core::number::shortest;
use hp_core::schema::{Column, DType};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

/// A value of `column` as it is sent. Where other values are let through too, its range is only told.
pub(super) fn feature(column: &Column, allow_out_of_range: bool) -> RefOr<Schema> {
    let typed = match column.dtype {
        DType::Float => number(),
        DType::Integer => typed(Type::Integer),
    };
    let ranged = if allow_out_of_range {
        typed
    } else {
        range(typed, column)
    };
    let told = [
        column.description.clone(),
        unit(column),
        if allow_out_of_range {
            usual(column)
        } else {
            String::new()
        },
    ];
    describe(ranged, told).into()
}

/// A number in the unit of `column`.
pub(super) fn quantity(column: &Column, meaning: &str) -> RefOr<Schema> {
    describe(number(), [meaning.to_owned(), unit(column)]).into()
}

fn range(object: ObjectBuilder, column: &Column) -> ObjectBuilder {
    let allowed = column.allowed.as_deref();
    object
        .minimum(column.min)
        .maximum(column.max)
        .enum_values(allowed.map(|values| values.iter().copied().map(json)))
}

fn unit(column: &Column) -> String {
    match column.unit.as_str() {
        "" => String::new(),
        unit => format!("in {unit}"),
    }
}

/// The range in words.
fn usual(column: &Column) -> String {
    let min = column.min.map(|min| format!("from {}", shortest(min)));
    let max = column.max.map(|max| format!("up to {}", shortest(max)));
    let allowed = column.allowed.as_ref().map(|allowed| {
        let values: Vec<_> = allowed.iter().copied().map(shortest).collect();
        format!("one of {}", values.join(" "))
    });
    let parts: Vec<_> = [min, max, allowed].into_iter().flatten().collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("usually {}", parts.join(" "))
    }
}

/// Adds the parts of a description that are there.
fn describe(object: ObjectBuilder, parts: impl IntoIterator<Item = String>) -> ObjectBuilder {
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        object
    } else {
        object.description(Some(parts.join(", ")))
    }
}
