//! Every cell is checked and every fault reported.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use hp_core::config::DataConfig;
use hp_core::fingerprint::Fingerprint;
use hp_data::{
    Batches, Checker, DataError, DataSet, Layout, MAX_REJECTIONS, Origin, Policy, Purpose,
    ReadOptions, Validated, validate,
};
use hp_testkit::test_data;
use jiff::Timestamp;
use std::io;

const CONFIG: &str = r#"
version: 1
name: tiny
sources: [{ path: tiny.csv }]
rename: upper
drop: [B]
target: "Y"
columns:
  - { name: A, dtype: float, min: 0, max: 10 }
  - { name: "N", dtype: integer, allowed: [0, 1] }
  - { name: "Y", dtype: float }
"#;

fn config() -> DataConfig {
    DataConfig::parse("tiny.yaml", CONFIG).unwrap()
}

fn read(text: &str) -> Result<Validated, DataError> {
    let config = config();
    let layout = Layout::of(&config);
    let reader = io::Cursor::new(text.as_bytes().to_vec());
    let options = ReadOptions::validating(&config);
    let batches = Batches::from_reader(reader, "tiny.csv", &layout, &options)?;
    validate(batches, &layout, Purpose::Labelled, &mut |_| ())
}

#[test]
fn the_real_data_set_is_valid() {
    let path = test_data(env!("CARGO_MANIFEST_DIR"), "boston.yaml");
    let config = std::fs::read_to_string(path).unwrap();
    let config = DataConfig::parse("boston.yaml", &config).unwrap();
    let layout = Layout::of(&config);
    let path = test_data(env!("CARGO_MANIFEST_DIR"), "boston_raw.csv");
    let batches = Batches::open(&path, &layout, &ReadOptions::validating(&config)).unwrap();
    let mut calls = 0;
    let validated = validate(batches, &layout, Purpose::Labelled, &mut |_| calls += 1).unwrap();
    assert_eq!(calls, 1);
    assert_eq!((validated.rows_read, validated.rows_rejected), (506, 0));
    assert_eq!(validated.duplicates, 0);
    assert_eq!(validated.dropped_columns, ["B"]);
    assert!(validated.extra_columns.is_empty());
    assert_eq!(validated.table.features.len(), 12);
    assert_eq!(validated.table.features[0][..2], [0.00632, 0.02731]);
    assert_eq!(validated.table.target[..2], [24.0, 21.6]);
    validated.verdict(0.0).unwrap();
}

#[test]
fn every_fault_of_every_row_is_collected() {
    let text = "a,n,y\n\
        ,0,1\n\
        NA,2,nan\n\
        one,0.5,inf\n\
        -0.5,0,1e400\n\
        10.5,0,1\n\
        5,1,2\n\
        0x1,1,\"1,5\"\n";
    let validated = read(text).unwrap();
    let faults: Vec<_> = validated
        .rejections
        .iter()
        .map(|r| format!("{} {}={:?} {}", r.line, r.column, r.value, r.fault.name()))
        .collect();
    assert_eq!(
        faults,
        [
            r#"2 A="" missing"#,
            r#"3 A="NA" missing"#,
            r#"3 N="2" not_allowed"#,
            r#"3 Y="nan" not_finite"#,
            r#"4 A="one" not_a_number"#,
            r#"4 N="0.5" not_an_integer"#,
            r#"4 Y="inf" not_finite"#,
            r#"5 A="-0.5" below_min"#,
            r#"5 Y="1e400" not_finite"#,
            r#"6 A="10.5" above_max"#,
            r#"8 A="0x1" not_a_number"#,
            r#"8 Y="1,5" not_a_number"#,
        ]
    );
    assert_eq!((validated.rows_read, validated.rows_rejected), (7, 6));
    assert_eq!(validated.rows_valid(), 1);
    assert_eq!(validated.table.features, [[5.0], [1.0]]);
    assert_eq!(validated.table.target, [2.0]);
    let missing = &validated.faults[2];
    assert_eq!(
        (missing.column.as_str(), missing.rule.as_str()),
        ("A", "missing")
    );
    assert_eq!((missing.count, missing.first_line), (2, 2));
    assert_eq!(
        serde_json::to_string(&validated.rejections[7]).unwrap(),
        r#"{"line":5,"column":"A","value":"-0.5","rule":"below_min","min":0.0}"#
    );
}

#[test]
fn too_many_rejected_rows_are_judged_after_the_report() {
    let text = "a,n,y\n1,0,1\n1,0,2\n1,0,x\n1,0,4\n";
    let validated = read(text).unwrap();
    assert_eq!(validated.rejections.len(), 1);
    assert_eq!(validated.verdict(0.25), Ok(()));
    let policy = validated.verdict(0.2).unwrap_err();
    assert_eq!(
        policy.to_string(),
        "1 of 4 rows are rejected, 25.0 %, and at most 20.0 % may be"
    );
    let none = read("a,n,y\n1,0,x\n1,0\n").unwrap();
    assert_eq!(none.verdict(1.0), Err(Policy::NoValidRow { rows: 2 }));
    let mut text = "a,n,y\n".to_owned();
    text.push_str(&"1,0,1\n".repeat(71));
    text.push_str(&"1,0,x\n".repeat(29));
    assert_eq!(read(&text).unwrap().verdict(0.29), Ok(()));
}

#[test]
fn structural_faults_are_a_matter_of_policy() {
    for text in ["", "a,n,y\n", "a,n\n1,0\n", "x,z\n1,2\n"] {
        assert!(read(text).unwrap_err().is_policy(), "{text:?}");
    }
    assert!(!read("a,n,y,a\n1,1,1,1\n").unwrap_err().is_policy());
}

#[test]
fn extra_columns_are_named_and_duplicates_counted() {
    let text =
        ",a,n,y,b,note\n0,1,0,1,7,x\n1,1,0,1,8,y\n2,-0,0,1,7,x\n3,0,0,1,7,x\n4,0.0,0,1,7,x\n";
    let validated = read(text).unwrap();
    assert_eq!(validated.extra_columns, ["COLUMN 1", "NOTE"]);
    assert_eq!(validated.dropped_columns, ["B"]);
    assert_eq!(validated.rows_rejected, 0);
    assert_eq!(validated.duplicates, 3);
    assert_eq!(validated.table.n_rows(), 5);
}

#[test]
fn stored_faults_are_bounded_and_all_of_them_published() {
    let rows = MAX_REJECTIONS + 10;
    let mut text = "a,n,y\n1,0,1\n".to_owned();
    text.push_str(&"x,0,1\n".repeat(rows));
    let validated = read(&text).unwrap();
    assert_eq!(validated.rejections.len(), MAX_REJECTIONS);
    assert_eq!(validated.rows_rejected, rows as u64);
    assert_eq!(validated.faults[0].count, rows as u64);

    let folder = tempfile::tempdir().unwrap();
    let data_set = DataSet::new(folder.path(), "tiny");
    let origin = Origin {
        source: "tiny.csv".to_owned(),
        sha256: Fingerprint::of(b""),
        bytes: 0,
        fetched_at: Timestamp::UNIX_EPOCH,
    };
    data_set.publish(&validated, &config(), &origin).unwrap();
    let rejected = std::fs::read_to_string(data_set.rejected_path()).unwrap();
    assert_eq!(rejected.lines().count(), 1 + rows);
    let last = format!("{},A,x,not_a_number", rows + 2);
    assert_eq!(rejected.lines().last(), Some(last.as_str()));
}

#[test]
fn a_hostile_cell_is_cut_in_the_report() {
    let text = format!("a,n,y\n{},0,1\n", "é".repeat(1000));
    assert_eq!(
        read(&text).unwrap().rejections[0].value.chars().count(),
        100
    );
}

#[test]
fn scoring_needs_no_target_and_may_let_ranges_pass() {
    let config = config();
    let layout = Layout::of(&config);
    let check = |allow_out_of_range| {
        let text = "note,n,a\nx,0,11\ny,7,x\nz,1,5\n";
        let reader = io::Cursor::new(text.as_bytes().to_vec());
        let options = ReadOptions::scoring();
        let mut batches = Batches::from_reader(reader, "rows.csv", &layout, &options).unwrap();
        let purpose = Purpose::Scoring { allow_out_of_range };
        let checker = Checker::new(layout, purpose, batches.file(), batches.columns()).unwrap();
        let batch = batches.next().unwrap().unwrap();
        assert_eq!(batch.text(1, 0), "y");
        checker.check(&batch)
    };
    let strict = check(false);
    assert_eq!(strict.rows, [2]);
    assert_eq!(strict.features, [[5.0], [1.0]]);
    assert_eq!(strict.rejections.len(), 3);
    assert_eq!(strict.rows_rejected, 2);
    assert!(strict.target.is_empty() && strict.warnings.is_empty());
    let lenient = check(true);
    assert_eq!(lenient.rows, [0, 2]);
    assert_eq!(lenient.features, [[11.0, 5.0], [0.0, 1.0]]);
    let lines: Vec<_> = lenient.warnings.iter().map(|w| w.line).collect();
    assert_eq!(lines, [2, 3]);
    assert_eq!(lenient.rejections.len(), 1);
}
