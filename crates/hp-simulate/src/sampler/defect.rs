//! Rows that the API must refuse.

use hp_core::number;
use hp_core::schema::{Column, DType};
use rand::{Rng, RngExt};
use serde_json::{Map, Value};
use std::fmt;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    kind: Kind,
    field: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Missing,
    Null,
    Text,
    Fraction,
    OutOfRange,
    Extra,
}

/// A field that no schema has.
const EXTRA: &str = "hp_simulated_extra";

impl Defect {
    /// Spoils the value of `column` in one of the ways that its type and range leave.
    pub(super) fn spoil(
        fields: &mut Map<String, Value>,
        column: &Column,
        rng: &mut impl Rng,
    ) -> Self {
        let mut kinds = vec![Kind::Missing, Kind::Null, Kind::Text, Kind::Extra];
        let outside = outside(column);
        kinds.extend(outside.is_some().then_some(Kind::OutOfRange));
        kinds.extend((column.dtype == DType::Integer).then_some(Kind::Fraction));
        let kind = kinds[rng.random_range(0..kinds.len())];
        let field = match kind {
            Kind::Extra => EXTRA.to_owned(),
            _ => column.name.clone(),
        };
        let value = match kind {
            Kind::Missing => None,
            Kind::Null => Some(Value::Null),
            Kind::Text => Some("unknown".into()),
            Kind::Fraction => Some(0.5.into()),
            Kind::OutOfRange => outside.map(number::json),
            Kind::Extra => Some(1.into()),
        };
        match value {
            Some(value) => fields.insert(field.clone(), value),
            // Without a hole in the order of the others.
            None => fields.shift_remove(&field),
        };
        Self { kind, field }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match self.kind {
            Kind::Missing => write!(f, "without `{field}`"),
            Kind::Null => write!(f, "with null as `{field}`"),
            Kind::Text => write!(f, "with text as `{field}`"),
            Kind::Fraction => write!(f, "with a fraction as `{field}`"),
            Kind::OutOfRange => write!(f, "with `{field}` out of its range"),
            Kind::Extra => write!(f, "with an additional field"),
        }
    }
}

/// A number outside the column's range, if it has one.
fn outside(column: &Column) -> Option<f64> {
    if let Some(allowed) = &column.allowed {
        return Some(allowed.iter().copied().fold(0.0, f64::max) + 1.0);
    }
    let above = column.max.map(|max| max + 1.0 + max.abs());
    let below = column.min.map(|min| min - 1.0 - min.abs());
    above.or(below).filter(|value| value.is_finite())
}
