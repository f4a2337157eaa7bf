//! `hp evaluate`: scikit-learn's numbers, the files, and other labelled data.

use crate::support::{Project, boston_csv, boston_parquet};
use hp_testkit::assert_close;
use insta::assert_snapshot;
use serde_json::Value;

/// What the evaluation says of a method, in the order of `keys`.
fn numbers(evaluation: &Value, name: &str, keys: &[&str]) -> Vec<f64> {
    let lists = ["main", "estimators"].map(|list| evaluation[list].as_array().unwrap());
    let method = lists
        .into_iter()
        .flatten()
        .find(|method| method["name"] == name)
        .unwrap();
    keys.iter()
        .map(|key| method[*key].as_f64().unwrap())
        .collect()
}

#[test]
fn the_results_are_shown() {
    let project = Project::trained();
    assert_snapshot!(project.hp("evaluate"), @"
    exit code 0
    --- stdout
    Main regressors
     Method                        RMSE        MAE        MSE         R²
    ─────────────────────────────────────────────────────────────────────
     Linear Regression           4.7726     3.1114    22.7777     0.6894
     Ridge Regression            4.7708     3.1050    22.7601     0.6896
     Huber Regressor             5.1371     3.0483    26.3897     0.6401
     Random Forest Regressor   2.9672 *   2.0223 *   8.8045 *   0.8799 *

    Lower estimators
     Method                Quantile   Pinball loss      MAE       MSE
    ──────────────────────────────────────────────────────────────────
     Lower Estimator_QR         0.1         0.5130   4.8320   47.3473
     Lower Estimator_GBR        0.1       0.4952 *   3.7168   33.3281

    Upper estimators
     Method                Quantile   Pinball loss      MAE       MSE
    ──────────────────────────────────────────────────────────────────
     Upper Estimator_QR         0.9         1.0735   6.7956   64.2443
     Upper Estimator_GBR        0.9       0.6790 *   4.6754   38.6803

    Intervals
     Pair       Nominal   Coverage   Mean width   Crossings   Served
    ─────────────────────────────────────────────────────────────────
     QR          80.0 %     86.3 %      10.5683           0   no
     QR + GBR    80.0 %     87.3 %       8.9043           0   yes
     GBR         80.0 %     81.4 %       7.5547           0   no

    Served trio
     Group       Rows     Share     RMSE      MAE   Coverage   Mean width
    ──────────────────────────────────────────────────────────────────────
     All          102   100.0 %   2.9672   2.0223     87.3 %       8.9043
     Certain       96    94.1 %   2.7444   1.9140     89.6 %       9.0259
     Uncertain      6     5.9 %   5.4006   3.7552     50.0 %       6.9573
    --- stderr
    wrote artifacts/v1.0.0.evaluation.json
    wrote artifacts/v1.0.0.report.html
    ");
}

#[test]
fn deterministic_methods_have_the_numbers_of_scikit_learn() {
    let json = Project::trained()
        .hp("evaluate --format json")
        .expect(0)
        .json();
    let (main, estimator) = (["rmse", "mae", "mse"], ["pinball", "mae", "mse"]);
    for (name, keys, expected) in [
        (
            "Linear Regression",
            main,
            [
                4.772_599_769_922_690_5,
                3.111_377_388_238_185,
                22.777_708_563_866_117,
            ],
        ),
        (
            "Ridge Regression",
            main,
            [
                4.770_753_867_937_040_5,
                3.105_014_862_995_333,
                22.760_092_468_436_234,
            ],
        ),
        (
            "Lower Estimator_QR",
            estimator,
            [
                0.512_968_903_825_781_6,
                4.832_015_686_860_306,
                47.347_263_588_925_46,
            ],
        ),
        (
            "Upper Estimator_QR",
            estimator,
            [
                1.073_528_476_211_028_4,
                6.795_603_950_725_492,
                64.244_341_113_779_1,
            ],
        ),
    ] {
        assert_close(&numbers(&json, name, &keys), &expected, 1e-9);
    }
    // Forests and boosted trees have luck in them: the spread of scikit-learn's is the yardstick.
    for (name, key, least, most) in [
        ("Random Forest Regressor", "rmse", 2.793, 3.158),
        ("Lower Estimator_GBR", "pinball", 0.474, 0.523),
        ("Upper Estimator_GBR", "pinball", 0.652, 0.691),
    ] {
        let number = numbers(&json, name, &[key])[0];
        assert!((least..most).contains(&number), "{name}: {number}");
    }
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
    for reference in [
        "<link",
        "<script src",
        "src=\"http",
        "href=\"http",
        "url(http",
        "@import",
    ] {
        assert!(!report.contains(reference), "{reference}");
    }
    let csv = project.hp("evaluate --format csv").expect(0).stdout;
    assert!(
        csv.starts_with("Method,RMSE,MAE,MSE,R²\nLinear Regression,4.7726,"),
        "{csv}"
    );
    assert!(!csv.contains('*'), "{csv}");
}

#[test]
fn any_labelled_file_can_be_evaluated_and_then_nothing_is_written() {
    let project = Project::trained();
    project.write("boston.parquet", boston_parquet());
    let before = project.files("");
    let json = |file: &str| {
        project
            .hp(&format!("evaluate --format json --data {file}"))
            .expect(0)
            .json()
    };
    let parquet = json("boston.parquet");
    // The names of a raw file are changed as on fetching.
    let raw = json("data/raw/boston.csv");
    let own = json("data/boston.csv");
    assert_eq!(parquet["rows"], 506);
    for list in ["main", "estimators", "intervals", "served"] {
        assert_eq!(parquet[list], own[list]);
        assert_eq!(raw[list], own[list]);
    }
    assert!(project.files("") == before);
}

#[test]
fn an_output_folder_gets_the_files_of_other_data() {
    let project = Project::trained();
    project
        .hp("evaluate --data data/boston.csv --output-dir new/out")
        .expect(0);
    assert_snapshot!(project.listing("new"), @"
    new/out/v1.0.0.evaluation.json
    new/out/v1.0.0.report.html
    ");
}

#[test]
fn a_bad_row_of_a_labelled_file_is_refused() {
    let project = Project::trained();
    let before = project.files("artifacts");
    project.write("bad.csv", boston_csv().replacen(",24\n", ",\n", 1));
    assert_snapshot!(project.hp("evaluate --data bad.csv"), @"
    exit code 1
    --- stderr
    What is wrong
     column   rule      cells   first line   value there
    ─────────────────────────────────────────────────────
     MEDV     missing       1            2

    error: 1 of 506 rows of `bad.csv` are not valid
    hint: correct or remove them
    ");
    assert!(project.files("artifacts") == before);
}

#[test]
fn a_version_is_not_evaluated_on_other_data_than_it_was_split_from() {
    let project = Project::trained();
    let text = boston_csv();
    project.write(
        "fewer.csv",
        text.lines().take(400).collect::<Vec<_>>().join("\n"),
    );
    project.hp("fetch --source fewer.csv").expect(0);
    assert_snapshot!(project.hp("evaluate"), @"
    exit code 1
    --- stderr
    error: v1.0.0 was trained on data 86befae859f7, but `data/boston.csv` holds data fd0d57045421
    hint: fetch that data again, train a new version, or evaluate a labelled file with --data
    ");
}

#[test]
fn an_archive_can_be_evaluated() {
    let project = Project::trained();
    let outcome = project
        .hp("evaluate --artifact artifacts/v1.0.0.tar.zst --format json")
        .expect(0);
    assert_eq!(
        outcome.json(),
        project.json("artifacts/v1.0.0.evaluation.json")
    );
}
