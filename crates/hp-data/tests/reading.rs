//! Reading CSV in all its spellings, and refusing what is no table.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use flate2::Compression;
use flate2::write::GzEncoder;
use hp_core::config::DataConfig;
use hp_data::{Batches, DataError, Layout, Purpose, ReadOptions, Validated, validate};
use std::io::{self, Read, Write};

const CONFIG: &str = r#"
version: 1
name: tiny
sources: [{ path: tiny.csv }]
rename: upper
max_rejected: 0.5
target: "Y"
columns:
  - { name: A, dtype: float, min: 0, max: 10 }
  - { name: "N", dtype: integer }
  - { name: "Y", dtype: float }
"#;

fn config() -> DataConfig {
    DataConfig::parse("tiny.yaml", CONFIG).unwrap()
}

fn read_with(
    options: &ReadOptions,
    name: &str,
    reader: impl Read + Send + 'static,
) -> Result<Validated, DataError> {
    let config = config();
    let layout = Layout::of(&config);
    let batches = Batches::from_reader(reader, name, &layout, options)?;
    validate(batches, &layout, Purpose::Labelled, &mut |_| ())
}

fn read(bytes: impl Into<Vec<u8>>) -> Result<Validated, DataError> {
    let bytes = io::Cursor::new(bytes.into());
    read_with(&ReadOptions::validating(&config()), "tiny.csv", bytes)
}

fn rows(validated: &Validated) -> Vec<[f64; 3]> {
    let table = &validated.table;
    let row = |row| {
        [
            table.features[0][row],
            table.features[1][row],
            table.target[row],
        ]
    };
    (0..table.n_rows()).map(row).collect()
}

fn lines(validated: &Validated) -> Vec<u64> {
    validated.rejections.iter().map(|r| r.line).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

const TABLE: [[f64; 3]; 2] = [[1.5, 2.0, 3.0], [4.0, 5.0, 6.0]];

#[test]
fn every_spelling_of_a_table_gives_the_same_rows() {
    for text in [
        "a,n,y\n1.5,2,3\n4,5,6\n",
        "a,n,y\n1.5,2,3\n4,5,6",
        "a,n,y\r\n1.5,2,3\r\n4,5,6\r\n",
        "a,n,y\r1.5,2,3\r4,5,6\r",
        "a;n;y\n1.5;2;3\n4;5;6\n",
        "a\tn\ty\n1.5\t2\t3\n4\t5\t6\n",
        "a|n|y\n1.5|2|3\n4|5|6\n",
        "\u{feff}a,n,y\n1.5,2,3\n4,5,6\n",
        "\u{feff}\"a\",\"n\",\"y\"\n\"1.5\",\"2\",\"3\"\n4,\"5\",6\n",
        "\n\na, n ,y\n\n1.5, 2.0 ,3e0\n\n\n+4,5,6\n\n",
        "y,A,n,other\n3,1.5,2,x\n6,4,5,\n",
    ] {
        let validated = read(text).unwrap();
        assert_eq!(rows(&validated), TABLE, "{text:?}");
        assert_eq!(validated.rows_rejected, 0, "{text:?}");
        let zipped = read(gzip(text.as_bytes())).unwrap();
        assert_eq!(zipped.table, validated.table, "{text:?} gzipped");
    }
}

#[test]
fn concatenated_gzip_members_are_one_file() {
    let mut bytes = gzip(b"a,n,y\n1.5,2,3\n");
    bytes.extend(gzip(b"4,5,6\n"));
    assert_eq!(rows(&read(bytes).unwrap()), TABLE);
}

#[test]
fn a_row_is_named_by_the_line_it_begins_on() {
    for end in ["\n", "\r\n", "\r"] {
        let text = [
            "a,n,y,note",
            "",
            "x,1,1,ok",
            "",
            "",
            "1,2,3,\"two",
            "lines\"",
            "x,2,3,",
        ];
        let mut text = text.join(end);
        assert_eq!(lines(&read(text.as_str()).unwrap()), [3, 8], "{end:?}");
        text.push_str(end);
        assert_eq!(lines(&read(text).unwrap()), [3, 8], "{end:?} at the end");
    }
}

/// The line on which reading finds a quotation mark that is never closed.
fn unclosed(text: &str) -> Option<u64> {
    match read(text) {
        Err(DataError::UnclosedQuote { line, .. }) => Some(line),
        Err(error) => panic!("{text:?}: {error}"),
        Ok(_) => None,
    }
}

#[test]
fn a_quotation_mark_never_closed_is_told_and_swallows_no_rows() {
    for (text, line) in [
        // To the end of the file, in each kind of column.
        ("a,n,y\n1,2,3\n1,2,\"3\n1,2,3\n", 3),
        ("a,n,y\n1,2,3\n\"1,2,3\n1,2,3\n", 3),
        ("a,n,y\n\n1,2,\"3", 3),
        ("a,n,y,note\n1,2,3,x\n1,2,3,\"x\n1,2,3,x\n", 3),
        ("a,n,y,note\n1,2,3,\"two\nlines\"\n1,2,3,\"x\n1,2,3,x", 4),
        ("note,a,n,y\n\"two\nlines\",1,2,\"3\n1,2,3\n", 3),
        ("note,a,n,y\n\"two\nlines\",1,2,\"3\nx,4,5,6\n", 3),
        ("a,n,y,\"note\n1,2,3,x\n", 1),
        // To the next quotation mark.
        ("a,n,y\n1,2,3\n1,\"2,3\n1,2,3\n1,2,3\n4,\"2\",3\n1,2,3\n", 3),
        ("a,n,y,note\n1,2,\"3,x\n1,2,3,x\n1,2,3,\"x\"\n1,2,3,x\n", 2),
        ("a,n,y\n1,2,\"3\n\"\n", 2),
    ] {
        assert_eq!(unclosed(text), Some(line), "{text:?}");
    }
    assert_eq!(unclosed("a,n,y,note\n1,2,3,\"two\nlines\""), None);
    assert_eq!(unclosed("a,n,y,note\n1,2,3,\"two\n\"\n4,5,6,x\n"), None);
    let error = read("a,n,y\n1,2,\"3").unwrap_err();
    assert_eq!(
        error.to_string(),
        "a quotation mark opens on line 2 of `tiny.csv` and is not closed there"
    );
    assert!(error.hint().unwrap().contains("quotation mark"));
}

#[test]
fn a_row_with_another_number_of_fields_is_rejected() {
    let validated = read("a,n,y\n1,2\n1,2,3\n1,2,3,4\nword\n").unwrap();
    assert_eq!(validated.rows_read, 4);
    assert_eq!(validated.rows_rejected, 3);
    let faults: Vec<_> = validated
        .rejections
        .iter()
        .map(|r| format!("line {}: {} {}", r.line, r.value, r.fault))
        .collect();
    assert_eq!(
        faults,
        [
            "line 2: 2 fields instead of 3",
            "line 4: 4 fields instead of 3",
            "line 5: 1 fields instead of 3"
        ]
    );
}

#[test]
fn what_is_no_table_is_refused_with_a_reason() {
    let cases: [(&[u8], &str); 14] = [
        (b"", "`tiny.csv` is empty"),
        (b" \n\r\n\t", "`tiny.csv` is empty"),
        (b"\xef\xbb\xbf", "`tiny.csv` is empty"),
        (b"a,n,y\n", "`tiny.csv` has a header but no rows"),
        (b"a,n,y\n\n\n", "`tiny.csv` has a header but no rows"),
        (b"a,n\n1,2\n", "`tiny.csv` lacks the column `Y`"),
        (b"n\n2\n", "`tiny.csv` lacks the columns `A`, `Y`"),
        (
            b"a,n,y,A\n1,2,3,4\n",
            "column `A` appears twice in `tiny.csv`, as columns 1 and 4",
        ),
        (
            b"a:n:y\n1:2:3\n",
            "the header of `tiny.csv` names no known column: `a:n:y`",
        ),
        (
            b"1,2,3\n4,5,6\n",
            "the header of `tiny.csv` names no known column: `1,2,3`",
        ),
        (
            b"a,n,y\n1,2,3\n\n1,\xe9,3\n",
            "line 4 of `tiny.csv` is not valid UTF-8",
        ),
        (
            b"PK\x03\x04rest",
            "`tiny.csv` is a zip archive or an Excel workbook, not a CSV or Parquet file",
        ),
        (
            b"<!doctype html>",
            "`tiny.csv` is HTML or XML, not a CSV or Parquet file",
        ),
        (
            b"a,n,y\0\n",
            "`tiny.csv` is binary, not a CSV or Parquet file",
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(read(bytes).unwrap_err().to_string(), expected);
    }
}

#[test]
fn utf16_is_recognised_with_and_without_its_mark() {
    let text = "a,n,y\n1,2,3\n";
    let marked = format!("\u{feff}{text}");
    for bytes in [
        utf16(&marked, u16::to_le_bytes),
        utf16(&marked, u16::to_be_bytes),
        utf16(text, u16::to_le_bytes),
        utf16(text, u16::to_be_bytes),
    ] {
        let error = read(bytes).unwrap_err();
        assert!(matches!(error, DataError::Utf16 { .. }), "{error}");
        assert!(error.hint().unwrap().contains("iconv"));
    }
}

/// Endless bytes after a header.
struct Endless {
    header: io::Cursor<&'static [u8]>,
    served: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let header = self.header.read(buffer)?;
        if header > 0 {
            return Ok(header);
        }
        assert!(self.served < 1 << 30, "a gigabyte was read of one line");
        self.served += buffer.len() as u64;
        buffer.fill(b'1');
        Ok(buffer.len())
    }
}

#[test]
fn a_line_without_end_is_refused_early() {
    for header in ["", "a,n,y\n", "a,n,y\n1,2,3\n1,2,\""] {
        let reader = Endless {
            header: io::Cursor::new(header.as_bytes()),
            served: 0,
        };
        let options = ReadOptions::validating(&config());
        let error = read_with(&options, "tiny.csv", reader).unwrap_err();
        let line = header.lines().count().max(1) as u64 + u64::from(header == "a,n,y\n");
        match error {
            DataError::LineTooLong {
                line: found, limit, ..
            } => {
                assert_eq!((found, limit), (line, 1 << 20), "{header:?}");
            }
            other => panic!("{header:?}: {other}"),
        }
    }
}

#[test]
fn the_longest_line_is_exactly_the_limit() {
    let options = ReadOptions {
        max_line_bytes: 100,
        ..ReadOptions::scoring()
    };
    // The limit counts the text of a record without separators.
    for (digits, fits) in [(98, true), (99, false)] {
        let text = format!("a,n,y\n1,2,{}\n1,2,3\n", "1".repeat(digits));
        let read = read_with(&options, "tiny.csv", io::Cursor::new(text.into_bytes()));
        assert_eq!(read.is_ok(), fits, "{digits}");
    }
}

#[test]
fn a_decompression_bomb_is_stopped_at_the_size_cap() {
    let options = ReadOptions {
        max_bytes: 1 << 20,
        ..ReadOptions::scoring()
    };
    let mut text = b"a,n,y\n".to_vec();
    text.extend(b"1,2,3\n".repeat(1 << 20));
    let bomb = gzip(&text);
    assert!(bomb.len() < 1 << 15);
    let error = read_with(&options, "tiny.csv.gz", io::Cursor::new(bomb)).unwrap_err();
    assert!(matches!(error, DataError::TooLarge { .. }), "{error}");
}

#[test]
fn damaged_gzip_is_an_error() {
    let mut text = b"a,n,y\n".to_vec();
    text.extend(b"1,2,3\n".repeat(10_000));
    let whole = gzip(&text);
    let error = read(&whole[..whole.len() / 2]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`tiny.csv` is damaged: it ends in the middle of the compressed data"
    );
    let mut flipped = whole.clone();
    let checksum = flipped.len() - 6;
    flipped[checksum] ^= 1;
    assert!(matches!(read(flipped), Err(DataError::Damaged { .. })));
}

#[test]
fn a_name_must_not_promise_another_format() {
    let folder = tempfile::tempdir().unwrap();
    let config = config();
    let layout = Layout::of(&config);
    let options = ReadOptions::scoring();
    let open = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        Batches::open(&path, &layout, &options).map(|_| ())
    };
    let table = b"a,n,y\n1,2,3\n";
    assert!(open("table.csv", table).is_ok());
    assert!(open("table.csv.gz", &gzip(table)).is_ok());
    assert!(open("gzip_after_all.csv", &gzip(table)).is_ok());
    let error = open("table.parquet", table).unwrap_err().to_string();
    assert!(
        error.ends_with("is named like a Parquet file but is none"),
        "{error}"
    );
    let error = open("table.csv.gz", table).unwrap_err().to_string();
    assert!(
        error.ends_with("is named like a gzip file but is none"),
        "{error}"
    );
    assert!(matches!(
        open("empty.parquet", b""),
        Err(DataError::Empty { .. })
    ));
}

#[test]
fn a_path_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = config();
    let layout = Layout::of(&config);
    let options = ReadOptions::scoring();
    let missing = folder.path().join("missing.csv");
    let error = Batches::open(&missing, &layout, &options).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!("cannot open `{}`", missing.display())
    );
    assert_eq!(error.hint().as_deref(), Some("check the path"));
    let error = Batches::open(folder.path(), &layout, &options)
        .err()
        .unwrap();
    assert_eq!(error.hint().as_deref(), Some("name a file, not a folder"));
}

#[test]
fn batches_report_their_position() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    let mut text = "a,n,y\n".to_owned();
    text.push_str(&"1,2,3\n".repeat(20_000));
    std::fs::write(&path, &text).unwrap();
    let config = config();
    let layout = Layout::of(&config);
    let mut batches = Batches::open(&path, &layout, &ReadOptions::scoring()).unwrap();
    assert_eq!(batches.columns(), ["a", "n", "y"]);
    let sizes: Vec<_> = batches
        .by_ref()
        .map(|batch| batch.unwrap().n_rows())
        .collect();
    assert_eq!(sizes, [8192, 8192, 3616]);
    let position = batches.position();
    assert_eq!(position.rows, 20_000);
    assert_eq!(
        (position.bytes, position.total_bytes),
        (text.len() as u64, text.len() as u64)
    );
}
