//! Writing any table as Parquet, portion by portion.

use crate::error::DataError;
use crate::frame_writer::FrameWriter;
use hp_durable::StagedFile;
use jiff::Timestamp;
use polars::prelude::{Column, DataFrame, DataType, NamedFrom, PolarsResult, Series, TimeUnit};
use std::io;
use std::path::{Path, PathBuf};

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Texts.
    Text(Vec<String>),
    /// Numbers, some of which may be missing.
    Number(Vec<Option<f64>>),
    /// Counts.
    Count(Vec<u64>),
    /// Yes or no.
    Flag(Vec<bool>),
    /// Times in UTC to the millisecond, some of which may be missing.
    Time(Vec<Option<Timestamp>>),
}

/// Writes a table. Nothing appears under the file's name before [`finish`](Self::finish); without it
/// everything written is removed.
pub struct ParquetTable {
    writer: FrameWriter,
    staged: StagedFile,
    path: PathBuf,
}

impl ParquetTable {
    /// Begins the file `path`.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: &Path) -> Result<Self, DataError> {
        let staged = StagedFile::new(path)?;
        Ok(Self {
            writer: FrameWriter::new(staged.handle()?),
            staged,
            path: path.to_owned(),
        })
    }

    /// Adds rows: the same columns with values of the same kinds each time, all of one length.
    ///
    /// # Errors
    /// The columns differ or two have one name, or the file cannot be written.
    pub fn write(
        &mut self,
        columns: impl IntoIterator<Item = (String, Values)>,
    ) -> Result<(), DataError> {
        let written = frame(columns).map_err(io::Error::other);
        let written = written.and_then(|frame| self.writer.add(frame));
        written.map_err(DataError::io("write", &self.path))
    }

    /// Gives the file its name, replacing one that exists.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> Result<(), DataError> {
        let written = self.writer.finish();
        written.map_err(DataError::io("write", &self.path))?;
        Ok(self.staged.commit()?)
    }
}

fn frame(columns: impl IntoIterator<Item = (String, Values)>) -> PolarsResult<DataFrame> {
    let columns = columns.into_iter();
    let columns: Vec<Column> = columns
        .map(|(name, values)| column(&name, values))
        .collect::<PolarsResult<_>>()?;
    DataFrame::new(columns.first().map_or(0, Column::len), columns)
}

fn column(name: &str, values: Values) -> PolarsResult<Column> {
    let name = name.into();
    let series = match values {
        Values::Text(values) => Series::new(name, values),
        Values::Number(values) => Series::new(name, values),
        Values::Count(values) => Series::new(name, values),
        Values::Flag(values) => Series::new(name, values),
        Values::Time(values) => {
            let milliseconds = values
                .iter()
                .map(|time| time.map(Timestamp::as_millisecond));
            let series = Series::new(name, milliseconds.collect::<Vec<_>>());
            series.cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?
        }
    };
    Ok(series.into())
}
