//! From JSON rows to the numbers a model takes, with every problem of every row named.

use crate::rule::Rule;
use crate::schema::Schema;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The fields of one JSON object as they were sent: in order, a repeated name kept twice, each value
/// as its JSON text, so that even `1e400` can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow(pub Vec<(String, String)>);

/// One row, or a list of rows; the answer has the same form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawRows {
    /// A single object.
    One(RawRow),
    /// An array of objects.
    Many(Vec<RawRow>),
}

/// One thing that is wrong with one field of one row. `Display` counts rows from 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// 0-based row.
    pub row: usize,
    /// The name of the field.
    pub field: String,
    /// The JSON text of the value, when there was one.
    pub value: Option<String>,
    /// The rule it breaks.
    pub rule: Rule,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: `{}`", self.row + 1, self.field)?;
        if let Some(value) = &self.value {
            // A hostile value may be megabytes long.
            let text: String = value.chars().take(60).collect();
            write!(f, " = {text}")?;
        }
        write!(f, " {}", self.rule)
    }
}

/// The numbers of a row, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CheckedRow {
    /// The features in the schema's order; complete only without an error in `problems`.
    pub values: Vec<f64>,
    /// Everything wrong with the row.
    pub problems: Vec<Problem>,
}

impl RawRow {
    /// Checks the row against `schema`; `row` is its index for the problems.
    #[must_use]
    pub fn check(&self, schema: &Schema, row: usize) -> CheckedRow {
        let mut checked = CheckedRow::default();
        for column in &schema.features {
            let sent: Vec<&str> = self.fields(&column.name).collect();
            let number = match sent[..] {
                [] => Err(Rule::Missing),
                [value] => number(value),
                _ => Err(Rule::Duplicate),
            };
            let broken = match number {
                Ok(number) => {
                    checked.values.push(number);
                    column.check(number).err()
                }
                Err(rule) => Some(rule),
            };
            if let Some(rule) = broken {
                checked.problems.push(Problem {
                    row,
                    field: column.name.clone(),
                    value: sent.last().map(|&value| value.to_owned()),
                    rule,
                });
            }
        }
        for (name, value) in &self.0 {
            if !schema.feature_names().any(|known| known == name) {
                checked.problems.push(Problem {
                    row,
                    field: name.clone(),
                    value: Some(value.clone()),
                    rule: Rule::Unexpected,
                });
            }
        }
        checked
    }

    fn fields(&self, name: &str) -> impl Iterator<Item = &str> {
        let matching = self.0.iter().filter(move |(field, _)| field == name);
        matching.map(|(_, value)| value.as_str())
    }
}

/// The number that a JSON text stands for.
fn number(json: &str) -> Result<f64, Rule> {
    match json.parse::<f64>() {
        _ if json == "null" => Err(Rule::Missing),
        Ok(number) if number.is_finite() => Ok(number),
        // Too large for a float; names like `inf` are no JSON.
        Ok(_) => Err(Rule::NotFinite),
        Err(_) => Err(Rule::NotANumber),
    }
}

impl<'de> Deserialize<'de> for RawRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match RawRows::deserialize(deserializer)? {
            RawRows::One(row) => Ok(row),
            RawRows::Many(_) => Err(D::Error::custom("expected an object, found a list")),
        }
    }
}

impl<'de> Deserialize<'de> for RawRows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowsVisitor)
    }
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = RawRows;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with one value for each feature, or a list of such objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawRows, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            fields.push((name, value.get().to_owned()));
        }
        Ok(RawRows::One(RawRow(fields)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawRows, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = list.next_element()? {
            rows.push(row);
        }
        Ok(RawRows::Many(rows))
    }
}
