//! Writing predictions beside the rows they belong to, batch by batch, as CSV or Parquet.

mod parquet;
mod text;

use crate::batch::Batch;
use crate::check::{CheckedBatch, Checker};
use crate::error::DataError;
use crate::reader::Batches;
use hp_core::prediction::Prediction;
use hp_durable::StagedFile;
use parquet::ParquetOutput;
use std::fs::File;
use std::path::{Path, PathBuf};
use text::CsvOutput;

/// The columns that follow those of the input.
const OUTPUT_COLUMNS: [&str; 5] = [
    "lower",
    "prediction",
    "upper",
    "interval_width",
    "is_uncertain",
];

/// Writes the rows of a file with their predictions. Nothing appears under the file's name before
/// [`finish`](Self::finish); without it everything written is removed.
pub struct PredictionWriter {
    output: Output,
    staged: StagedFile,
    path: PathBuf,
}

enum Output {
    Csv(Box<CsvOutput<File>>),
    Parquet(Box<ParquetOutput>),
}

impl PredictionWriter {
    /// Begins the file `path`, Parquet when it is named `.parquet` and CSV otherwise, for rows of
    /// `input` that `checker` turns into numbers. The columns are those of the input, then
    /// `lower`, `prediction`, `upper`, `interval_width` and `is_uncertain`.
    ///
    /// # Errors
    /// The file cannot be created, or the input has a column with one of these names.
    pub fn create(path: &Path, input: &Batches, checker: &Checker<'_>) -> Result<Self, DataError> {
        let columns = input.columns();
        if let Some(column) = columns
            .iter()
            .find(|name| OUTPUT_COLUMNS.contains(&name.as_str()))
        {
            return Err(DataError::ReservedColumn {
                file: input.file().to_owned(),
                column: column.clone(),
            });
        }
        let staged = StagedFile::new(path)?;
        let file = staged.handle()?;
        let is_parquet = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
        let output = if is_parquet {
            Output::Parquet(Box::new(ParquetOutput::new(
                file,
                columns,
                checker.layout(),
            )))
        } else {
            let output = CsvOutput::new(file, columns);
            Output::Csv(Box::new(output.map_err(DataError::io("write", path))?))
        };
        Ok(Self {
            output,
            staged,
            path: path.to_owned(),
        })
    }

    /// Adds the valid rows of a batch with one prediction for each.
    ///
    /// # Errors
    /// There are not as many predictions as valid rows, or the file cannot be written.
    pub fn write(
        &mut self,
        batch: &Batch,
        checked: &CheckedBatch,
        predictions: &[Prediction],
    ) -> Result<(), DataError> {
        if checked.rows.len() != predictions.len() {
            return Err(DataError::LengthMismatch {
                rows: checked.rows.len(),
                predictions: predictions.len(),
            });
        }
        let written = match &mut self.output {
            Output::Csv(output) => output.write(batch, &checked.rows, predictions),
            Output::Parquet(output) => output.write(batch, checked, predictions),
        };
        written.map_err(DataError::io("write", &self.path))
    }

    /// Gives the file its name, replacing one that exists.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> Result<(), DataError> {
        let written = match self.output {
            Output::Csv(output) => output.finish(),
            Output::Parquet(output) => output.finish(),
        };
        written.map_err(DataError::io("write", &self.path))?;
        Ok(self.staged.commit()?)
    }
}
