//! Predictions beside their rows, from CSV and Parquet to CSV and Parquet.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use hp_core::config::DataConfig;
use hp_core::prediction::Prediction;
use hp_data::{Batches, Checker, DataError, Layout, PredictionWriter, Purpose, ReadOptions};
use hp_testkit::test_data;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CONFIG: &str = r#"
version: 1
name: tiny
sources: [{ path: tiny.csv }]
rename: upper
target: "Y"
columns:
  - { name: A, dtype: float }
  - { name: "N", dtype: integer }
  - { name: "Y", dtype: float }
"#;

const TABLE: &str = "id,n,a,note,y\n007,1,0.50,\"x, y\",3\n008,2,1e3,,4\n";

fn config() -> DataConfig {
    DataConfig::parse("tiny.yaml", CONFIG).unwrap()
}

/// Predicts `a + n` with limits one below and above, but for the second row the lower limit is
/// too high.
fn score(input: &Path, output: &Path, options: &ReadOptions) -> Result<u64, DataError> {
    let config = config();
    let layout = Layout::of(&config);
    let mut batches = Batches::open(input, &layout, options)?;
    let purpose = Purpose::Scoring {
        allow_out_of_range: false,
    };
    let checker = Checker::new(layout, purpose, batches.file(), batches.columns())?;
    let mut writer = PredictionWriter::create(output, &batches, &checker)?;
    for batch in batches.by_ref() {
        let batch = batch?;
        let checked = checker.check(&batch);
        let values = checked.features[0].iter().zip(&checked.features[1]);
        let predictions: Vec<_> = values
            .map(|(a, n)| Prediction {
                lower: a + n + if *n > 1.5 { 0.5 } else { -1.0 },
                prediction: a + n,
                upper: a + n + 1.0,
            })
            .collect();
        writer.write(&batch, &checked, &predictions)?;
        assert!(!output.exists(), "visible before it is whole");
    }
    writer.finish()?;
    Ok(batches.position().rows)
}

fn in_folder(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn csv_keeps_the_spelling_of_the_input() {
    let folder = tempfile::tempdir().unwrap();
    let input = in_folder(folder.path(), "in.csv", TABLE);
    let output = folder.path().join("out.csv");
    assert_eq!(score(&input, &output, &ReadOptions::scoring()).unwrap(), 2);
    assert_eq!(
        fs::read_to_string(&output).unwrap(),
        "id,n,a,note,y,lower,prediction,upper,interval_width,is_uncertain\n\
         007,1,0.50,\"x, y\",3,0.5,1.5,2.5,2,false\n\
         008,2,1e3,,4,1002.5,1002,1003,0.5,true\n"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn parquet_holds_the_same_rows_and_keeps_its_types() {
    let folder = tempfile::tempdir().unwrap();
    let input = in_folder(folder.path(), "in.csv", TABLE);
    let parquet = folder.path().join("out.parquet");
    score(&input, &parquet, &ReadOptions::scoring()).unwrap();

    let config = config();
    let layout = Layout::of(&config);
    let mut batches = Batches::open(&parquet, &layout, &ReadOptions::scoring()).unwrap();
    assert_eq!(batches.columns().len(), 10);
    assert_eq!(batches.columns()[5..], OUTPUT);
    let batch = batches.next().unwrap().unwrap();
    let row = |row| {
        (0..10)
            .map(|column| batch.text(row, column).into_owned())
            .collect::<Vec<_>>()
    };
    let expected = [
        "007", "1", "0.5", "x, y", "3", "0.5", "1.5", "2.5", "2", "false",
    ];
    assert_eq!(row(0), expected);
    let expected = [
        "008", "2", "1000", "", "4", "1002.5", "1002", "1003", "0.5", "true",
    ];
    assert_eq!(row(1), expected);
}

const OUTPUT: [&str; 5] = [
    "lower",
    "prediction",
    "upper",
    "interval_width",
    "is_uncertain",
];

#[test]
fn columns_of_a_parquet_input_pass_through() {
    let text = fs::read_to_string(test_data(env!("CARGO_MANIFEST_DIR"), "boston.yaml")).unwrap();
    let config = DataConfig::parse("boston.yaml", &text).unwrap();
    let layout = Layout::of(&config);
    let folder = tempfile::tempdir().unwrap();
    let input = test_data(env!("CARGO_MANIFEST_DIR"), "boston.parquet");
    let outputs = ["out.parquet", "out.csv"].map(|name| folder.path().join(name));
    for output in &outputs {
        let mut batches = Batches::open(&input, &layout, &ReadOptions::scoring()).unwrap();
        let purpose = Purpose::Labelled;
        let checker = Checker::new(layout, purpose, batches.file(), batches.columns()).unwrap();
        let mut writer = PredictionWriter::create(output, &batches, &checker).unwrap();
        for batch in batches.by_ref() {
            let batch = batch.unwrap();
            let checked = checker.check(&batch);
            let predictions = checked.target.iter().map(|&target| Prediction {
                lower: target,
                prediction: target,
                upper: target,
            });
            let predictions: Vec<_> = predictions.collect();
            writer.write(&batch, &checked, &predictions).unwrap();
        }
        writer.finish().unwrap();
    }
    let read = |path: &Path| {
        let batches = Batches::open(path, &layout, &ReadOptions::validating(&config)).unwrap();
        hp_data::validate(batches, &layout, Purpose::Labelled, &mut |_| ()).unwrap()
    };
    let original = read(&input);
    for output in &outputs {
        let scored = read(output);
        assert_eq!(scored.table, original.table);
        assert_eq!(scored.extra_columns.len(), 5);
    }
    let csv = fs::read_to_string(&outputs[1]).unwrap();
    assert!(csv.contains("\n0.00632,18,2.31,0,0.538,6.575,65.2,4.09,1,296,15.3,396.9,4.98,24,24,"));
}

#[test]
fn many_batches_become_few_row_groups_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "n,a\n".to_owned();
    for row in 0..150_000 {
        writeln!(text, "{row},0.25").unwrap();
    }
    let input = in_folder(folder.path(), "in.csv", &text);
    let output = folder.path().join("out.parquet");
    score(&input, &output, &ReadOptions::scoring()).unwrap();
    let config = config();
    let layout = Layout::of(&config);
    let batches = Batches::open(&output, &layout, &ReadOptions::scoring()).unwrap();
    let mut expected = 0;
    for batch in batches {
        let batch = batch.unwrap();
        for row in 0..batch.n_rows() {
            assert_eq!(batch.text(row, 0), expected.to_string());
            expected += 1;
        }
    }
    assert_eq!(expected, 150_000);
}

#[test]
fn a_file_without_rows_has_the_columns() {
    let folder = tempfile::tempdir().unwrap();
    let input = in_folder(folder.path(), "in.csv", "n,a,note\n");
    for name in ["out.csv", "out.parquet"] {
        let output = folder.path().join(name);
        score(&input, &output, &ReadOptions::scoring()).unwrap();
        let config = config();
        let layout = Layout::of(&config);
        let mut batches = Batches::open(&output, &layout, &ReadOptions::scoring()).unwrap();
        assert_eq!(batches.columns().len(), 8, "{name}");
        assert!(batches.next().is_none(), "{name}");
    }
}

#[test]
fn nothing_is_left_of_a_file_that_was_not_finished() {
    let folder = tempfile::tempdir().unwrap();
    let input = in_folder(folder.path(), "in.csv", "n,a\n1,2\n1,\n\"1");
    for name in ["out.csv", "out.parquet"] {
        let output = folder.path().join(name);
        fs::write(&output, "old").unwrap();
        let config = config();
        let layout = Layout::of(&config);
        let batches = Batches::open(&input, &layout, &ReadOptions::scoring()).unwrap();
        let checker = Checker::new(
            layout,
            Purpose::Labelled,
            "",
            &["a", "n", "y"].map(str::to_owned),
        );
        let writer = PredictionWriter::create(&output, &batches, &checker.unwrap()).unwrap();
        drop(writer);
        assert_eq!(fs::read_to_string(&output).unwrap(), "old");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn misuse_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let taken = in_folder(folder.path(), "in.csv", "n,a,prediction\n1,2,3\n");
    let output = folder.path().join("out.csv");
    let error = score(&taken, &output, &ReadOptions::scoring()).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("already has a column `prediction`"),
        "{error}"
    );

    let config = config();
    let layout = Layout::of(&config);
    let input = in_folder(folder.path(), "rows.csv", TABLE);
    let mut batches = Batches::open(&input, &layout, &ReadOptions::scoring()).unwrap();
    let checker = Checker::new(layout, Purpose::Labelled, "", batches.columns()).unwrap();
    let mut writer = PredictionWriter::create(&output, &batches, &checker).unwrap();
    let batch = batches.next().unwrap().unwrap();
    let checked = checker.check(&batch);
    let error = writer.write(&batch, &checked, &[]).unwrap_err();
    assert_eq!(error.to_string(), "0 predictions for 2 rows");

    let nowhere = folder.path().join("missing/out.csv");
    let error = score(&input, &nowhere, &ReadOptions::scoring()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot write `{}`", nowhere.display())
    );
    let error = score(&input, folder.path(), &ReadOptions::scoring()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot write `{}`", folder.path().display())
    );
}

#[test]
#[ignore = "runs as the child of another test"]
fn child_process() {
    let Some(folder) = std::env::var_os("HP_DATA_TEST_FOLDER").map(PathBuf::from) else {
        return;
    };
    for name in ["out.csv", "out.parquet"] {
        let input = folder.join("in.csv");
        let error = score(&input, &folder.join(name), &ReadOptions::scoring()).unwrap_err();
        println!("<{error}; {}>", error.hint().unwrap_or_default());
    }
}

#[test]
#[cfg(unix)]
fn a_full_disk_is_named_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "n,a\n".to_owned();
    for row in 0..50_000 {
        writeln!(text, "{row},0.{row}1").unwrap();
    }
    in_folder(folder.path(), "in.csv", &text);
    let output = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 64; exec \"$0\" --exact child_process --ignored --nocapture",
        ])
        .arg(std::env::current_exe().unwrap())
        .env("HP_DATA_TEST_FOLDER", folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    for name in ["out.csv", "out.parquet"] {
        let path = folder.path().join(name);
        let expected = format!("<cannot write `{}`; make room on the disk", path.display());
        assert!(text.contains(&expected), "{text}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_a_killed_writer_left_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let input = in_folder(folder.path(), "in.csv", TABLE);
    in_folder(folder.path(), ".hp-file-AbCdEf", "half a file");
    let output = folder.path().join("out.csv");
    score(&input, &output, &ReadOptions::scoring()).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn an_output_may_replace_its_own_input() {
    // Reading goes on in the old file until the new one has its name.
    let folder = tempfile::tempdir().unwrap();
    let path = in_folder(folder.path(), "rows.csv", TABLE);
    let config = config();
    let layout = Layout::of(&config);
    let mut batches = Batches::open(&path, &layout, &ReadOptions::scoring()).unwrap();
    let checker = Checker::new(layout, Purpose::Labelled, "", batches.columns()).unwrap();
    let writer = PredictionWriter::create(&path, &batches, &checker).unwrap();
    writer.finish().unwrap();
    assert_eq!(batches.next().unwrap().unwrap().n_rows(), 2);
}
