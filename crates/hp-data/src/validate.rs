//! Validating a whole file into a table, collecting everything that is wrong with it.

mod rejected;

use crate::check::{CheckedBatch, Checker, Purpose, Rejection};
use crate::error::DataError;
use crate::layout::Layout;
use crate::reader::{Batches, Position};
use hp_core::table::Table;
use rejected::{RejectedCsv, RejectedWriter};
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The valid rows of a file, and a report on all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Validated {
    /// The valid rows, in the file's order.
    pub table: Table,
    /// Rows of the file.
    pub rows_read: u64,
    /// Rows with at least one fault.
    pub rows_rejected: u64,
    /// Valid rows that are equal to an earlier one; they are kept.
    pub duplicates: u64,
    /// The first [`MAX_REJECTIONS`] faults, by line.
    pub rejections: Vec<Rejection>,
    /// All of them.
    pub(crate) rejected_csv: RejectedCsv,
    /// How often each rule was broken, all faults counted; by column, then rule.
    pub faults: Vec<FaultCount>,
    /// Columns that the schema does not know, after renaming.
    pub extra_columns: Vec<String>,
    /// Columns left out on purpose, after renaming.
    pub dropped_columns: Vec<String>,
}

/// How often a rule was broken in a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaultCount {
    /// The column; empty when rows as a whole are wrong.
    pub column: String,
    /// The rule's name.
    pub rule: String,
    /// How often.
    pub count: u64,
    /// The line of the first time.
    pub first_line: u64,
    /// What stood there.
    pub first_value: String,
}

/// Why the valid rows are not good enough to be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Policy {
    /// Every row is rejected.
    #[error("not one of the {rows} rows is valid")]
    NoValidRow {
        /// Rows of the file.
        rows: u64,
    },
    /// Too large a share is rejected.
    #[error(
        "{rejected} of {rows} rows are rejected, {:.1} %, and at most {:.1} % may be",
        100.0 * *.rejected as f64 / *.rows as f64,
        100.0 * .allowed
    )]
    TooManyRejected {
        /// Rows with a fault.
        rejected: u64,
        /// Rows of the file.
        rows: u64,
        /// The largest share allowed, 0 to 1.
        allowed: f64,
    },
}

/// The most faults that [`Validated`] hands out; a published data set lists all of them.
pub const MAX_REJECTIONS: usize = 100_000;

/// Checks all rows of `batches`; `progress` is called after each batch.
///
/// # Errors
/// The file cannot be read to its end, has no rows, or lacks a column. Faults of rows are no error:
/// [`Validated::verdict`] judges them.
pub fn validate(
    mut batches: Batches,
    layout: &Layout<'_>,
    purpose: Purpose,
    progress: &mut dyn FnMut(Position),
) -> Result<Validated, DataError> {
    let checker = Checker::new(*layout, purpose, batches.file(), batches.columns())?;
    let file = batches.file().to_owned();
    let failed = |error| DataError::io("collect the faults of", Path::new(&file))(error);
    let mut report = Report::new(layout).map_err(failed)?;
    while let Some(batch) = batches.next() {
        report.add(checker.check(&batch?)).map_err(failed)?;
        progress(batches.position());
    }
    let rows_read = batches.position().rows;
    if rows_read == 0 {
        return Err(DataError::NoRows { file });
    }
    Ok(Validated {
        duplicates: duplicates(&report.table),
        table: report.table,
        rows_read,
        rows_rejected: report.rows_rejected,
        rejections: report.rejections,
        rejected_csv: report.rejected_csv.finish().map_err(failed)?,
        faults: report.faults.into_values().collect(),
        extra_columns: checker.extra_columns().to_owned(),
        dropped_columns: checker.dropped_columns().to_owned(),
    })
}

impl Validated {
    /// Judges the share of rejected rows; `max_rejected` is 0 to 1.
    ///
    /// # Errors
    /// No row is valid, or more are rejected than allowed.
    pub fn verdict(&self, max_rejected: f64) -> Result<(), Policy> {
        if self.rows_rejected >= self.rows_read {
            return Err(Policy::NoValidRow {
                rows: self.rows_read,
            });
        }
        // A product would round: 0.29 of 100 rows is less than 29.
        if self.rows_rejected as f64 / self.rows_read as f64 > max_rejected {
            return Err(Policy::TooManyRejected {
                rejected: self.rows_rejected,
                rows: self.rows_read,
                allowed: max_rejected,
            });
        }
        Ok(())
    }

    /// Rows without a fault.
    #[must_use]
    pub fn rows_valid(&self) -> u64 {
        self.rows_read - self.rows_rejected
    }
}

struct Report {
    table: Table,
    rows_rejected: u64,
    rejections: Vec<Rejection>,
    rejected_csv: RejectedWriter,
    faults: BTreeMap<(String, &'static str), FaultCount>,
}

impl Report {
    fn new(layout: &Layout<'_>) -> io::Result<Self> {
        Ok(Self {
            table: Table {
                features: vec![Vec::new(); layout.schema.features.len()],
                target: Vec::new(),
            },
            rows_rejected: 0,
            rejections: Vec::new(),
            rejected_csv: RejectedWriter::new()?,
            faults: BTreeMap::new(),
        })
    }

    fn add(&mut self, checked: CheckedBatch) -> io::Result<()> {
        for (column, values) in self.table.features.iter_mut().zip(checked.features) {
            column.extend(values);
        }
        self.table.target.extend(checked.target);
        self.rows_rejected += checked.rows_rejected as u64;
        for rejection in checked.rejections {
            let key = (rejection.column.clone(), rejection.fault.name());
            let fault = self.faults.entry(key).or_insert_with(|| FaultCount {
                column: rejection.column.clone(),
                rule: rejection.fault.name().to_owned(),
                count: 0,
                first_line: rejection.line,
                first_value: rejection.value.clone(),
            });
            fault.count += 1;
            self.rejected_csv.push(&rejection)?;
            if self.rejections.len() < MAX_REJECTIONS {
                self.rejections.push(rejection);
            }
        }
        Ok(())
    }
}

/// Rows equal to an earlier row in every column.
fn duplicates(table: &Table) -> u64 {
    let rows = table.features.first().map_or(0, Vec::len);
    let compare = |a: &usize, b: &usize| {
        let columns = table.features.iter().chain([&table.target]);
        let columns = columns.filter(|column| !column.is_empty());
        columns
            .map(|column| column[*a].total_cmp(&column[*b]))
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    let mut order: Vec<usize> = (0..rows).collect();
    order.sort_unstable_by(compare);
    let pairs = order.windows(2);
    pairs
        .filter(|pair| compare(&pair[0], &pair[1]).is_eq())
        .count() as u64
}
