//! CSV, plain or gzipped, from any stream: rows with the line they begin on.

mod header;
mod text;

use crate::batch::{Batch, Cells, RaggedRow, TextCells};
use crate::error::DataError;
use crate::layout::{ColumnRole, Layout};
use crate::reader::ReadOptions;
use flate2::read::MultiGzDecoder;
use header::Header;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use text::Text;

/// Text of a batch after which it is handed over, however few rows it has.
const BATCH_BYTES: usize = 16 << 20;

/// Reads the records of a CSV stream.
pub(crate) struct CsvReader {
    file: String,
    columns: Vec<String>,
    /// Whether the schema knows each column.
    known: Vec<bool>,
    records: csv::Reader<Text<Stream>>,
    record: csv::ByteRecord,
    bytes_read: Arc<AtomicU64>,
    options: ReadOptions,
}

type Stream = Box<dyn Read + Send>;

impl CsvReader {
    /// Reads the header of `reader`.
    pub(crate) fn new(
        reader: impl Read + Send + 'static,
        file: &str,
        layout: &Layout<'_>,
        options: &ReadOptions,
    ) -> Result<Self, DataError> {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            reader,
            bytes: Arc::clone(&bytes_read),
        };
        let failed = |error| read_failed(file, error);
        let mut stream = decompressed(counted).map_err(failed)?;
        let mut head = Vec::new();
        // One byte more than a header may have shows whether it is too long.
        (&mut stream)
            .take(options.max_line_bytes as u64 + 1)
            .read_to_end(&mut head)
            .map_err(failed)?;
        let header = Header::detect(file, &head, layout, options)?;
        let start = head.len() - text::without_bom(&head).len();
        let mut head = io::Cursor::new(head);
        head.set_position(start as u64);
        let stream: Stream = Box::new(head.chain(stream));
        let mut records = csv::ReaderBuilder::new()
            .delimiter(header.separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(Text::new(stream, options.max_bytes));
        let mut record = csv::ByteRecord::new();
        records.get_mut().allow_line(options.max_line_bytes);
        records
            .read_byte_record(&mut record)
            .map_err(|error| csv_failed(file, options, 1, error))?;
        if records.get_ref().at_end() {
            return Err(DataError::UnclosedQuote {
                file: file.to_owned(),
                line: 1,
            });
        }
        let known = header.columns.iter().map(|name| {
            let role = layout.role(name);
            !matches!(role, ColumnRole::Extra | ColumnRole::Dropped)
        });
        Ok(Self {
            file: file.to_owned(),
            known: known.collect(),
            columns: header.columns,
            records,
            record,
            bytes_read,
            options: *options,
        })
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// The next rows, or nothing at the end of the file.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, DataError> {
        let kept = self
            .known
            .iter()
            .map(|&known| known || !self.options.only_known);
        let kept: Vec<bool> = kept.collect();
        let mut cells: Vec<_> = kept.iter().map(|_| TextCells::default()).collect();
        let mut lines = Vec::new();
        let mut ragged = Vec::new();
        let mut bytes = 0;
        while lines.len() + ragged.len() < self.options.batch_rows && bytes < BATCH_BYTES {
            let Some(line) = self.next_record()? else {
                break;
            };
            bytes += self.record.as_slice().len();
            let found = self.record.len();
            if found == self.columns.len() {
                lines.push(line);
            } else {
                ragged.push(RaggedRow { line, found });
                continue;
            }
            for ((cells, &kept), cell) in cells.iter_mut().zip(&kept).zip(&self.record) {
                let text = std::str::from_utf8(cell).map_err(|_| DataError::NotUtf8 {
                    file: self.file.clone(),
                    line,
                })?;
                if kept {
                    cells.push(text);
                }
            }
        }
        if lines.is_empty() && ragged.is_empty() {
            return Ok(None);
        }
        let cells = cells.into_iter().zip(kept).map(|(cells, kept)| {
            if kept {
                Cells::Text(cells)
            } else {
                Cells::Skipped
            }
        });
        Ok(Some(Batch::new(lines, ragged, cells.collect())))
    }

    /// Reads one record and returns the line on which it begins.
    fn next_record(&mut self) -> Result<Option<u64>, DataError> {
        let earliest = self.records.position().line();
        self.records
            .get_mut()
            .allow_line(self.options.max_line_bytes);
        let more = self.records.read_byte_record(&mut self.record);
        let more = more.map_err(|error| csv_failed(&self.file, &self.options, earliest, error))?;
        let text = self.record.as_slice();
        if text.len() > self.options.max_line_bytes {
            return Err(DataError::LineTooLong {
                file: self.file.clone(),
                line: earliest,
                limit: self.options.max_line_bytes,
            });
        }
        // The parser's own position would be that of blank lines before the record.
        let breaks = count_breaks(text);
        let after = self.records.position().line();
        let own_end = u64::from(!self.records.get_ref().at_end());
        let line = after.saturating_sub(own_end + breaks).max(earliest);
        if breaks > 0
            && let Some(above) = self.unclosed_quote()
        {
            return Err(DataError::UnclosedQuote {
                file: self.file.clone(),
                line: line + above,
            });
        }
        Ok(more.then_some(line))
    }

    /// How many lines of the record stand above a quotation mark that seems never to be closed: it
    /// joins lines up to the next one, or to the end of the file. Text may hold line breaks, so
    /// that only those in a column of the schema or in a row of the wrong length are suspicious.
    fn unclosed_quote(&self) -> Option<u64> {
        let ragged = self.record.len() != self.columns.len();
        let suspicious =
            |(index, cell): (usize, &[u8])| cell.contains(&b'\n') && (ragged || self.known[index]);
        let index = match self.record.iter().enumerate().position(suspicious) {
            // Every line ends, so that only a quotation mark lets a record end with the file.
            None if self.records.get_ref().at_end() => self.record.len().checked_sub(1),
            index => index,
        };
        let above = self.record.iter().take(index?);
        Some(above.map(count_breaks).sum())
    }
}

fn count_breaks(text: &[u8]) -> u64 {
    text.split(|&byte| byte == b'\n').count() as u64 - 1
}

/// Counts the bytes taken from a stream.
struct Counted<R> {
    reader: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn decompressed(reader: impl Read + Send + 'static) -> io::Result<Stream> {
    let mut reader = BufReader::with_capacity(1 << 16, reader);
    let mut magic = Vec::with_capacity(2);
    (&mut reader).take(2).read_to_end(&mut magic)?;
    let gzipped = magic == [0x1f, 0x8b];
    let whole = io::Cursor::new(magic).chain(reader);
    Ok(if gzipped {
        Box::new(MultiGzDecoder::new(whole))
    } else {
        Box::new(whole)
    })
}

fn read_failed(file: &str, error: io::Error) -> DataError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => DataError::Damaged {
            file: file.to_owned(),
            problem: "it ends in the middle of the compressed data".to_owned(),
        },
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => DataError::Damaged {
            file: file.to_owned(),
            problem: error.to_string(),
        },
        _ => DataError::io("read", Path::new(file))(error),
    }
}

fn csv_failed(file: &str, options: &ReadOptions, earliest: u64, error: csv::Error) -> DataError {
    let file = file.to_owned();
    match error.into_kind() {
        csv::ErrorKind::Utf8 { pos, .. } => DataError::NotUtf8 {
            file,
            line: pos.map_or(earliest, |position| position.line().max(earliest)),
        },
        csv::ErrorKind::Io(error) => match text::Excess::of(&error) {
            Some(text::Excess::Line) => DataError::LineTooLong {
                file,
                line: earliest,
                limit: options.max_line_bytes,
            },
            Some(text::Excess::File) => DataError::TooLarge {
                file,
                limit: options.max_bytes,
            },
            None => read_failed(&file, error),
        },
        other => DataError::Damaged {
            file,
            problem: format!("{other:?}"),
        },
    }
}
