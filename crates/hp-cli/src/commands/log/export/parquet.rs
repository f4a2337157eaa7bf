//! Predictions as Parquet.

use super::{Sink, other_inputs};
use crate::failure::Failure;
use hp_data::{ParquetTable, Values};
#[cfg(feature = "monitor")]
use hp_monitor::web::{ParquetFiles, TableFile};
use hp_store::{Cell, Columns, PredictionRecord};
use std::path::Path;
#[cfg(feature = "monitor")]
use std::sync::Arc;

/// Writes Parquet.
pub(super) struct ParquetSink(ParquetTable);

impl ParquetSink {
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        Ok(Self(ParquetTable::create(path)?))
    }
}

/// Parquet files for the exports of the monitor.
#[cfg(feature = "monitor")]
pub(in crate::commands) fn parquet_files() -> ParquetFiles {
    Arc::new(|path| match ParquetSink::create(path) {
        Ok(sink) => Ok(Box::new(sink)),
        Err(failure) => Err(failure.into_error().into()),
    })
}

#[cfg(feature = "monitor")]
impl TableFile for ParquetSink {
    fn write(&mut self, columns: &Columns, records: &[PredictionRecord]) -> Result<(), AnyError> {
        let written = Sink::write(self, columns, records);
        written.map_err(|failure| failure.into_error().into())
    }

    fn finish(self: Box<Self>) -> Result<(), AnyError> {
        let finished = Sink::finish(self);
        finished.map_err(|failure| failure.into_error().into())
    }
}

#[cfg(feature = "monitor")]
type AnyError = Box<dyn std::error::Error + Send + Sync>;

impl Sink for ParquetSink {
    fn write(&mut self, columns: &Columns, records: &[PredictionRecord]) -> Result<(), Failure> {
        let empty = columns.empty();
        let mut table: Vec<_> = empty
            .map(|(name, cell)| (name, values_like(&cell)))
            .collect();
        for record in records {
            let cells = columns.cells(record);
            let cells = cells.map_err(|input| other_inputs(record, &input))?;
            for ((_, values), cell) in table.iter_mut().zip(cells) {
                push(values, cell);
            }
        }
        Ok(self.0.write(table)?)
    }

    fn finish(self: Box<Self>) -> Result<(), Failure> {
        Ok(self.0.finish()?)
    }
}

/// An empty column for cells like `cell`.
fn values_like(cell: &Cell) -> Values {
    match cell {
        Cell::Text(_) => Values::Text(Vec::new()),
        Cell::Number(_) => Values::Number(Vec::new()),
        Cell::Count(_) => Values::Count(Vec::new()),
        Cell::Flag(_) => Values::Flag(Vec::new()),
        Cell::Time(_) => Values::Time(Vec::new()),
    }
}

fn push(values: &mut Values, cell: Cell) {
    match (values, cell) {
        (Values::Text(values), Cell::Text(text)) => values.push(text),
        (Values::Number(values), Cell::Number(number)) => values.push(number),
        (Values::Count(values), Cell::Count(count)) => values.push(count),
        (Values::Flag(values), Cell::Flag(flag)) => values.push(flag),
        (Values::Time(values), Cell::Time(time)) => values.push(time),
        // The columns have been made for such cells.
        _ => (),
    }
}
