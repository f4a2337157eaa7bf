//! Checking rows of a file against the schema: numbers for the good rows, reasons for the others.

use crate::batch::{Batch, Reading};
use crate::error::DataError;
use crate::layout::{ColumnRole, Layout};
use hp_core::rule::Rule;
use serde::Serialize;
use std::fmt;

/// What rows are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Training or evaluation: the target is needed.
    Labelled,
    /// Prediction: the target does not matter.
    Scoring {
        /// Whether a value outside its range is a warning and not an error.
        allow_out_of_range: bool,
    },
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rejection {
    /// 1-based line of the source file; for Parquet the 1-based number of the row.
    pub line: u64,
    /// The column in the schema's spelling; empty when the row as a whole is wrong.
    pub column: String,
    /// What the file holds, cut after 100 characters.
    pub value: String,
    /// What is wrong.
    #[serde(flatten)]
    pub fault: Fault,
}

/// Why a row is rejected. `Display` is a predicate of the value: "is missing".
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Fault {
    /// A cell breaks a rule of its column.
    Cell(Rule),
    /// The row has more or fewer fields than the header.
    FieldCount {
        /// `field_count`.
        rule: &'static str,
        /// Fields of the header.
        expected: usize,
    },
}

/// Checks batches of one file.
#[derive(Debug, Clone)]
pub struct Checker<'a> {
    layout: Layout<'a>,
    purpose: Purpose,
    /// The column of the file for each wanted column of the schema: the features, then perhaps
    /// the target.
    sources: Vec<usize>,
    extra: Vec<String>,
    dropped: Vec<String>,
    fields: usize,
}

/// The rows of a batch after checking.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CheckedBatch {
    /// Indices in the batch of the valid rows, `[valid]`.
    pub rows: Vec<usize>,
    /// The features of the valid rows, `[features][valid]`.
    pub features: Vec<Vec<f64>>,
    /// The target of the valid rows, `[valid]`; empty when scoring.
    pub target: Vec<f64>,
    /// Everything wrong with the other rows, by line.
    pub rejections: Vec<Rejection>,
    /// How many rows are not valid, ragged ones included.
    pub rows_rejected: usize,
    /// Values outside their range that were let through, by line.
    pub warnings: Vec<Rejection>,
}

const MAX_VALUE_CHARS: usize = 100;

impl<'a> Checker<'a> {
    /// Prepares to check a file with the given `columns`; `file` is what errors call it.
    ///
    /// # Errors
    /// Columns are missing; all of them are named.
    pub fn new(
        layout: Layout<'a>,
        purpose: Purpose,
        file: &str,
        columns: &[String],
    ) -> Result<Self, DataError> {
        let roles: Vec<_> = columns.iter().map(|name| layout.role(name)).collect();
        let mut wanted: Vec<_> = (0..layout.schema.features.len())
            .map(ColumnRole::Feature)
            .collect();
        if purpose == Purpose::Labelled {
            wanted.push(ColumnRole::Target);
        }
        let mut missing = Vec::new();
        let mut sources = Vec::new();
        for role in wanted {
            if let Some(source) = roles.iter().position(|&found| found == role) {
                sources.push(source);
            } else if let Some(column) = layout.column(role) {
                missing.push(column.name.clone());
            }
        }
        if !missing.is_empty() {
            return Err(DataError::MissingColumns {
                file: file.to_owned(),
                columns: missing,
            });
        }
        let named = |role| {
            let columns = columns.iter().zip(&roles);
            let columns = columns.filter(|&(_, &found)| found == role);
            columns.map(|(name, _)| layout.rename.apply(name)).collect()
        };
        Ok(Self {
            layout,
            purpose,
            sources,
            extra: named(ColumnRole::Extra),
            dropped: named(ColumnRole::Dropped),
            fields: columns.len(),
        })
    }

    /// Columns of the file that the schema does not know, after renaming.
    #[must_use]
    pub fn extra_columns(&self) -> &[String] {
        &self.extra
    }

    /// Columns of the file that are left out on purpose, after renaming.
    #[must_use]
    pub fn dropped_columns(&self) -> &[String] {
        &self.dropped
    }

    /// Checks every cell of `batch`.
    #[must_use]
    pub fn check(&self, batch: &Batch) -> CheckedBatch {
        let mut valid = vec![true; batch.n_rows()];
        let mut checked = CheckedBatch::default();
        let mut values = Vec::with_capacity(self.sources.len());
        for (column, &source) in self.layout.schema.columns().zip(&self.sources) {
            let readings = batch.cells[source].readings(column);
            for (row, reading) in readings.iter().enumerate() {
                let Some(rule) = &reading.broken else {
                    continue;
                };
                let rejection = Rejection {
                    line: batch.lines()[row],
                    column: column.name.clone(),
                    value: batch
                        .text(row, source)
                        .chars()
                        .take(MAX_VALUE_CHARS)
                        .collect(),
                    fault: Fault::Cell(rule.clone()),
                };
                if self.lets_through(reading) {
                    checked.warnings.push(rejection);
                } else {
                    valid[row] = false;
                    checked.rejections.push(rejection);
                }
            }
            values.push(readings);
        }
        checked.rows = (0..valid.len()).filter(|&row| valid[row]).collect();
        checked.rows_rejected = valid.len() - checked.rows.len() + batch.ragged().len();
        for ragged in batch.ragged() {
            checked.rejections.push(Rejection {
                line: ragged.line,
                column: String::new(),
                value: format!("{} fields", ragged.found),
                fault: Fault::field_count(self.fields),
            });
        }
        // Both were collected column by column.
        checked.rejections.sort_by_key(|rejection| rejection.line);
        checked.warnings.sort_by_key(|warning| warning.line);
        let mut columns = values.iter().map(|readings| {
            checked
                .rows
                .iter()
                .map(|&row| readings[row].value)
                .collect()
        });
        checked.features = columns
            .by_ref()
            .take(self.layout.schema.features.len())
            .collect();
        checked.target = columns.next().unwrap_or_default();
        checked
    }

    pub(crate) fn layout(&self) -> Layout<'a> {
        self.layout
    }

    fn lets_through(&self, reading: &Reading) -> bool {
        let lenient = Purpose::Scoring {
            allow_out_of_range: true,
        };
        self.purpose == lenient && reading.broken.as_ref().is_some_and(Rule::is_range)
    }
}

impl Fault {
    fn field_count(expected: usize) -> Self {
        Self::FieldCount {
            rule: "field_count",
            expected,
        }
    }

    /// The name of the rule, as in reports: `below_min`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cell(rule) => rule.name(),
            Self::FieldCount { rule, .. } => rule,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cell(rule) => rule.fmt(f),
            Self::FieldCount { expected, .. } => write!(f, "instead of {expected}"),
        }
    }
}
