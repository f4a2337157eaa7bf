//! `hp predict --input`: files of any size, written whole or not at all.

use crate::support::{Project, ROW, boston_csv, boston_parquet};
use insta::assert_snapshot;

/// The fetched rows `times` over.
fn repeated(project: &Project, times: usize) -> String {
    let text = project.read("data/boston.csv");
    let (header, rows) = text.split_once('\n').unwrap();
    format!("{header}\n{}", rows.repeat(times))
}

#[test]
fn predictions_stand_beside_their_rows() {
    let project = Project::trained();
    assert_snapshot!(project.hp("predict --input data/boston.csv --output out.csv"), @"
    exit code 0
    --- stderr
    wrote 506 rows to out.csv
    ");
    let text = project.read("out.csv");
    let lines: Vec<_> = text.lines().collect();
    assert_snapshot!(lines[..2].join("\n"), @"
    CRIM,ZN,INDUS,CHAS,NOX,RM,AGE,DIS,RAD,TAX,PTRATIO,LSTAT,MEDV,lower,prediction,upper,interval_width,is_uncertain
    0.00632,18,2.31,0,0.538,6.575,65.2,4.09,1,296,15.3,4.98,24,23.741313445269874,27.912000000000006,32.19546847015438,8.454155024884507,false
    ");
    let answer = project.hp_with_input("predict --json -", ROW).json();
    let cells: Vec<_> = lines[1].split(',').collect();
    assert_eq!(
        cells[14].parse(),
        Ok(answer["prediction"]["Prediction"].as_f64().unwrap())
    );
}

#[test]
fn a_large_file_goes_in_and_out_as_csv_and_as_parquet() {
    let project = Project::trained();
    let rows = 506 * 40;
    project.write("large.csv", repeated(&project, 40));
    let outcome = project
        .hp("predict --input large.csv --output large.out.csv")
        .expect(0);
    assert_eq!(
        outcome.stderr,
        format!("wrote {rows} rows to large.out.csv\n")
    );
    let text = project.read("large.out.csv");
    assert_eq!(text.lines().count(), rows + 1);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[1..507], lines[rows - 505..]);

    project
        .hp("predict --input large.csv --output large.parquet")
        .expect(0);
    // What was written can be read: it is labelled data as well.
    let from_parquet = project
        .hp("evaluate --data large.parquet --format json")
        .expect(0)
        .json();
    let from_csv = project
        .hp("evaluate --data large.out.csv --format json")
        .expect(0)
        .json();
    assert_eq!(from_parquet["rows"], rows);
    assert_eq!(from_parquet["served"], from_csv["served"]);

    project.write("boston.parquet", boston_parquet());
    project
        .hp("predict --input boston.parquet --output boston.out.csv")
        .expect(0);
    let last = |text: &str, column: usize| -> Vec<String> {
        text.lines()
            .map(|line| line.split(',').nth(column).unwrap().to_owned())
            .collect()
    };
    let small = project.read("boston.out.csv");
    assert_eq!(last(&small, 14)[1..], last(&text, 14)[1..507]);
}

#[test]
fn a_file_with_a_bad_row_writes_nothing() {
    let project = Project::trained();
    project
        .hp("predict --input data/boston.csv --output out.csv")
        .expect(0);
    let before = project.files("");
    let bad = repeated(&project, 40) + "0.1,18,2.31,5,nan,6.575,1000,4.09,1,296,15.3,,24\n";
    project.write("bad.csv", bad);
    assert_snapshot!(project.hp("predict --input bad.csv --output out.csv"), @"
    exit code 1
    --- stderr
    Refused cells
     line    column   value   why
    ───────────────────────────────────────────────────
     20242   CHAS         5   is not one of 0, 1
     20242   NOX        nan   is not finite
     20242   AGE       1000   is above the maximum 100
     20242   LSTAT            is missing

    error: `bad.csv` has 4 refused cells; all are in `out.csv.rejected.csv`; `out.csv` was not written
    hint: correct them; --allow-out-of-range lets values outside their range through
    ");
    let listed = project.read("out.csv.rejected.csv");
    assert_snapshot!(listed, @"
    line,column,value,rule
    20242,CHAS,5,not_allowed
    20242,NOX,nan,not_finite
    20242,AGE,1000,above_max
    20242,LSTAT,,missing
    ");
    for made in ["bad.csv", "out.csv.rejected.csv"] {
        std::fs::remove_file(project.path(made)).unwrap();
    }
    assert!(project.files("") == before);
}

#[test]
fn values_out_of_range_can_be_let_through() {
    let project = Project::trained();
    let text = project
        .read("data/boston.csv")
        .replacen(",65.2,", ",165.2,", 1);
    project.write("old.csv", text);
    project
        .hp("predict --input old.csv --output out.csv")
        .refused(1, &["above the maximum 100"]);
    assert_snapshot!(project.hp("predict --input old.csv --output out.csv --allow-out-of-range"), @"
    exit code 0
    --- stderr
    Values outside their range
     line   column   value   why
    ──────────────────────────────────────────────────
     2      AGE      165.2   is above the maximum 100

    wrote 506 rows to out.csv
    ");
    assert_eq!(project.read("out.csv").lines().count(), 507);
}

#[test]
fn the_header_must_name_the_features() {
    let project = Project::trained();
    assert_snapshot!(project.hp("predict --input data/raw/boston.csv --output out.csv"), @r#"
    exit code 1
    --- stderr
    error: the header of `data/raw/boston.csv` names no known column: `"crim","zn","indus","chas","nox","rm","age","dis","rad","tax","ptratio","b","lst`
    hint: the header must name CRIM, ZN, INDUS, CHAS, NOX, RM, AGE, DIS, RAD, TAX, PTRATIO, LSTAT
    "#);
    project.write("short.csv", "CRIM,ZN\n1,2\n");
    assert_snapshot!(project.hp("predict --input short.csv --output out.csv"), @"
    exit code 1
    --- stderr
    error: `short.csv` lacks the columns `INDUS`, `CHAS`, `NOX`, `RM`, `AGE`, `DIS`, `RAD`, `TAX`, `PTRATIO`, `LSTAT`
    hint: the header must name CRIM, ZN, INDUS, CHAS, NOX, RM, AGE, DIS, RAD, TAX, PTRATIO, LSTAT
    ");
    project
        .hp("predict --input data/boston.csv --output out.csv")
        .expect(0);
    assert_snapshot!(project.hp("predict --input out.csv --output again.csv"), @"
    exit code 1
    --- stderr
    error: `out.csv` already has a column `lower`
    hint: rename or remove that column of the input
    ");
}

#[test]
fn only_files_are_replaced() {
    let project = Project::trained();
    std::os::unix::fs::symlink("/dev/null", project.path("device")).unwrap();
    for output in ["data", "device"] {
        project
            .hp(&format!(
                "predict --input data/boston.csv --output {output}"
            ))
            .refused(1, &["is not a file that can be replaced", "hint: "]);
    }
    project
        .hp("predict --input data/boston.csv --output none/out.csv")
        .refused(1, &["none/out.csv", "hint: "]);
    project
        .hp("predict --input none.csv --output out.csv")
        .refused(1, &["`none.csv`", "hint: check the path"]);
    project.write("empty.csv", "");
    project
        .hp("predict --input empty.csv --output out.csv")
        .refused(1, &["`empty.csv` is empty"]);
    assert!(!project.path("out.csv").exists());
    assert!(boston_csv().starts_with("\"crim\""));
}
