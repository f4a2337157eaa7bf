//! Rows in CSV under a header that names each feature once.

use super::{ReadRow, Row};
use crate::details::{self, Details, Place};
use csv::{ByteRecord, Reader, ReaderBuilder};
use hp_core::record::{CheckedRow, Problem};
use hp_core::rule::Rule;
use hp_core::schema::Schema;
use hp_http::{Detail, HttpError};
use serde_json::Value;

/// The rows of a body.
pub(crate) struct CsvRows<'a> {
    reader: Reader<&'a [u8]>,
    schema: &'a Schema,
    /// The cell of each feature `[features]`.
    cells: Vec<usize>,
    record: ByteRecord,
    index: usize,
}

impl<'a> CsvRows<'a> {
    /// Reads the header of `body`.
    ///
    /// # Errors
    /// A feature is missing in it or there twice, or it names something else.
    pub(crate) fn new(body: &'a [u8], schema: &'a Schema) -> Result<Self, HttpError> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(body);
        let header = reader
            .byte_headers()
            .map_err(|error| details::refusal(not_csv(Place::Body, &error)))?;
        let names: Vec<_> = header
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .collect();
        Ok(Self {
            reader,
            schema,
            cells: cells(&names, schema)?,
            record: ByteRecord::new(),
            index: 0,
        })
    }

    fn row(&self) -> ReadRow {
        let place = Place::Row(self.index);
        let (found, expected) = (self.record.len(), self.cells.len());
        if found != expected {
            let reason = format!("Row has {found} cells, the header {expected}");
            return Err(Box::new(details::not_csv(place, reason)));
        }
        let mut checked = CheckedRow::default();
        for (column, &cell) in self.schema.features.iter().zip(&self.cells) {
            let cell = String::from_utf8_lossy(&self.record[cell]);
            match column.parse(&cell) {
                Ok(value) => checked.values.push(value),
                Err(rule) => {
                    // A number out of range may be let through.
                    let number = rule.is_range().then(|| cell.trim().parse::<f64>().ok());
                    checked.values.extend(number.flatten());
                    checked.problems.push(Problem {
                        row: self.index,
                        field: column.name.clone(),
                        value: Some(as_json(&cell)),
                        rule,
                    });
                }
            }
        }
        let sent = Value::Null;
        Ok(Row { checked, sent })
    }
}

impl Iterator for CsvRows<'_> {
    type Item = ReadRow;

    fn next(&mut self) -> Option<ReadRow> {
        let row = match self.reader.read_byte_record(&mut self.record) {
            Ok(false) => return None,
            Ok(true) => self.row(),
            Err(error) => Err(Box::new(not_csv(Place::Row(self.index), &error))),
        };
        self.index += 1;
        Some(row)
    }
}

/// Where the header `names` has each feature.
fn cells(names: &[String], schema: &Schema) -> Result<Vec<usize>, HttpError> {
    let mut details = Details::default();
    let mut cells = Vec::new();
    for column in &schema.features {
        let named = names.iter().enumerate();
        let mut found = named.filter(|(_, name)| **name == column.name);
        match found.next() {
            Some((cell, _)) => cells.push(cell),
            None => details.push(|| {
                let header = details::repeat(&Value::from(names).to_string());
                details::missing(Place::Body.field(&column.name), header)
            }),
        }
        if found.next().is_some() {
            details.push(|| heading(&column.name, Rule::Duplicate));
        }
    }
    for name in names {
        if !schema.feature_names().any(|feature| feature == name) {
            details.push(|| heading(name, Rule::Unexpected));
        }
    }
    details.or(cells)
}

/// What is wrong with a name in the header.
fn heading(name: &str, rule: Rule) -> Detail {
    let problem = Problem {
        row: 0,
        field: name.chars().take(100).collect(),
        value: Some(Value::from(name).to_string()),
        rule,
    };
    details::of_problem(&problem, Place::Body, None, || Value::Null)
}

/// A cell as the JSON that stands for it: a number, or a text.
fn as_json(cell: &str) -> String {
    let cell = cell.trim();
    match serde_json::from_str::<serde_json::Number>(cell) {
        Ok(_) => cell.to_owned(),
        Err(_) => Value::from(cell).to_string(),
    }
}

fn not_csv(place: Place, error: &csv::Error) -> Detail {
    details::not_csv(place, error.to_string())
}
