//! Predictions as Parquet.

use super::OUTPUT_COLUMNS;
use crate::batch::{Batch, Cells};
use crate::check::CheckedBatch;
use crate::frame_writer::FrameWriter;
use crate::layout::{ColumnRole, Layout};
use hp_core::prediction::Prediction;
use hp_core::schema::DType;
use polars::prelude::{
    Column, DataFrame, DataType, IdxCa, IdxSize, NamedFrom, PolarsResult, Series,
};
use std::fs::File;
use std::io;

/// Writes Parquet. Columns of a Parquet input keep their types; of a text input, features become
/// numbers and the others text, an empty cell being null.
pub(super) struct ParquetOutput {
    writer: FrameWriter,
    columns: Vec<InputColumn>,
}

struct InputColumn {
    name: String,
    /// Which feature it is, and of which type.
    feature: Option<(usize, DType)>,
}

impl ParquetOutput {
    pub(super) fn new(file: File, columns: &[String], layout: Layout<'_>) -> Self {
        let columns = columns.iter().map(|name| InputColumn {
            name: name.clone(),
            feature: match layout.role(name) {
                ColumnRole::Feature(index) => Some((index, layout.schema.features[index].dtype)),
                _ => None,
            },
        });
        Self {
            writer: FrameWriter::new(file),
            columns: columns.collect(),
        }
    }

    pub(super) fn write(
        &mut self,
        batch: &Batch,
        checked: &CheckedBatch,
        predictions: &[Prediction],
    ) -> io::Result<()> {
        let frame = self
            .frame(batch, checked, predictions)
            .map_err(io::Error::other)?;
        self.writer.add(frame)
    }

    /// Writes what is still in memory and what a file ends with.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.writer.is_empty() {
            let empty = Batch::new(Vec::new(), Vec::new(), Vec::new());
            let frame = self.frame(&empty, &CheckedBatch::default(), &[]);
            self.writer.add(frame.map_err(io::Error::other)?)?;
        }
        self.writer.finish()
    }

    fn frame(
        &self,
        batch: &Batch,
        checked: &CheckedBatch,
        predictions: &[Prediction],
    ) -> PolarsResult<DataFrame> {
        let mut columns = Vec::with_capacity(self.columns.len() + OUTPUT_COLUMNS.len());
        for (index, column) in self.columns.iter().enumerate() {
            let cells = batch.cells.get(index).unwrap_or(&Cells::Skipped);
            columns.push(column.values(cells, checked)?);
        }
        let [lower, prediction, upper, width, uncertain] = OUTPUT_COLUMNS;
        let numbers = |name: &str, value: fn(&Prediction) -> f64| {
            let values: Vec<f64> = predictions.iter().map(value).collect();
            Series::new(name.into(), values).into()
        };
        columns.push(numbers(lower, |row| row.lower));
        columns.push(numbers(prediction, |row| row.prediction));
        columns.push(numbers(upper, |row| row.upper));
        columns.push(numbers(width, Prediction::interval_width));
        let flags: Vec<bool> = predictions.iter().map(Prediction::is_uncertain).collect();
        columns.push(Series::new(uncertain.into(), flags).into());
        DataFrame::new(predictions.len(), columns)
    }
}

impl InputColumn {
    /// The valid rows of the column.
    fn values(&self, cells: &Cells, checked: &CheckedBatch) -> PolarsResult<Column> {
        let name = self.name.as_str();
        match (cells, self.feature) {
            (Cells::Typed(column), _) if column.len() == checked.rows.len() => Ok(column.clone()),
            (Cells::Typed(column), _) => {
                let rows = checked
                    .rows
                    .iter()
                    .filter_map(|&row| IdxSize::try_from(row).ok());
                column.take(&IdxCa::from_vec(name.into(), rows.collect()))
            }
            (_, Some((feature, dtype))) => {
                let values = checked.features.get(feature).cloned().unwrap_or_default();
                let column: Column = Series::new(name.into(), values).into();
                match dtype {
                    DType::Float => Ok(column),
                    DType::Integer => column.cast(&DataType::Int64),
                }
            }
            (Cells::Text(cells), None) => {
                let cells: Vec<&str> = cells.iter().collect();
                let cells = checked.rows.iter().map(|&row| cells.get(row).copied());
                let cells: Vec<_> = cells.map(|cell| cell.filter(|c| !c.is_empty())).collect();
                Ok(Series::new(name.into(), cells).into())
            }
            (Cells::Skipped, None) => Ok(Column::full_null(
                name.into(),
                checked.rows.len(),
                &DataType::String,
            )),
        }
    }
}
