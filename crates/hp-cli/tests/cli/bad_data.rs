//! Data that is refused, with a message that helps, and what was there before left alone.

use crate::support::{Project, boston_csv};
use insta::assert_snapshot;

/// What `hp fetch` says of a file with these bytes; the data set of before must stay as it was.
#[track_caller]
fn fetched(bytes: impl AsRef<[u8]>) -> String {
    let project = Project::fetched();
    project.write("bad.csv", bytes);
    let before = project.files("");
    let outcome = project.hp("fetch --source bad.csv");
    assert!(project.files("") == before, "{outcome}");
    let outcome = outcome.refused(outcome_code(&project), &["bad.csv"]);
    outcome.to_string()
}

/// The exit code of `hp validate`, which must agree with that of `hp fetch`.
fn outcome_code(project: &Project) -> i32 {
    project.hp("validate bad.csv").code.unwrap()
}

fn header() -> String {
    boston_csv().lines().next().unwrap().to_owned() + "\n"
}

#[test]
fn an_empty_file() {
    assert_snapshot!(fetched(""), @"
    exit code 3
    --- stderr
    error: `bad.csv` is empty
    ");
    assert_snapshot!(fetched("\n\n"), @"
    exit code 3
    --- stderr
    error: `bad.csv` is empty
    ");
}

#[test]
fn a_header_only() {
    assert_snapshot!(fetched(header()), @"
    exit code 3
    --- stderr
    error: `bad.csv` has a header but no rows
    ");
}

#[test]
fn a_missing_target() {
    assert_snapshot!(fetched(boston_csv().replacen("\"medv\"", "\"price\"", 1)), @"
    exit code 3
    --- stderr
    error: `bad.csv` lacks the column `MEDV`
    hint: compare `columns`, `target` and `rename` in the data configuration with the file's header
    ");
}

#[test]
fn a_duplicate_header() {
    assert_snapshot!(fetched(boston_csv().replacen("\"zn\"", "\"CRIM\"", 1)), @"
    exit code 1
    --- stderr
    error: column `CRIM` appears twice in `bad.csv`, as columns 1 and 2
    ");
}

#[test]
fn a_wrong_separator() {
    assert_snapshot!(fetched(boston_csv().replace(',', "#")), @r##"
    exit code 3
    --- stderr
    error: the header of `bad.csv` names no known column: `"crim"#"zn"#"indus"#"chas"#"nox"#"rm"#"age"#"dis"#"rad"#"tax"#"ptratio"#"b"#"lst`
    hint: the first line must name the columns, separated by `,`, `;`, tab or `|`; `rename` in the data configuration adapts names
    "##);
}

#[test]
fn utf_16() {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(boston_csv().encode_utf16().flat_map(u16::to_le_bytes));
    assert_snapshot!(fetched(bytes), @"
    exit code 1
    --- stderr
    error: `bad.csv` is encoded in UTF-16
    hint: save it as UTF-8: iconv -f UTF-16 -t UTF-8 bad.csv > utf8.csv
    ");
}

#[test]
fn another_encoding() {
    let mut bytes = boston_csv().into_bytes();
    bytes[5000] = 0xe9;
    assert_snapshot!(fetched(bytes), @"
    exit code 1
    --- stderr
    error: line 72 of `bad.csv` is not valid UTF-8
    hint: save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 bad.csv > utf8.csv
    ");
}

#[test]
fn a_line_without_end() {
    let project = Project::fetched();
    let before = project.files("");
    project.write("bad.csv", header() + "0.1," + &"1".repeat(3 << 20));
    let outcome = project.hp("validate bad.csv").refused(1, &[]);
    assert_snapshot!(outcome, @"
    exit code 1
    --- stderr
    error: line 2 of `bad.csv` is longer than 1048576 bytes
    hint: look for a quotation mark that is never closed
    ");
    project
        .hp("fetch --source bad.csv")
        .refused(1, &["longer than"]);
    // A gigabyte without a single line is not read to its end.
    let file = std::fs::File::create(project.path("bad.csv")).unwrap();
    file.set_len(1 << 30).unwrap();
    assert_snapshot!(project.hp("validate bad.csv"), @"
    exit code 1
    --- stderr
    error: `bad.csv` is binary, not a CSV or Parquet file
    hint: export the table as CSV or Parquet
    ");
    std::fs::remove_file(project.path("bad.csv")).unwrap();
    assert!(project.files("") == before);
}

#[test]
fn more_bytes_than_allowed() {
    let project = Project::new();
    let config = "configs/data_config.yaml";
    let text = project.read(config) + "download: { max_mebibytes: 1 }\n";
    project.write(config, text);
    project.write("bad.csv", header() + &"0\n".repeat(1 << 20));
    assert_snapshot!(project.hp("fetch --source bad.csv"), @"
    exit code 1
    --- stderr
    error: no source could be used: `bad.csv`: more than 1048576 bytes, the limit set by `download.max_mebibytes`
    hint: raise `download.max_mebibytes` in the data configuration
    ");
}

#[test]
fn numbers_that_are_none() {
    for value in ["NaN", "inf", "-inf", "1e400", "0x10", "1,5", "-"] {
        let rows = format!("0.1,0,7,0,0.5,6,65,4,1,296,15,390,\"{value}\",24\n");
        let report = fetched(header() + &rows);
        assert!(report.starts_with("exit code 3\n"), "{report}");
        assert!(report.contains("LSTAT"), "{report}");
    }
}

#[test]
fn every_row_rejected() {
    let text = boston_csv();
    let bad = text
        .lines()
        .skip(1)
        .map(|line| line.replacen(',', ",x", 1) + "\n");
    assert_snapshot!(fetched(header() + &bad.collect::<String>()), @"
    exit code 3
    --- stderr
    What is wrong
     column   rule           cells   first line   value there
    ──────────────────────────────────────────────────────────
     ZN       not_a_number     506            2   x18

    error: the data of `bad.csv` is not used: not one of the 506 rows is valid
    hint: `hp validate FILE` lists the cells; correct them, or adapt `columns` and `max_rejected` in the data configuration
    ");
}

#[test]
fn a_page_instead_of_data() {
    assert_snapshot!(fetched("<!DOCTYPE html>\n<html><body>Not found</body></html>\n"), @"
    exit code 1
    --- stderr
    error: `bad.csv` is HTML or XML, not a CSV or Parquet file
    hint: export the table as CSV or Parquet
    ");
    assert_snapshot!(fetched([0x50, 0x4b, 3, 4, 0, 0]), @"
    exit code 1
    --- stderr
    error: `bad.csv` is a zip archive or an Excel workbook, not a CSV or Parquet file
    hint: export the table as CSV or Parquet
    ");
}

#[test]
fn a_folder_in_the_place_of_a_file() {
    let project = Project::fetched();
    assert_snapshot!(project.hp("fetch --source configs"), @"
    exit code 1
    --- stderr
    error: no source could be used: `configs`: cannot read it: Is a directory (os error 21)
    hint: check the path
    ");
    assert_snapshot!(project.hp("validate configs"), @"
    exit code 1
    --- stderr
    error: cannot read `configs`: Is a directory (os error 21)
    hint: name a file, not a folder
    ");
    assert_snapshot!(project.hp("validate none.csv"), @"
    exit code 1
    --- stderr
    error: cannot open `none.csv`: No such file or directory (os error 2)
    hint: check the path
    ");
}

#[test]
fn a_damaged_data_set_is_refused_by_every_stage() {
    let project = Project::trained();
    project.write("data/boston.manifest.json", "{}");
    for command in ["features", "train", "evaluate"] {
        project
            .hp(command)
            .refused(1, &["data/boston.manifest.json", "hint: run `hp fetch`"]);
    }
}

#[test]
fn one_training_row() {
    let project = Project::new();
    let text: Vec<_> = boston_csv().lines().take(3).map(str::to_owned).collect();
    project.write("two.csv", text.join("\n"));
    project.hp("fetch --source two.csv").expect(0);
    assert_snapshot!(project.hp("train"), @"
    exit code 1
    --- stderr
    error: the features could not be prepared: 1 training rows cannot be divided into 5 cross-validation folds
    hint: use more rows, or fewer `folds` under `cross_validation` in the model configuration
    ");
    assert_eq!(project.statuses(), ["FAILED"]);
    project.write("one.csv", text[..2].join("\n"));
    project.hp("fetch --source one.csv").expect(0);
    assert_snapshot!(project.hp("train"), @"
    exit code 1
    --- stderr
    error: 1 rows cannot be split with `test_size` 0.2: 0 training and 1 test rows
    hint: use more rows, or adapt `test_size` in the data configuration
    ");
}

#[test]
fn more_folds_than_rows() {
    let project = Project::new();
    let text: Vec<_> = boston_csv().lines().take(5).map(str::to_owned).collect();
    project.write("four.csv", text.join("\n"));
    project.hp("fetch --source four.csv").expect(0);
    assert_snapshot!(project.hp("train"), @"
    exit code 1
    --- stderr
    error: the features could not be prepared: 3 training rows cannot be divided into 5 cross-validation folds
    hint: use more rows, or fewer `folds` under `cross_validation` in the model configuration
    ");
    assert!(project.hp("models list --format json").json() == serde_json::json!([]));
}

#[test]
fn a_constant_target_is_learned() {
    let project = Project::new();
    let text = boston_csv();
    let rows = text
        .lines()
        .skip(1)
        .map(|line| format!("{},20\n", line.rsplit_once(',').unwrap().0));
    project.write("flat.csv", header() + &rows.collect::<String>());
    project.hp("fetch --source flat.csv").expect(0);
    project.hp("run --from train").expect(0);
    let answer = project.hp("predict --json input.json").expect(0).json();
    for limit in ["Lower_Interval", "Prediction", "Upper_Interval"] {
        let value = answer["prediction"][limit].as_f64().unwrap();
        assert!((value - 20.0).abs() < 1e-9, "{limit}: {value}");
    }
}
