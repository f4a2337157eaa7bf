//! Reading a CSV, gzipped CSV or Parquet file batch by batch, whatever its size.

use crate::batch::Batch;
use crate::csv_reader::CsvReader;
use crate::error::DataError;
use crate::layout::Layout;
use crate::parquet_reader::ParquetReader;
use hp_core::config::DataConfig;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// The longest line of a CSV file, in bytes.
    pub max_line_bytes: usize,
    /// The most bytes a file may hold, after decompression.
    pub max_bytes: u64,
    /// Rows of a batch, unless they are very long.
    pub batch_rows: usize,
    /// Whether columns unknown to the schema are skipped, instead of kept for the output.
    pub only_known: bool,
}

impl ReadOptions {
    /// For validating a data set, which ends up in memory.
    #[must_use]
    pub fn validating(config: &DataConfig) -> Self {
        Self {
            max_bytes: config.download.max_bytes,
            only_known: true,
            ..Self::scoring()
        }
    }

    /// For predictions, where a file may be larger than memory and every column is kept.
    #[must_use]
    pub fn scoring() -> Self {
        Self {
            max_line_bytes: 1 << 20,
            max_bytes: u64::MAX,
            batch_rows: 8192,
            only_known: false,
        }
    }
}

/// How far a file has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Bytes of the file that were read; estimated for Parquet.
    pub bytes: u64,
    /// Size of the file in bytes; 0 when it is not known.
    pub total_bytes: u64,
    /// Rows that were read.
    pub rows: u64,
    /// Rows of the file, when it says so.
    pub total_rows: Option<u64>,
}

/// An iterator over the rows of a file in batches. After an error it ends.
pub struct Batches {
    file: String,
    form: Form,
    rows: u64,
    total_bytes: u64,
    done: bool,
}

enum Form {
    Csv(Box<CsvReader>),
    Parquet(Box<ParquetReader>),
}

impl Batches {
    /// Opens a file. Its content decides how it is read: Parquet, gzip or text. The separator of
    /// a CSV file is that of `,` `;` tab `|` which makes the most columns of the schema appear.
    ///
    /// # Errors
    /// The file cannot be read, is empty, is of another kind than its name promises, or has an
    /// unusable header.
    pub fn open(
        path: &Path,
        layout: &Layout<'_>,
        options: &ReadOptions,
    ) -> Result<Self, DataError> {
        let file = File::open(path).map_err(DataError::io("open", path))?;
        Self::from_file(file, &path.display().to_string(), layout, options)
    }

    /// As [`open`](Self::open), for a file that is open already; `name` is what errors call it.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn from_file(
        mut file: File,
        name: &str,
        layout: &Layout<'_>,
        options: &ReadOptions,
    ) -> Result<Self, DataError> {
        let failed = DataError::io("read", Path::new(name));
        let metadata = file.metadata().map_err(&failed)?;
        let mut magic = Vec::with_capacity(4);
        (&mut file)
            .take(4)
            .read_to_end(&mut magic)
            .map_err(&failed)?;
        let form = if magic == b"PAR1" {
            Form::Parquet(Box::new(ParquetReader::open(file, name, layout, options)?))
        } else {
            check_name(name, &magic)?;
            let bytes = io::Cursor::new(magic).chain(file);
            Form::Csv(Box::new(CsvReader::new(bytes, name, layout, options)?))
        };
        Ok(Self {
            file: name.to_owned(),
            form,
            rows: 0,
            total_bytes: metadata.len(),
            done: false,
        })
    }

    /// Reads CSV, perhaps gzipped, from a stream; `name` is what errors call it.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn from_reader(
        reader: impl Read + Send + 'static,
        name: &str,
        layout: &Layout<'_>,
        options: &ReadOptions,
    ) -> Result<Self, DataError> {
        let reader = CsvReader::new(reader, name, layout, options)?;
        Ok(Self {
            file: name.to_owned(),
            form: Form::Csv(Box::new(reader)),
            rows: 0,
            total_bytes: 0,
            done: false,
        })
    }

    /// What errors call the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The names of its columns, as the file spells them.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        match &self.form {
            Form::Csv(reader) => reader.columns(),
            Form::Parquet(reader) => reader.columns(),
        }
    }

    /// How far the file has been read.
    #[must_use]
    pub fn position(&self) -> Position {
        let (bytes, total_rows) = match &self.form {
            Form::Csv(reader) => (reader.bytes_read(), None),
            Form::Parquet(reader) => {
                let total = reader.total_rows();
                let bytes =
                    u128::from(self.total_bytes) * u128::from(self.rows) / u128::from(total.max(1));
                (u64::try_from(bytes).unwrap_or(u64::MAX), Some(total))
            }
        };
        Position {
            bytes,
            total_bytes: self.total_bytes,
            rows: self.rows,
            total_rows,
        }
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let batch = match &mut self.form {
            Form::Csv(reader) => reader.next_batch(),
            Form::Parquet(reader) => reader.next_batch(),
        };
        match &batch {
            Ok(Some(batch)) => self.rows += batch.rows_read() as u64,
            Ok(None) | Err(_) => self.done = true,
        }
        batch.transpose()
    }
}

/// Refuses text under the name of a binary format: most likely an error page or half a file.
fn check_name(name: &str, magic: &[u8]) -> Result<(), DataError> {
    if magic.is_empty() {
        return Err(DataError::Empty {
            file: name.to_owned(),
        });
    }
    let name = name.split(['?', '#']).next().unwrap_or(name);
    let extension = Path::new(name).extension().unwrap_or_default();
    let promised = if extension.eq_ignore_ascii_case("parquet") {
        "Parquet"
    } else if extension.eq_ignore_ascii_case("gz") && !magic.starts_with(&[0x1f, 0x8b]) {
        "gzip"
    } else {
        return Ok(());
    };
    Err(DataError::Misnamed {
        file: name.to_owned(),
        promised,
    })
}
