//! The evaluation of the oracle's predictions, its tables and its file, and what it refuses.

#[path = "support/oracle.rs"]
mod oracle;

use hp_core::config::Role;
use hp_evaluate::evaluation::{Evaluation, EvaluationError, Observations};
use hp_evaluate::metrics::MetricError;
use hp_evaluate::table::ResultTable;
use hp_testkit::{assert_close, test_data};
use oracle::{evaluate, fixture, observations, provenance, trio};
use serde_json::Value;

fn close(actual: f64, expected: &Value) {
    assert_close(&[actual], &[expected.as_f64().expect("a number")], 1e-12);
}

#[test]
fn has_the_oracle_metrics_of_every_method() {
    let evaluation = evaluate(&observations());
    let oracle = fixture();
    let methods = oracle["methods"].as_array().unwrap();
    let metrics_of = |name: &str| {
        let method = methods.iter().find(|method| method["name"] == name);
        &method.unwrap()["metrics"]
    };
    assert_eq!((evaluation.main.len(), evaluation.estimators.len()), (4, 4));
    for score in &evaluation.main {
        let expected = metrics_of(&score.name);
        close(score.rmse, &expected["rmse"]);
        close(score.mae, &expected["mae"]);
        close(score.mse, &expected["mse"]);
    }
    for score in &evaluation.estimators {
        let expected = metrics_of(&score.name);
        close(score.pinball, &expected["pinball"]);
        close(score.mae, &expected["mae"]);
        close(score.mse, &expected["mse"]);
    }
}

#[test]
fn has_the_oracle_intervals_and_share_uncertain() {
    let evaluation = evaluate(&observations());
    let oracle = &fixture()["intervals"];
    for (score, key) in evaluation
        .intervals
        .iter()
        .zip(["QuantileRegressor", "GradientBoosting"])
    {
        close(score.coverage, &oracle[key]["coverage"]);
        close(score.mean_width, &oracle[key]["mean_width"]);
        assert_eq!(
            score.crossings as u64,
            oracle[key]["crossings"].as_u64().unwrap()
        );
    }
    let served = &evaluation.served;
    close(served.share_uncertain, &oracle["share_uncertain"]);
    let flags = oracle["rf_uncertain_vs_gbr"].as_array().unwrap();
    let uncertain = flags.iter().filter(|flag| **flag == true).count();
    assert_eq!(served.uncertain.as_ref().unwrap().rows, uncertain);
    assert_eq!(
        served.certain.as_ref().unwrap().rows,
        flags.len() - uncertain
    );
}

#[test]
fn the_file_keeps_its_form() {
    let path = test_data(env!("CARGO_MANIFEST_DIR"), "evaluation/v1.json");
    let golden = std::fs::read_to_string(path).unwrap();
    let evaluation = evaluate(&observations());
    assert_eq!(evaluation.to_json().unwrap(), golden);
    let read = Evaluation::from_json(&golden).unwrap();
    assert_eq!(read.served_interval().unwrap().name, "GBR");
    assert_eq!(read.provenance, evaluation.provenance);
}

#[test]
fn a_newer_or_foreign_file_is_refused() {
    let newer = r#"{"format_version": 2, "what": "the future brings"}"#;
    let refused = Evaluation::from_json(newer).unwrap_err();
    let expected = "the evaluation has format version `2`, the newest known is `1`";
    assert_eq!(refused.to_string(), expected);
    for text in ["", "[]", "{}", r#"{"format_version": 1}"#] {
        let refused = Evaluation::from_json(text);
        assert!(matches!(refused, Err(EvaluationError::Json(_))), "{text}");
    }
}

/// A table as text; `*` marks the best.
fn text(table: &ResultTable) -> String {
    let rows = table.rows.iter().map(|row| {
        assert_eq!(row.len(), table.columns.len());
        let cells = row.iter().map(|cell| {
            let mark = if cell.best { "*" } else { "" };
            format!("{}{mark}", cell.text)
        });
        cells.collect::<Vec<_>>().join(" | ")
    });
    let head = [table.title.clone(), table.columns.join(" | ")];
    head.into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

#[test]
fn tables_mark_the_winner_of_every_column() {
    let tables = evaluate(&observations()).tables();
    let shown: Vec<_> = tables.iter().map(text).collect();
    assert_eq!(
        shown.join("\n\n"),
        "\
Main regressors
Method | RMSE | MAE | MSE | R²
Linear Regression | 4.7726 | 3.1114 | 22.7777 | 0.6894
Ridge Regression | 4.7708 | 3.1050 | 22.7601 | 0.6896
Huber Regressor | 5.1364 | 3.0479 | 26.3830 | 0.6402
Random Forest Regressor | 2.8407* | 2.0408* | 8.0695* | 0.8900*

Lower estimators
Method | Quantile | Pinball loss | MAE | MSE
Lower Estimator_QR | 0.1 | 0.5130 | 4.8320 | 47.3473
Lower Estimator_GBR | 0.1 | 0.4885* | 3.7046 | 32.5397

Upper estimators
Method | Quantile | Pinball loss | MAE | MSE
Upper Estimator_QR | 0.9 | 1.0735 | 6.7956 | 64.2443
Upper Estimator_GBR | 0.9 | 0.6658* | 4.4230 | 34.9830

Intervals
Pair | Nominal | Coverage | Mean width | Crossings | Served
QR | 80.0 % | 86.3 % | 10.5683 | 0 | no
GBR | 80.0 % | 78.4 % | 7.2737 | 0 | yes

Served trio
Group | Rows | Share | RMSE | MAE | Coverage | Mean width
All | 102 | 100.0 % | 2.8407 | 2.0408 | 78.4 % | 7.2737
Certain | 98 | 96.1 % | 2.6763 | 1.9371 | 79.6 % | 7.2520
Uncertain | 4 | 3.9 % | 5.5041 | 4.5815 | 50.0 % | 7.8047"
    );
    assert_eq!(tables[3].rows[1][2].value, Some(80.0 / 102.0));
}

#[test]
fn equal_methods_are_both_best() {
    let mut observations = observations();
    let mut twin = observations.methods[3].clone();
    twin.name = "Twin".to_owned();
    observations.methods.push(twin);
    let evaluation = evaluate(&observations);
    let best = evaluation.main.iter().filter(|score| score.best.len() == 4);
    let names: Vec<_> = best.map(|score| score.name.as_str()).collect();
    assert_eq!(names, ["Random Forest Regressor", "Twin"]);
}

#[test]
fn a_mixed_served_pair_is_an_interval_of_its_own() {
    let mut observations = observations();
    observations.served = trio(
        "Ridge Regression",
        "Lower Estimator_QR",
        "Upper Estimator_GBR",
    );
    let evaluation = evaluate(&observations);
    let names: Vec<_> = evaluation
        .intervals
        .iter()
        .map(|i| (i.name.as_str(), i.served))
        .collect();
    assert_eq!(names, [("QR", false), ("QR + GBR", true), ("GBR", false)]);
}

#[test]
fn nominal_coverage_is_a_round_number() {
    let mut observations = observations();
    for method in &mut observations.methods {
        method.quantile = match method.role {
            Role::Main => None,
            Role::Lower => Some(0.05),
            Role::Upper => Some(0.95),
        };
    }
    assert_eq!(
        evaluate(&observations).intervals[0].nominal.to_string(),
        "0.9"
    );
}

#[test]
fn a_group_without_rows_has_no_score() {
    let mut observations = observations();
    let forest = observations.methods[3].predictions.clone();
    for method in &mut observations.methods {
        match method.role {
            Role::Main => {}
            Role::Lower => method.predictions = forest.iter().map(|y| y - 1.0).collect(),
            Role::Upper => method.predictions = forest.iter().map(|y| y + 1.0).collect(),
        }
    }
    let served = evaluate(&observations).served;
    assert_eq!((served.share_uncertain, served.uncertain), (0.0, None));
    assert_eq!(served.certain, Some(served.all));
}

#[test]
fn one_row_is_enough() {
    let evaluation = evaluate(&first_rows(1));
    assert_eq!(evaluation.main[0].r2, None);
    assert_eq!(evaluation.tables()[0].rows[0][4].text, "–");
}

/// The first `count` rows only.
fn first_rows(count: usize) -> Observations {
    let mut observations = observations();
    observations.y_true.truncate(count);
    for method in &mut observations.methods {
        method.predictions.truncate(count);
    }
    observations
}

#[test]
fn inconsistent_observations_are_refused() {
    type Change<'a> = &'a dyn Fn(&mut Observations);
    let message = |change: Change<'_>| {
        let mut observations = observations();
        change(&mut observations);
        Evaluation::new(provenance(), &observations)
            .unwrap_err()
            .to_string()
    };
    let cases: [(Change<'_>, &str); 6] = [
        (&|o| o.y_true.clear(), "there are no rows to evaluate on"),
        (
            &|o| o.methods[1].name = o.methods[0].name.clone(),
            "method `Linear Regression` is given twice",
        ),
        (
            &|o| o.methods[2].predictions.truncate(7),
            "method `Huber Regressor` has `7` predictions for `102` rows",
        ),
        (
            &|o| o.feature_names.truncate(3),
            "method `Random Forest Regressor` must have a finite importance for each of `3` features",
        ),
        (
            &|o| o.methods[4].quantile = None,
            "method `Upper Estimator_QR` estimates a limit but has no quantile",
        ),
        (
            &|o| o.served.lower = "Upper Estimator_QR".to_owned(),
            "there is no method `Upper Estimator_QR` of the role `lower` to serve",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(message(change), expected);
    }
}

#[test]
fn a_metric_without_value_names_the_method_and_the_row() {
    let mut observations = observations();
    observations.methods[7].predictions[5] = f64::NAN;
    let refused = Evaluation::new(provenance(), &observations).unwrap_err();
    let EvaluationError::Metric { method, source } = refused else {
        panic!("{refused}");
    };
    assert_eq!(method, "Lower Estimator_GBR");
    assert!(matches!(source, MetricError::NotFinite { index: 5, .. }));
}

#[test]
fn metrics_have_names_for_conditions_and_servers() {
    let evaluation = evaluate(&observations());
    let served = evaluation.served_metrics();
    let names: Vec<_> = served.keys().map(String::as_str).collect();
    let expected = [
        "coverage",
        "mae",
        "mean_width",
        "mse",
        "pinball_lower",
        "pinball_upper",
        "r2",
        "rmse",
        "share_uncertain",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        served["rmse"].to_bits(),
        evaluation.served.all.rmse.to_bits()
    );
    let estimator = evaluation.method_metrics(&evaluation.served.trio.lower);
    assert_eq!(
        estimator["pinball"].to_bits(),
        served["pinball_lower"].to_bits()
    );
    assert!(evaluation.method_metrics("unknown").is_empty());
}
