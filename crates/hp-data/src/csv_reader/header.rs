//! The header of a CSV file: whether it is text at all, its separator, its column names.

use super::text::{Text, without_bom};
use crate::error::DataError;
use crate::layout::Layout;
use crate::reader::ReadOptions;

const SEPARATORS: [u8; 4] = *b",;\t|";

/// The first line of a CSV file.
pub(super) struct Header {
    pub(super) separator: u8,
    pub(super) columns: Vec<String>,
}

impl Header {
    /// Reads the header at the beginning of `head`.
    pub(super) fn detect(
        file: &str,
        head: &[u8],
        layout: &Layout<'_>,
        options: &ReadOptions,
    ) -> Result<Self, DataError> {
        check_encoding(file, head)?;
        let text = without_bom(head);
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(DataError::Empty {
                file: file.to_owned(),
            });
        }
        let mut best: Option<(usize, Self)> = None;
        for separator in SEPARATORS {
            let columns = names(file, text, separator, options)?;
            let known = layout.known(&columns);
            if best.as_ref().is_none_or(|(most, _)| known > *most) {
                best = Some((known, Self { separator, columns }));
            }
        }
        match best {
            Some((known, header)) if known > 0 => {
                layout.check_unique(file, &header.columns)?;
                Ok(header)
            }
            _ => Err(DataError::UnknownHeader {
                file: file.to_owned(),
                header: first_line(text),
            }),
        }
    }
}

fn check_encoding(file: &str, head: &[u8]) -> Result<(), DataError> {
    let file = || file.to_owned();
    let start = &head[..head.len().min(512)];
    let zeros = |parity: usize| {
        let bytes = start.iter().skip(parity).step_by(2);
        bytes.filter(|&&byte| byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    // Without a byte order mark, ASCII in UTF-16 has a zero in every other byte.
    let alternating = even.min(odd) == 0 && even.max(odd) * 4 > start.len();
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") || alternating {
        return Err(DataError::Utf16 { file: file() });
    }
    let found = if start.starts_with(b"PK\x03\x04") {
        "a zip archive or an Excel workbook"
    } else if start.starts_with(b"\x28\xb5\x2f\xfd") {
        "compressed with zstd"
    } else if start.starts_with(b"PAR1") {
        "compressed Parquet"
    } else if start.starts_with(b"<") {
        "HTML or XML"
    } else if even + odd > 0 {
        "binary"
    } else {
        return Ok(());
    };
    Err(DataError::Foreign {
        file: file(),
        found,
    })
}

fn names(
    file: &str,
    text: &[u8],
    separator: u8,
    options: &ReadOptions,
) -> Result<Vec<String>, DataError> {
    let mut text = Text::new(text, u64::MAX);
    text.allow_line(options.max_line_bytes);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let mut record = csv::StringRecord::new();
    reader
        .read_record(&mut record)
        .map_err(|error| super::csv_failed(file, options, 1, error))?;
    if record.as_slice().len() > options.max_line_bytes {
        return Err(DataError::LineTooLong {
            file: file.to_owned(),
            line: 1,
            limit: options.max_line_bytes,
        });
    }
    let columns = record.iter().enumerate().map(|(index, name)| {
        let name = name.trim();
        if name.is_empty() {
            // The unnamed index column that some tools write.
            format!("column {}", index + 1)
        } else {
            name.to_owned()
        }
    });
    Ok(columns.collect())
}

fn first_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(400)]);
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or_default().chars().take(80).collect()
}
