//! Predictions as CSV.

use super::{Sink, other_inputs};
use crate::failure::Failure;
use hp_core::csv::line;
use hp_durable::{IoError, StagedFile};
use hp_store::{Cell, Columns, PredictionRecord};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes CSV.
pub(super) struct CsvSink {
    file: BufWriter<StagedFile>,
    path: PathBuf,
    has_header: bool,
}

impl CsvSink {
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        Ok(Self {
            file: BufWriter::new(StagedFile::new(path)?),
            path: path.to_owned(),
            has_header: false,
        })
    }

    fn write_line(&mut self, cells: &[String]) -> Result<(), Failure> {
        let written = self.file.write_all(line(cells).as_bytes());
        Ok(written.map_err(IoError::of("write", &self.path))?)
    }
}

impl Sink for CsvSink {
    fn write(&mut self, columns: &Columns, records: &[PredictionRecord]) -> Result<(), Failure> {
        if !self.has_header {
            self.write_line(&columns.names())?;
            self.has_header = true;
        }
        for record in records {
            let cells = columns.cells(record);
            let cells = cells.map_err(|input| other_inputs(record, &input))?;
            self.write_line(&cells.iter().map(Cell::text).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), Failure> {
        let path = self.path;
        let staged = self.file.into_inner();
        let staged = staged.map_err(|error| IoError::of("write", &path)(error.into_error()))?;
        Ok(staged.commit()?)
    }
}
