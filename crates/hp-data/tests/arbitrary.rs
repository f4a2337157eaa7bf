//! Whatever the bytes of a file are, reading them ends in rows or in an error; whatever the
//! numbers of a table are, they survive being written.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use flate2::Compression;
use flate2::write::GzEncoder;
use hp_core::config::DataConfig;
use hp_core::fingerprint::Fingerprint;
use hp_core::table::Table;
use hp_data::{
    Batches, DataError, DataSet, Layout, Origin, Purpose, ReadOptions, Validated, validate,
};
use hp_testkit::test_data;
use proptest::prelude::*;
use std::fs;
use std::io::{Seek, Write};
use std::sync::LazyLock;

static BOSTON: LazyLock<DataConfig> = LazyLock::new(|| {
    let text = test_data(env!("CARGO_MANIFEST_DIR"), "boston.yaml");
    DataConfig::parse("boston.yaml", &fs::read_to_string(text).unwrap()).unwrap()
});

static TINY: LazyLock<DataConfig> = LazyLock::new(|| {
    let text = "
version: 1
name: tiny
sources: [{ path: tiny.csv }]
target: c
columns: [{ name: a, dtype: float }, { name: b, dtype: float }, { name: c, dtype: float }]
";
    DataConfig::parse("tiny.yaml", text).unwrap()
});

fn read(config: &DataConfig, bytes: &[u8]) -> Result<Validated, DataError> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    let layout = Layout::of(config);
    let options = ReadOptions::validating(config);
    let batches = Batches::from_file(file, "input", &layout, &options)?;
    validate(batches, &layout, Purpose::Labelled, &mut |_| ())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The report must account for every row.
fn consistent(validated: &Validated) -> bool {
    let rows = validated.table.n_rows() as u64;
    let columns = validated.table.features.iter();
    let faults: u64 = validated.faults.iter().map(|fault| fault.count).sum();
    columns
        .map(|column| column.len() as u64)
        .all(|length| length == rows)
        && rows + validated.rows_rejected == validated.rows_read
        && faults >= validated.rows_rejected
}

proptest! {
    #[test]
    fn any_bytes_are_rows_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = [b"a,b,c\n".as_slice(), &bytes].concat();
        for bytes in [bytes.clone(), gzip(&bytes), text.clone(), gzip(&text)] {
            if let Ok(validated) = read(&TINY, &bytes) {
                prop_assert!(consistent(&validated));
            }
        }
    }

    #[test]
    fn text_like_a_table_is_rows_or_an_error(
        text in "([0-9.e+-]{0,4}[,;\"\r\n\t| ]{1,2}){0,60}",
    ) {
        for header in ["a,b,c\n", "a;b;c\r\n", "\u{feff}\"a\"|b|c\r"] {
            match read(&TINY, format!("{header}{text}").as_bytes()) {
                Ok(validated) => prop_assert!(consistent(&validated)),
                Err(DataError::NoRows { .. } | DataError::UnclosedQuote { .. }) => {}
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
    }

    #[test]
    fn canonical_files_read_back_bit_for_bit(
        rows in prop::collection::vec(prop::array::uniform3(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL), 1..50),
    ) {
        let column = |index: usize| rows.iter().map(|row| row[index]).collect::<Vec<_>>();
        let table = Table { features: vec![column(0), column(1)], target: column(2) };
        let mut validated = read(&TINY, b"a,b,c\n1,2,3\n").unwrap();
        validated.table = table.clone();
        let origin = Origin {
            source: "rows".to_owned(),
            sha256: Fingerprint::of(b""),
            bytes: 0,
            fetched_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let folder = tempfile::tempdir().unwrap();
        let data_set = DataSet::new(folder.path(), "tiny");
        data_set.publish(&validated, &TINY, &origin).unwrap();
        let (loaded, manifest) = data_set.load(&TINY.schema).unwrap();
        prop_assert_eq!(&loaded, &table);
        // Validation reads the same file to the same numbers.
        let csv = fs::read(data_set.csv_path()).unwrap();
        prop_assert_eq!(manifest.fingerprint, Fingerprint::of(&csv));
        prop_assert_eq!(read(&TINY, &csv).unwrap().table, table);
    }
}

static PARQUET: LazyLock<Vec<u8>> =
    LazyLock::new(|| fs::read(test_data(env!("CARGO_MANIFEST_DIR"), "boston.parquet")).unwrap());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn damaged_parquet_is_rows_or_an_error(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        near_the_end in any::<bool>(),
    ) {
        let mut bytes = PARQUET.clone();
        // The metadata, where damage does most, is at the end.
        let start = if near_the_end { bytes.len() - 6000 } else { 4 };
        for (index, value) in flips {
            let length = bytes.len();
            bytes[start + index.index(length - start)] = value;
        }
        if let Ok(validated) = read(&BOSTON, &bytes) {
            prop_assert!(consistent(&validated));
        }
    }

    #[test]
    fn bytes_between_parquet_marks_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut file = b"PAR1".to_vec();
        file.extend_from_slice(&bytes);
        file.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_le_bytes());
        file.extend_from_slice(b"PAR1");
        prop_assert!(read(&BOSTON, &file).is_err());
    }
}
