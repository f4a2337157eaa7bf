//! Parquet in, slice by slice, whatever the types of its columns.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use hp_core::config::DataConfig;
use hp_data::{
    Batches, Checker, DataError, DataSet, Layout, Origin, Purpose, ReadOptions, Validated, validate,
};
use hp_testkit::test_data;
use std::path::Path;

fn fixture(name: &str) -> std::path::PathBuf {
    test_data(env!("CARGO_MANIFEST_DIR"), name)
}

fn boston() -> DataConfig {
    let text = std::fs::read_to_string(fixture("boston.yaml")).unwrap();
    DataConfig::parse("boston.yaml", &text).unwrap()
}

fn read(config: &DataConfig, path: &Path) -> Result<Validated, DataError> {
    let layout = Layout::of(config);
    let batches = Batches::open(path, &layout, &ReadOptions::validating(config))?;
    validate(batches, &layout, Purpose::Labelled, &mut |_| ())
}

#[test]
fn the_same_rows_have_the_same_fingerprint_in_every_format() {
    let config = boston();
    let folder = tempfile::tempdir().unwrap();
    let fingerprints = ["boston_raw.csv", "boston.parquet"].map(|name| {
        let validated = read(&config, &fixture(name)).unwrap();
        assert_eq!(validated.rows_rejected, 0, "{:?}", validated.rejections);
        assert_eq!(validated.dropped_columns, ["B"]);
        let origin = Origin {
            source: name.to_owned(),
            sha256: hp_core::fingerprint::Fingerprint::of(b""),
            bytes: 0,
            fetched_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let data_set = DataSet::new(folder.path(), name);
        data_set
            .publish(&validated, &config, &origin)
            .unwrap()
            .fingerprint
    });
    assert_eq!(fingerprints[0], fingerprints[1]);
}

#[test]
fn rows_are_numbered_across_row_groups() {
    let config = boston();
    let layout = Layout::of(&config);
    let options = ReadOptions {
        batch_rows: 150,
        ..ReadOptions::scoring()
    };
    let mut batches = Batches::open(&fixture("boston.parquet"), &layout, &options).unwrap();
    assert_eq!(batches.columns().len(), 14);
    assert_eq!(batches.position().total_rows, Some(506));
    let mut lines = Vec::new();
    let mut targets = Vec::new();
    for batch in batches.by_ref() {
        let batch = batch.unwrap();
        lines.extend_from_slice(batch.lines());
        targets.extend((0..batch.n_rows()).map(|row| batch.text(row, 13).into_owned()));
    }
    assert!(lines.iter().copied().eq(1..=506));
    assert_eq!(batches.position().rows, 506);
    assert_eq!(batches.position().bytes, batches.position().total_bytes);
    let csv = std::fs::read_to_string(fixture("boston_raw.csv")).unwrap();
    let expected: Vec<_> = csv
        .lines()
        .skip(1)
        .map(|row| row.rsplit(',').next().unwrap())
        .collect();
    assert_eq!(targets, expected);
}

fn one_column() -> DataConfig {
    let text = "
version: 1
name: one
sources: [{ path: one.parquet }]
target: t
columns: [{ name: x, dtype: float }, { name: t, dtype: float }]
";
    DataConfig::parse("one.yaml", text).unwrap()
}

/// The three values of a fixture, as rows are checked for prediction: numbers, or broken rules.
fn checked(dtype: &str) -> Result<Vec<String>, DataError> {
    let config = one_column();
    let layout = Layout::of(&config);
    let path = fixture(&format!("types/{dtype}.parquet"));
    let mut batches = Batches::open(&path, &layout, &ReadOptions::scoring())?;
    let purpose = Purpose::Scoring {
        allow_out_of_range: false,
    };
    let checker = Checker::new(layout, purpose, batches.file(), batches.columns())?;
    let batch = batches.next().unwrap()?;
    let checked = checker.check(&batch);
    let rows = (0..batch.n_rows()).map(|row| {
        let line = row as u64 + 1;
        let rejection = checked.rejections.iter().find(|r| r.line == line);
        rejection.map_or_else(
            || {
                let valid = checked.rows.iter().position(|&valid| valid == row);
                checked.features[0][valid.unwrap()].to_string()
            },
            |rejection| format!("{} {}", rejection.value, rejection.fault.name()),
        )
    });
    Ok(rows.collect())
}

#[test]
fn numbers_of_every_width_are_read() {
    for dtype in [
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float",
        "double",
        "decimal",
        "string",
        "large_string",
        "category",
    ] {
        assert_eq!(checked(dtype).unwrap(), ["1", "2", " missing"], "{dtype}");
    }
}

#[test]
fn values_of_other_types_are_not_numbers() {
    let not_a_number = |text: [&str; 2]| {
        let [a, b] = text.map(|text| format!("{text} not_a_number"));
        [a, b, " missing".to_owned()]
    };
    assert_eq!(checked("bool").unwrap(), not_a_number(["true", "false"]));
    assert_eq!(checked("date").unwrap(), not_a_number(["2024-02-29"; 2]));
    assert_eq!(
        checked("timestamp").unwrap(),
        not_a_number(["2024-02-29 12:00:00"; 2])
    );
    assert_eq!(checked("time").unwrap(), not_a_number(["12:00:00"; 2]));
    assert_eq!(checked("duration").unwrap(), not_a_number(["1d"; 2]));
    assert_eq!(
        checked("binary").unwrap(),
        not_a_number([r#"b"1""#, r#"b"2""#])
    );
    assert_eq!(checked("null").unwrap(), [" missing"; 3]);
}

#[test]
fn types_without_one_value_for_each_row_are_refused() {
    let refused = |name: &str| {
        let error = checked(name).unwrap_err();
        assert!(
            matches!(error, DataError::UnsupportedType { .. }),
            "{error}"
        );
        let text = error.to_string();
        text.split_once("is of type ").unwrap().1.to_owned()
    };
    assert_eq!(refused("float16"), "Float16, which is not supported");
    assert_eq!(refused("list"), "LargeList, which is not supported");
    assert_eq!(refused("struct"), "Struct, which is not supported");
}

#[test]
fn a_file_larger_than_allowed_is_refused_before_it_is_decoded() {
    let mut config = boston();
    config.download.max_bytes = 506 * 13 * 8 - 1;
    let error = read(&config, &fixture("boston.parquet")).unwrap_err();
    assert!(matches!(error, DataError::TooLarge { .. }), "{error}");
    config.download.max_bytes += 1;
    assert!(read(&config, &fixture("boston.parquet")).is_ok());
}

#[test]
fn a_truncated_file_is_an_error() {
    let whole = std::fs::read(fixture("boston.parquet")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.parquet");
    for length in [4, 8, 12, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = read(&boston(), &path).unwrap_err();
        assert!(
            matches!(error, DataError::Damaged { .. }),
            "{length}: {error}"
        );
    }
}
