//! `hp predict --json`: the published shape, every problem of every row, and which version.

use crate::support::{Project, ROW};
use insta::assert_snapshot;
use serde_json::Value;

/// A JSON list of the first tract and variations of it.
fn rows(changes: &[(&str, &str)]) -> String {
    let rows = changes.iter().map(|(from, to)| {
        assert!(from.is_empty() || ROW.contains(from), "{from}");
        ROW.replacen(from, to, 1)
    });
    format!("[{}]", rows.collect::<Vec<_>>().join(","))
}

#[test]
fn a_row_gives_the_published_shape() {
    let project = Project::trained();
    assert_snapshot!(project.hp("predict --json input.json"), @r#"
    exit code 0
    --- stdout
    {
      "input_data": {
        "CRIM": 0.00632,
        "ZN": 18,
        "INDUS": 2.31,
        "CHAS": 0,
        "NOX": 0.538,
        "RM": 6.575,
        "AGE": 65.2,
        "DIS": 4.09,
        "RAD": 1,
        "TAX": 296,
        "PTRATIO": 15.3,
        "LSTAT": 4.98
      },
      "prediction": {
        "Lower_Interval": 23.741313445269874,
        "Prediction": 27.912000000000006,
        "Upper_Interval": 32.19546847015438
      },
      "interval_width": 8.454155024884507,
      "is_uncertain": false,
      "model_version": "v1.0.0"
    }
    "#);
}

#[test]
fn a_list_gives_a_list_and_standard_input_is_read() {
    let project = Project::trained();
    let one = project.hp("predict --json input.json").expect(0).json();
    assert_eq!(
        project
            .hp_with_input("predict --json -", ROW)
            .expect(0)
            .json(),
        one
    );
    let two = project
        .hp_with_input("predict --json -", &rows(&[("", ""), ("6.575", "4")]))
        .expect(0);
    let two = two.json();
    assert_eq!(two[0], one);
    assert_eq!(two[1]["input_data"]["RM"], 4);
    assert_eq!(two.as_array().unwrap().len(), 2);
    let single = project
        .hp_with_input("predict --json -", &rows(&[("", "")]))
        .expect(0);
    assert_eq!(single.json(), Value::Array(vec![one]));
    assert_eq!(
        project
            .hp_with_input("predict --json -", "[]")
            .expect(0)
            .stdout,
        "[]\n"
    );
}

#[test]
fn answers_come_as_lines_and_as_csv_too() {
    let project = Project::trained();
    let list = rows(&[("", ""), ("4.98", "30")]);
    assert_snapshot!(project.hp_with_input("predict --json - --format ndjson", &list), @r#"
    exit code 0
    --- stdout
    {"input_data":{"CRIM":0.00632,"ZN":18,"INDUS":2.31,"CHAS":0,"NOX":0.538,"RM":6.575,"AGE":65.2,"DIS":4.09,"RAD":1,"TAX":296,"PTRATIO":15.3,"LSTAT":4.98},"prediction":{"Lower_Interval":23.741313445269874,"Prediction":27.912000000000006,"Upper_Interval":32.19546847015438},"interval_width":8.454155024884507,"is_uncertain":false,"model_version":"v1.0.0"}
    {"input_data":{"CRIM":0.00632,"ZN":18,"INDUS":2.31,"CHAS":0,"NOX":0.538,"RM":6.575,"AGE":65.2,"DIS":4.09,"RAD":1,"TAX":296,"PTRATIO":15.3,"LSTAT":30},"prediction":{"Lower_Interval":13.759712892618758,"Prediction":19.675000000000004,"Upper_Interval":28.264025072938836},"interval_width":14.504312180320078,"is_uncertain":false,"model_version":"v1.0.0"}
    "#);
    assert_snapshot!(project.hp_with_input("predict --json - --format csv", &list), @"
    exit code 0
    --- stdout
    CRIM,ZN,INDUS,CHAS,NOX,RM,AGE,DIS,RAD,TAX,PTRATIO,LSTAT,lower,prediction,upper,interval_width,is_uncertain,model_version
    0.00632,18,2.31,0,0.538,6.575,65.2,4.09,1,296,15.3,4.98,23.741313445269874,27.912000000000006,32.19546847015438,8.454155024884507,false,v1.0.0
    0.00632,18,2.31,0,0.538,6.575,65.2,4.09,1,296,15.3,30,13.759712892618758,19.675000000000004,28.264025072938836,14.504312180320078,false,v1.0.0
    ");
}

#[test]
fn whole_floats_are_integers() {
    let project = Project::trained();
    let floats = ROW
        .replace("\"CHAS\": 0", "\"CHAS\": 0.0")
        .replace("\"TAX\": 296", "\"TAX\": 2.96e2");
    assert_ne!(floats, ROW);
    let answer = project.hp_with_input("predict --json -", &floats).expect(0);
    assert_eq!(
        answer.stdout,
        project.hp("predict --json input.json").stdout
    );
    assert!(answer.stdout.contains("\"CHAS\": 0,") && answer.stdout.contains("\"TAX\": 296,"));
}

#[test]
fn every_problem_is_listed_with_its_row_and_field() {
    let project = Project::trained();
    let list = rows(&[
        ("", ""),
        ("\"CRIM\": 0.00632,", ""),
        ("\"CRIM\": 0.00632", "\"CRIM\": null, \"B\": 396.9"),
        ("\"ZN\": 18", "\"ZN\": \"18\""),
        ("\"INDUS\": 2.31", "\"INDUS\": 1e400"),
        ("\"CHAS\": 0", "\"CHAS\": 2"),
        ("\"RAD\": 1", "\"RAD\": 1.5"),
        ("\"NOX\": 0.538", "\"NOX\": true, \"RM\": 7"),
        ("\"TAX\": 296", "\"TAX\": 5000"),
        ("\"AGE\": 65.2", "\"AGE\": -1"),
    ]);
    assert_snapshot!(project.hp_with_input("predict --json -", &list), @r#"
    exit code 1
    --- stderr
    error: the input has 11 problems:
      row 2: `CRIM` is missing
      row 3: `CRIM` = null is missing
      row 3: `B` = 396.9 is not a feature of the model
      row 4: `ZN` = "18" is not a number
      row 5: `INDUS` = 1e400 is not finite
      row 6: `CHAS` = 2 is not one of 0, 1
      row 7: `RAD` = 1.5 is not an integer
      row 8: `NOX` = true is not a number
      row 8: `RM` = 6.575 is given more than once
      row 9: `TAX` = 5000 is above the maximum 1000
      row 10: `AGE` = -1 is below the minimum 0
    "#);
}

#[test]
fn values_out_of_range_can_be_let_through_with_a_warning() {
    let project = Project::trained();
    let row = ROW.replace("\"AGE\": 65.2", "\"AGE\": -1");
    assert_snapshot!(project.hp_with_input("predict --json -", &row), @"
    exit code 1
    --- stderr
    error: the input has a problem:
      row 1: `AGE` = -1 is below the minimum 0
    hint: --allow-out-of-range predicts such rows all the same
    ");
    let outcome = project
        .hp_with_input("predict --json - --allow-out-of-range", &row)
        .expect(0);
    assert_eq!(outcome.json()["input_data"]["AGE"], -1);
    assert_snapshot!(outcome.stderr, @"warning: row 1: `AGE` = -1 is below the minimum 0");
    let row = row.replace("\"RM\": 6.575", "\"RM\": \"six\"");
    let outcome = project.hp_with_input("predict --json - --allow-out-of-range", &row);
    outcome.refused(
        1,
        &[
            "warning: row 1: `AGE`",
            "row 1: `RM` = \"six\" is not a number",
        ],
    );
}

#[test]
fn what_is_not_rows_is_refused_with_its_place() {
    let project = Project::trained();
    assert_snapshot!(project.hp_with_input("predict --json -", "{\"CRIM\": 1,\n}"), @"
    exit code 1
    --- stderr
    error: standard input:2:1: trailing comma
    hint: expected one JSON object with a number for each feature, or a list of them
    ");
    for (text, word) in [
        ("", "EOF"),
        ("5", "expected an object"),
        ("[[{}]]", "found a list"),
        ("{\"CRIM\": NaN}", "standard input:1:10"),
        ("{} {}", "trailing characters"),
        (&"[".repeat(100_000), "recursion limit"),
    ] {
        project
            .hp_with_input("predict --json -", text)
            .refused(1, &[word, "hint: "]);
    }
    project.write("latin.json", b"{\"CRIM\xe9\": 1}");
    project
        .hp("predict --json latin.json")
        .refused(1, &["latin.json:1:"]);
    project
        .hp("predict --json none.json")
        .refused(1, &["`none.json`", "hint: "]);
    project
        .hp("predict --json data")
        .refused(1, &["`data`", "hint: "]);
}

#[test]
fn the_version_comes_from_the_argument_the_environment_or_is_the_newest() {
    let project = Project::trained();
    let raise = |from: &str, to: &str| {
        project.replace("configs/model_config.yaml", from, to);
        project.hp("train").expect(0);
    };
    raise("v1.0.0", "v1.9.0");
    raise("v1.9.0", "v1.10.0");
    let version = |args: &str, environment: Option<&str>| {
        let mut hp = project.command();
        hp.args(format!("predict --json input.json {args}").split_whitespace());
        hp.envs(environment.map(|version| ("MODEL_VERSION", version)));
        project.run(&mut hp).expect(0).json()["model_version"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(version("", None), "v1.10.0");
    assert_eq!(version("", Some("v1.9.0")), "v1.9.0");
    assert_eq!(version("--model-version v1.0.0", Some("v1.9.0")), "v1.0.0");
    project.write(".env", "MODEL_VERSION=v1.0.0\n");
    assert_eq!(version("", None), "v1.0.0");
    assert_eq!(version("", Some("v1.9.0")), "v1.9.0");
    project.write(".env", "MODEL_VERSION=\n");
    assert_eq!(version("", None), "v1.10.0");
    assert_eq!(version("--artifact artifacts/v1.0.0", None), "v1.0.0");
    assert_snapshot!(project.hp("predict --json input.json --model-version v3.0.0"), @"
    exit code 1
    --- stderr
    error: there is no version v3.0.0 in `artifacts`
    hint: choose from `v1.10.0`, `v1.9.0`, `v1.0.0`
    ");
}

#[test]
fn a_version_must_exist() {
    let project = Project::new();
    assert_snapshot!(project.hp("predict --json input.json"), @"
    exit code 1
    --- stderr
    error: there is no version in `artifacts`
    hint: run `hp train`
    ");
    assert_snapshot!(project.hp("predict --json input.json --model-version newest"), @"
    exit code 1
    --- stderr
    error: there is no alias `newest` in `artifacts`
    hint: there is no version yet; run `hp train`
    ");
    assert_snapshot!(project.hp("predict --json input.json --model-version v1"), @"
    exit code 2
    --- stderr
    error: invalid value 'v1' for '--model-version <VERSION>': `v1` is neither a version such as `v1.0.0`, nor an alias such as `champion`, nor `latest`

    For more information, try '--help'.
    ");
    project
        .hp("predict --json input.json --model-version latest")
        .refused(1, &["there is no version in `artifacts`"]);
    project
        .hp("predict --json input.json --artifact none.tar.zst")
        .refused(1, &["none.tar.zst` does not exist"]);
    project.write(".env", "MODEL_VERSION");
    project
        .hp("predict --json input.json")
        .refused(4, &["`.env` line 1 is not NAME=value", "hint: "]);
}

#[test]
fn folder_and_archive_give_the_same_answer() {
    let project = Project::trained();
    let newest = project.hp("predict --json input.json").expect(0).stdout;
    for artifact in ["artifacts/v1.0.0", "artifacts/v1.0.0.tar.zst"] {
        let outcome = project.hp(&format!("predict --json input.json --artifact {artifact}"));
        assert_eq!(outcome.expect(0).stdout, newest);
    }
}

#[test]
fn rows_must_come_from_somewhere_and_only_from_one_place() {
    let project = Project::trained();
    assert_snapshot!(project.hp("predict"), @"
    exit code 2
    --- stderr
    error: the following required arguments were not provided:
      <--json <FILE>|--input <FILE>>

    Usage: hp predict <--json <FILE>|--input <FILE>>

    For more information, try '--help'.
    ");
    for args in [
        "predict --json input.json --input data/boston.csv --output out.csv",
        "predict --input data/boston.csv",
        "predict --json input.json --output out.csv",
        "predict --input data/boston.csv --output out.csv --format csv",
    ] {
        project.hp(args).refused(2, &["Usage: hp predict"]);
    }
}
