//! Predictions as CSV.

use super::OUTPUT_COLUMNS;
use crate::batch::Batch;
use hp_core::number;
use hp_core::prediction::Prediction;
use std::io::{self, Write};

/// Writes CSV with the input's cells as they were spelled.
pub(super) struct CsvOutput<W: Write> {
    writer: csv::Writer<W>,
    n_columns: usize,
}

impl<W: Write> CsvOutput<W> {
    pub(super) fn new(target: W, columns: &[String]) -> io::Result<Self> {
        let mut writer = csv::WriterBuilder::new()
            .buffer_capacity(1 << 16)
            .from_writer(target);
        let header = columns.iter().map(String::as_str).chain(OUTPUT_COLUMNS);
        writer.write_record(header).map_err(into_io)?;
        Ok(Self {
            writer,
            n_columns: columns.len(),
        })
    }

    pub(super) fn write(
        &mut self,
        batch: &Batch,
        rows: &[usize],
        predictions: &[Prediction],
    ) -> io::Result<()> {
        for (&row, prediction) in rows.iter().zip(predictions) {
            self.write_row(batch, row, prediction).map_err(into_io)?;
        }
        Ok(())
    }

    /// Writes what is still in memory.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }

    fn write_row(
        &mut self,
        batch: &Batch,
        row: usize,
        prediction: &Prediction,
    ) -> Result<(), csv::Error> {
        for column in 0..self.n_columns {
            let cell = batch.text(row, column);
            self.writer.write_field(cell.as_bytes())?;
        }
        let numbers = [
            prediction.lower,
            prediction.prediction,
            prediction.upper,
            prediction.interval_width(),
        ];
        for number in numbers {
            self.writer.write_field(number::shortest(number))?;
        }
        let uncertain = prediction.is_uncertain();
        self.writer.write_record([uncertain.to_string()])
    }
}

/// The error below the encoder's, which alone says what kind it is.
fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
