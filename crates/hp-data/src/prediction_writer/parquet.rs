//! Predictions as Parquet.

use super::OUTPUT_COLUMNS;
use crate::batch::{Batch, Cells};
use crate::check::CheckedBatch;
use crate::layout::{ColumnRole, Layout};
use hp_core::prediction::Prediction;
use hp_core::schema::DType;
use polars::io::parquet::write::{BatchedWriter, ParquetWriter};
use polars::prelude::{
    Column, DataFrame, DataType, IdxCa, IdxSize, NamedFrom, PolarsError, PolarsResult, Series,
};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Rows of a row group, unless they are very long: fewer make a file slow to read, more need more
/// memory.
const GROUP_ROWS: usize = 1 << 17;
const GROUP_BYTES: usize = 64 << 20;

/// Writes Parquet. Columns of a Parquet input keep their types; of a text input, features become
/// numbers and the others text, an empty cell being null.
pub(super) struct ParquetOutput {
    target: Target,
    writer: Option<BatchedWriter<Target>>,
    columns: Vec<InputColumn>,
    group: DataFrame,
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
            target: Target(Arc::new(Mutex::new(Written {
                file: BufWriter::with_capacity(1 << 16, file),
                failure: None,
            }))),
            writer: None,
            columns: columns.collect(),
            group: DataFrame::empty(),
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
        if self.group.width() == 0 {
            self.group = frame;
        } else {
            let stacked = self.group.vstack_mut_owned(frame);
            stacked.map_err(io::Error::other)?;
        }
        if self.group.height() >= GROUP_ROWS || self.group.estimated_size() >= GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    /// Writes what is still in memory and what a file ends with.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.group.width() == 0 {
            let empty = Batch::new(Vec::new(), Vec::new(), Vec::new());
            let none = CheckedBatch::default();
            let frame = self.frame(&empty, &none, &[]);
            self.group = frame.map_err(io::Error::other)?;
        }
        self.write_group()?;
        if let Some(writer) = self.writer.take() {
            let finished = writer.finish();
            finished.map_err(|error| self.target.failure(error))?;
        }
        self.target.lock().file.flush()
    }

    fn write_group(&mut self) -> io::Result<()> {
        self.group.rechunk_mut();
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let writer = ParquetWriter::new(self.target.clone()).batched(self.group.schema());
                none.insert(writer.map_err(io::Error::other)?)
            }
        };
        let written = writer.write_batch(&self.group);
        written.map_err(|error| self.target.failure(error))?;
        self.group = self.group.clear();
        Ok(())
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

/// The file behind the encoder, which hands on the text of an error and not its kind.
#[derive(Clone)]
struct Target(Arc<Mutex<Written>>);

struct Written {
    file: BufWriter<File>,
    failure: Option<io::Error>,
}

impl Target {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What went wrong when the encoder failed.
    fn failure(&self, error: PolarsError) -> io::Error {
        let failure = self.lock().failure.take();
        failure.unwrap_or_else(|| io::Error::other(error))
    }

    fn remember<T>(
        &self,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut written = self.lock();
        write(&mut written.file).map_err(|error| {
            let text = io::Error::new(error.kind(), error.to_string());
            written.failure = Some(error);
            text
        })
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.remember(|file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.remember(BufWriter::flush)
    }
}
