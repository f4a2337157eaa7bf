//! Predictions as Parquet.

use super::{Sink, other_inputs};
use crate::failure::Failure;
use hp_data::{ParquetTable, Values};
use hp_store::{Cell, Columns, PredictionRecord};
use std::path::Path;

/// Writes Parquet.
pub(super) struct ParquetSink(ParquetTable);

impl ParquetSink {
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        Ok(Self(ParquetTable::create(path)?))
    }
}

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
