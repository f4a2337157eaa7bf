//! A first look at a Parquet file. The decoder reserves memory for as many values as the file
//! claims to hold, and a damaged file may claim more than any memory has.

use super::thrift::{I32, STRUCT, Walker};
use polars::io::parquet::read::FileMetadata;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

/// Pages are about a megabyte; larger ones must not be compressed unbelievably well.
const COMMON_PAGE_BYTES: i64 = 64 << 20;
const BEST_COMPRESSION: i64 = 1000;
/// A page header with statistics of long texts takes some kilobytes.
const MAX_HEADER_BYTES: u64 = 16 << 20;

/// Whether the metadata at the end of `file` lies inside the file and is well-formed.
pub(super) fn check_footer(file: &mut File) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    if length < 12 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-8))?;
    let mut tail = [0; 8];
    file.read_exact(&mut tail)?;
    let [a, b, c, d, magic @ ..] = tail;
    let metadata_length = u64::from(u32::from_le_bytes([a, b, c, d]));
    if &magic != b"PAR1" || metadata_length + 12 > length {
        return Ok(false);
    }
    let metadata = read_at(file, length - 8 - metadata_length, metadata_length)?;
    Ok(Walker::new(&metadata).structure(0).is_some())
}

/// Whether the pages of `columns` lie inside `file` and hold the rows that `metadata` claims. The
/// columns must not be nested.
pub(super) fn check_pages(
    file: &mut File,
    metadata: &FileMetadata,
    columns: &[&str],
) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    for group in &metadata.row_groups {
        let rows = group.num_rows() as u64;
        for column in columns {
            let chunk = group.columns_under_root_iter(column);
            let Some(chunk) = chunk.and_then(|mut chunks| chunks.next()) else {
                return Ok(false);
            };
            let range = chunk.byte_range();
            let claimed = u64::try_from(chunk.num_values());
            if claimed != Ok(rows) || range.end > length || !check_chunk(file, range, rows)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn check_chunk(file: &mut File, range: Range<u64>, rows: u64) -> io::Result<bool> {
    let mut place = range.start;
    let mut values = 0;
    while values < rows {
        let Some((header, header_bytes)) = read_header(file, place..range.end)? else {
            return Ok(false);
        };
        let Some(page) = header.check() else {
            return Ok(false);
        };
        place = place.saturating_add(header_bytes + page.bytes);
        if place > range.end {
            return Ok(false);
        }
        values += page.rows;
    }
    Ok(values == rows)
}

/// Reads the header of the page that begins at the start of `range`, and its length.
fn read_header(file: &mut File, range: Range<u64>) -> io::Result<Option<(PageHeader, u64)>> {
    let available = range.end.saturating_sub(range.start);
    let mut window = 512;
    loop {
        let bytes = read_at(file, range.start, window.min(available))?;
        let mut walker = Walker::new(&bytes);
        if let Some(header) = PageHeader::read(&mut walker) {
            let length = bytes.len() - walker.rest().len();
            return Ok(Some((header, length as u64)));
        }
        if window >= available || window >= MAX_HEADER_BYTES {
            return Ok(None);
        }
        window *= 8;
    }
}

fn read_at(file: &mut File, place: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(place))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The numbers of a page header that decide how much memory the page needs.
#[derive(Default)]
struct PageHeader {
    uncompressed: i64,
    compressed: i64,
    data_values: Option<i64>,
    dictionary_values: Option<i64>,
}

/// A page that can be decoded.
struct Page {
    /// Length of its compressed content.
    bytes: u64,
    /// Rows of the column, none for a dictionary.
    rows: u64,
}

impl PageHeader {
    /// <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>
    fn read(walker: &mut Walker<'_>) -> Option<Self> {
        let mut header = Self::default();
        walker.fields(|walker, field, kind| {
            match (field, kind) {
                (2, I32) => header.uncompressed = walker.integer()?,
                (3, I32) => header.compressed = walker.integer()?,
                (5 | 8, STRUCT) => header.data_values = Some(read_count(walker)?),
                (7, STRUCT) => header.dictionary_values = Some(read_count(walker)?),
                _ => walker.value(kind, 0)?,
            }
            Some(())
        })?;
        Some(header)
    }

    fn check(&self) -> Option<Page> {
        let believable = COMMON_PAGE_BYTES.max(self.compressed.saturating_mul(BEST_COMPRESSION));
        if !(0..=believable).contains(&self.uncompressed) {
            return None;
        }
        if let Some(values) = self.dictionary_values
            && !(0..=self.uncompressed).contains(&values)
        {
            return None;
        }
        let rows = self.data_values.unwrap_or(0);
        Some(Page {
            bytes: u64::try_from(self.compressed).ok()?,
            // The format's own limit.
            rows: u32::try_from(rows).ok()?.into(),
        })
    }
}

/// Reads the number of values, the first field of the header of each kind of page.
fn read_count(walker: &mut Walker<'_>) -> Option<i64> {
    let mut count = None;
    walker.fields(|walker, field, kind| {
        if (field, kind) == (1, I32) {
            count = Some(walker.integer()?);
            Some(())
        } else {
            walker.value(kind, 1)
        }
    })?;
    count
}
