//! Parquet by slices of row groups, so that a file larger than memory can be read.

mod sanity;
mod thrift;

use crate::batch::{Batch, Cells};
use crate::error::DataError;
use crate::layout::{ColumnRole, Layout};
use crate::reader::ReadOptions;
use polars::io::SerReader;
use polars::io::parquet::read::{FileMetadata, ParallelStrategy, ParquetReader as Decoder};
use polars::prelude::{ArrowDataType, ArrowSchema, DataFrame, PolarsError, PolarsResult};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// Values decoded at a time, and the most rows they may form.
const SLICE_VALUES: usize = 4 << 20;
const SLICE_ROWS: usize = 1 << 16;

/// Reads the rows of a Parquet file in order.
pub(crate) struct ParquetReader {
    file: File,
    name: String,
    columns: Vec<String>,
    /// Indices of the columns that are read.
    kept: Vec<usize>,
    /// Row groups still to be read, last first, each as the metadata of a file of its own.
    groups: Vec<Arc<FileMetadata>>,
    /// Rows of the current group that were decoded.
    group_row: usize,
    /// Rows that were decoded and not yet handed over.
    frame: DataFrame,
    total_rows: u64,
    next_row: u64,
    batch_rows: usize,
}

impl ParquetReader {
    /// Reads the metadata at the end of `file`.
    pub(crate) fn open(
        mut file: File,
        name: &str,
        layout: &Layout<'_>,
        options: &ReadOptions,
    ) -> Result<Self, DataError> {
        let failed = DataError::io("read", Path::new(name));
        if !sanity::check_footer(&mut file).map_err(&failed)? {
            return Err(damaged(name, "its metadata is incomplete or no metadata"));
        }
        let handle = file.try_clone().map_err(&failed)?;
        let (metadata, schema) = guarded(name, || {
            let mut decoder = Decoder::new(handle);
            let schema = decoder.schema()?;
            Ok((Arc::clone(decoder.get_metadata()?), schema))
        })?;
        let columns: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
        layout.check_unique(name, &columns)?;
        if layout.known(&columns) == 0 {
            return Err(DataError::UnknownHeader {
                file: name.to_owned(),
                header: columns.join(", ").chars().take(80).collect(),
            });
        }
        let kept = (0..columns.len()).filter(|&index| {
            let role = layout.role(&columns[index]);
            !options.only_known || !matches!(role, ColumnRole::Extra | ColumnRole::Dropped)
        });
        let kept: Vec<usize> = kept.collect();
        check_types(name, &schema, &kept)?;
        let rows = metadata
            .row_groups
            .iter()
            .map(|group| group.num_rows() as u64);
        let total_rows = rows.fold(0, u64::saturating_add);
        let bytes = total_rows.saturating_mul(8 * kept.len() as u64);
        if bytes > options.max_bytes {
            return Err(DataError::TooLarge {
                file: name.to_owned(),
                limit: options.max_bytes,
            });
        }
        Ok(Self {
            file,
            name: name.to_owned(),
            columns,
            kept,
            groups: separate_groups(&metadata),
            group_row: 0,
            frame: DataFrame::empty(),
            total_rows,
            next_row: 1,
            batch_rows: options.batch_rows,
        })
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn total_rows(&self) -> u64 {
        self.total_rows
    }

    /// The next rows, or nothing at the end of the file.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, DataError> {
        while self.frame.height() == 0 {
            if !self.decode_slice()? {
                return Ok(None);
            }
        }
        let rows = self.batch_rows.min(self.frame.height());
        let mut cells: Vec<_> = self.columns.iter().map(|_| Cells::Skipped).collect();
        for (&index, column) in self.kept.iter().zip(self.frame.columns()) {
            cells[index] = Cells::Typed(column.slice(0, rows));
        }
        let rest = i64::try_from(rows).unwrap_or(i64::MAX);
        self.frame = self.frame.slice(rest, self.frame.height() - rows);
        let first = self.next_row;
        self.next_row += rows as u64;
        let lines = (first..self.next_row).collect();
        Ok(Some(Batch::new(lines, Vec::new(), cells)))
    }

    /// Decodes more rows; returns whether there were any left.
    fn decode_slice(&mut self) -> Result<bool, DataError> {
        let Some(group) = self.groups.last() else {
            return Ok(false);
        };
        if self.group_row == 0 {
            self.check_group(group)?;
        }
        let rest = group.num_rows - self.group_row;
        let rows = (SLICE_VALUES / self.kept.len().max(1)).clamp(1, SLICE_ROWS);
        let rows = rows.min(rest);
        if rows > 0 {
            self.frame = self.read_slice(group, rows)?;
            self.group_row += rows;
        }
        if rows == rest {
            self.groups.pop();
            self.group_row = 0;
        }
        Ok(true)
    }

    fn check_group(&self, group: &FileMetadata) -> Result<(), DataError> {
        let columns: Vec<&str> = self
            .kept
            .iter()
            .map(|&i| self.columns[i].as_str())
            .collect();
        let handle = self.handle()?;
        let sane = guarded(&self.name, || {
            let mut handle = handle;
            Ok(sanity::check_pages(&mut handle, group, &columns)?)
        });
        if sane? {
            Ok(())
        } else {
            Err(damaged(&self.name, "its pages do not fit its metadata"))
        }
    }

    fn handle(&self) -> Result<File, DataError> {
        let handle = self.file.try_clone();
        handle.map_err(DataError::io("read", Path::new(&self.name)))
    }

    fn read_slice(&self, group: &Arc<FileMetadata>, rows: usize) -> Result<DataFrame, DataError> {
        let handle = self.handle()?;
        let frame = guarded(&self.name, || {
            let mut decoder = Decoder::new(handle);
            decoder.set_metadata(Arc::clone(group));
            decoder
                .read_parallel(ParallelStrategy::None)
                .with_projection(Some(self.kept.clone()))
                .with_slice(Some((self.group_row, rows)))
                .finish()
        })?;
        // The decoder believes the metadata, even about rows that do not exist.
        if frame.height() == rows && frame.columns().iter().all(|column| column.len() == rows) {
            Ok(frame)
        } else {
            Err(damaged(&self.name, "it holds fewer rows than it says"))
        }
    }
}

/// One metadata for each row group with rows, last first.
fn separate_groups(metadata: &FileMetadata) -> Vec<Arc<FileMetadata>> {
    let shell = FileMetadata {
        row_groups: Vec::new(),
        ..metadata.clone()
    };
    let groups = metadata.row_groups.iter().rev();
    let groups = groups.filter(|group| group.num_rows() > 0).map(|group| {
        Arc::new(FileMetadata {
            num_rows: group.num_rows(),
            row_groups: vec![group.clone()],
            ..shell.clone()
        })
    });
    groups.collect()
}

/// Refuses types that the decoder cannot read or that have no spelling in CSV.
fn check_types(name: &str, schema: &ArrowSchema, kept: &[usize]) -> Result<(), DataError> {
    for &index in kept {
        let Some((column, field)) = schema.get_at_index(index) else {
            continue;
        };
        let dtype = field.dtype();
        let nested = dtype.is_nested() && !matches!(dtype, ArrowDataType::Dictionary(..));
        let unknown = matches!(
            dtype,
            ArrowDataType::Float16 | ArrowDataType::Interval(_) | ArrowDataType::Extension(_)
        );
        if nested || unknown {
            let dtype = format!("{dtype:?}");
            return Err(DataError::UnsupportedType {
                file: name.to_owned(),
                column: column.to_string(),
                dtype: dtype.split('(').next().unwrap_or_default().to_owned(),
            });
        }
    }
    Ok(())
}

/// Runs the decoder, which panics on some damaged files.
fn guarded<T>(name: &str, decode: impl FnOnce() -> PolarsResult<T>) -> Result<T, DataError> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(PolarsError::IO { error, .. })) if error.raw_os_error().is_some() => {
            let error = std::io::Error::new(error.kind(), error.to_string());
            Err(DataError::io("read", Path::new(name))(error))
        }
        Ok(Err(error)) => Err(damaged(name, &error.to_string())),
        Err(_) => Err(damaged(name, "its pages do not fit its metadata")),
    }
}

fn damaged(name: &str, problem: &str) -> DataError {
    DataError::Damaged {
        file: name.to_owned(),
        problem: problem.lines().next().unwrap_or_default().to_owned(),
    }
}
