//! `hp evaluate`: scikit-learn's numbers, the files, and other labelled data.

use crate::support::{Project, boston_csv, boston_parquet};
use hp_testkit::assert_close;
use insta::assert_snapshot;
use serde_json::Value;

fn method<'a>(evaluation: &'a Value, list: &str, name: &str) -> &'a Value {
    let methods = evaluation[list].as_array().unwrap_or_else(|| panic!("no {list} in {evaluation:#}"));
    methods.iter().find(|method| method["method"] == name).unwrap()
}

#[test]
fn the_results_are_shown() {
    let project = Project::trained();
    assert_snapshot!(project.hp("evaluate"), @"");
}

#[test]
fn deterministic_methods_have_the_numbers_of_scikit_learn() {
    let json = Project::trained().hp("evaluate --format json").expect(0).json();
    let numbers = |list, name, keys: &[&str]| -> Vec<f64> {
        let method = method(&json, list, name);
        keys.iter().map(|key| method[*key].as_f64().unwrap()).collect()
    };
    let main = ["rmse", "mae", "mse"];
    assert_close(&numbers("main", "Linear Regression", &main), &[], 1e-8);
    assert_close(&numbers("main", "Ridge Regression", &main), &[], 1e-8);
    assert_close(&numbers("lower", "Lower Estimator_QR", &["pinball_loss"]), &[], 1e-8);
    assert_close(&numbers("upper", "Upper Estimator_QR", &["pinball_loss"]), &[], 1e-8);
}

#[test]
fn the_evaluation_is_a_file_and_the_report_needs_no_network() {
    let project = Project::trained();
    let json = project.hp("evaluate --format json").expect(0).json();
    assert_eq!(json, project.json("artifacts/v1.0.0.evaluation.json"));
    let report = project.read("artifacts/v1.0.0.report.html");
    for word in ["<svg", "Random Forest Regressor", "v1.0.0"] {
        assert!(report.contains(word), "{word}");
    }
    for reference in ["<link", "<script src", "src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!report.contains(reference), "{reference}");
    }
    let csv = project.hp("evaluate --format csv").expect(0).stdout;
    assert!(csv.starts_with("Method,RMSE,MAE,MSE,R²\nLinear Regression,4.7726,"), "{csv}");
}

#[test]
fn any_labelled_file_can_be_evaluated_and_then_nothing_is_written() {
    let project = Project::trained();
    project.write("boston.parquet", boston_parquet());
    let before = project.files("");
    let json = |file: &str| project.hp(&format!("evaluate --format json --data {file}")).expect(0).json();
    let parquet = json("boston.parquet");
    // The names of a raw file are changed as on fetching.
    let raw = json("data/raw/boston.csv");
    let own = json("data/boston.csv");
    assert_eq!(parquet["rows"], 506);
    for list in ["main", "lower", "upper", "intervals", "served"] {
        assert_eq!(parquet[list], own[list]);
        assert_eq!(raw[list], own[list]);
    }
    assert!(project.files("") == before);
}

#[test]
fn an_output_folder_gets_the_files_of_other_data() {
    let project = Project::trained();
    project.hp("evaluate --data data/boston.csv --output-dir out").refused(1, &["`out"]);
    std::fs::create_dir(project.path("out")).unwrap();
    project.hp("evaluate --data data/boston.csv --output-dir out").expect(0);
    assert_snapshot!(project.listing("out"), @"");
}

#[test]
fn a_bad_row_of_a_labelled_file_is_refused() {
    let project = Project::trained();
    let before = project.files("artifacts");
    project.write("bad.csv", boston_csv().replacen(",24\n", ",\n", 1));
    assert_snapshot!(project.hp("evaluate --data bad.csv"), @"");
    assert!(project.files("artifacts") == before);
}

#[test]
fn a_version_is_not_evaluated_on_other_data_than_it_was_split_from() {
    let project = Project::trained();
    let text = boston_csv();
    project.write("fewer.csv", text.lines().take(400).collect::<Vec<_>>().join("\n"));
    project.hp("fetch --source fewer.csv").expect(0);
    assert_snapshot!(project.hp("evaluate"), @"");
}

#[test]
fn an_archive_can_be_evaluated() {
    let project = Project::trained();
    let outcome = project.hp("evaluate --artifact artifacts/v1.0.0.tar.zst --format json").expect(0);
    assert_eq!(outcome.json(), project.json("artifacts/v1.0.0.evaluation.json"));
}
