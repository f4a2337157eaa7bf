//! Two runs side by side.

use crate::sample::{method, metrics, run};
use hp_core::config::Role;
use hp_core::fingerprint::Fingerprint;
use hp_registry::compare::{Comparison, MetricPair, Side, compare};
use hp_registry::run::Run;
use serde_json::json;

fn pair<'a>(comparison: &'a Comparison, method: Option<&str>, metric: &str) -> &'a MetricPair {
    let mut pairs = comparison.metrics.iter();
    pairs
        .find(|pair| pair.method.as_deref() == method && pair.metric == metric)
        .unwrap()
}

fn words(changes: &[hp_registry::compare::Change]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

#[test]
fn equal_runs_differ_in_nothing() {
    let compared = compare(&run(1, "v1.0.0"), &run(2, "v1.0.0"));
    assert!(compared.parameters.is_empty() && compared.data.is_empty() && compared.code.is_empty());
    assert!(compared.metrics.iter().all(|pair| pair.better.is_none()));
    assert!(
        compared
            .metrics
            .iter()
            .all(|pair| pair.difference == Some(0.0))
    );
    assert_eq!(compared.metrics.len(), 3 + 3 * 3);
}

#[test]
fn the_better_side_depends_on_the_metric() {
    let with = |values: &[(&str, f64)]| -> Run {
        Run {
            metrics: metrics(values),
            ..run(1, "v1.0.0")
        }
    };
    let a = with(&[
        ("rmse", 3.0),
        ("cv_rmse", 4.0),
        ("pinball_lower", 0.5),
        ("mean_width", 8.0),
        ("r2", 0.9),
        ("coverage", 0.75),
        ("share_uncertain", 0.1),
        ("oddity", 1.0),
        ("mae", 2.0),
    ]);
    let b = with(&[
        ("rmse", 3.5),
        ("cv_rmse", 3.5),
        ("pinball_lower", 0.25),
        ("mean_width", 9.0),
        ("r2", 0.8),
        ("coverage", 0.81),
        ("share_uncertain", 0.05),
        ("oddity", 2.0),
        ("mse", 9.0),
    ]);
    let compared = compare(&a, &b);
    let better = |metric: &str| pair(&compared, None, metric).better;
    for (metric, side) in [
        ("rmse", Some(Side::A)),
        ("cv_rmse", Some(Side::B)),
        ("pinball_lower", Some(Side::B)),
        ("mean_width", Some(Side::A)),
        ("r2", Some(Side::A)),
        ("share_uncertain", Some(Side::B)),
        // The limits are those of 10 % and 90 %, so that 80 % should lie between.
        ("coverage", Some(Side::B)),
        ("oddity", None),
        ("mae", None),
        ("mse", None),
    ] {
        assert_eq!(better(metric), side, "{metric}");
    }
    assert_eq!(pair(&compared, None, "rmse").difference, Some(0.5));
    let only_b = pair(&compared, None, "mse");
    assert_eq!(
        (only_b.a, only_b.b, only_b.difference),
        (None, Some(9.0), None)
    );
}

#[test]
fn a_coverage_is_judged_only_where_the_nominal_one_is_known() {
    let (a, mut b) = (run(1, "v1.0.0"), run(2, "v1.0.0"));
    b.metrics.insert("coverage".to_owned(), 0.5);
    assert_eq!(
        pair(&compare(&a, &b), None, "coverage").better,
        Some(Side::A)
    );
    b.methods[1] = method("Lower Estimator_GBR", Role::Lower, &[("alpha", json!(0.1))]);
    assert_eq!(
        pair(&compare(&a, &b), None, "coverage").better,
        Some(Side::A)
    );
    b.methods[1]
        .parameters
        .insert("alpha".to_owned(), json!(0.05));
    assert_eq!(pair(&compare(&a, &b), None, "coverage").better, None);
    b.methods[1].served = false;
    assert_eq!(pair(&compare(&a, &b), None, "coverage").better, None);
}

#[test]
fn methods_are_compared_by_name() {
    let (a, mut b) = (run(1, "v1.0.0"), run(2, "v1.1.0"));
    b.methods[0].cross_validation.as_mut().unwrap().mean = 3.0;
    b.methods[0].parameters.insert("alpha".to_owned(), json!(2));
    b.methods[0]
        .parameters
        .insert("tol".to_owned(), json!(1e-4));
    b.methods.remove(1);
    b.methods.push(method("Huber Regressor", Role::Main, &[]));
    b.methods[2].served = false;
    let compared = compare(&a, &b);
    assert_eq!(
        words(&compared.parameters),
        [
            "method `Lower Estimator_QR` removed",
            "method `Huber Regressor` added",
            "Ridge Regression.alpha: 1 → 2",
            "Ridge Regression.tol: none → 0.0001",
            "serving.lower: Lower Estimator_QR → none",
        ]
    );
    let cv = pair(&compared, Some("Ridge Regression"), "cv_rmse");
    assert_eq!(
        (cv.a, cv.b, cv.better),
        (Some(3.75), Some(3.0), Some(Side::B))
    );
    assert_eq!(pair(&compared, Some("Huber Regressor"), "rmse").a, None);
    assert_eq!(
        pair(&compared, Some("Lower Estimator_QR"), "fit_seconds").b,
        None
    );
}

#[test]
fn held_out_metrics_of_different_data_are_not_judged() {
    let (mut a, mut b) = (run(1, "v1.0.0"), run(2, "v1.1.0"));
    a.metrics = metrics(&[("rmse", 3.0), ("cv_rmse", 4.0)]);
    b.metrics = metrics(&[("rmse", 3.5), ("cv_rmse", 4.5)]);
    b.methods[0].metrics = metrics(&[("rmse", 1.0)]);
    b.methods[0].fit_seconds = Some(0.1);
    let same = compare(&a, &b);
    assert!(same.same_data);
    assert_eq!(pair(&same, None, "rmse").better, Some(Side::A));
    let name = Some("Ridge Regression");
    assert_eq!(pair(&same, name, "rmse").better, Some(Side::B));
    assert_eq!(pair(&same, name, "fit_seconds").better, None);

    b.data.fingerprint = Fingerprint::of(b"other");
    let other = compare(&a, &b);
    assert!(!other.same_data);
    assert_eq!(pair(&other, None, "rmse").better, None);
    assert_eq!(pair(&other, name, "rmse").better, None);
    assert_eq!(pair(&other, None, "cv_rmse").better, Some(Side::A));
}

#[test]
fn a_run_that_did_not_finish_served_nothing_to_compare() {
    let (a, mut b) = (run(1, "v1.0.0"), run(2, "v1.0.0"));
    for method in &mut b.methods {
        method.served = false;
    }
    assert!(compare(&a, &b).parameters.is_empty());
}

#[test]
fn data_and_code_are_compared() {
    let (a, mut b) = (run(1, "v1.0.0"), run(2, "v1.0.0"));
    b.data.fingerprint = Fingerprint::of(b"other");
    b.data.rows = 507;
    b.data.columns = vec![
        ("RM".to_owned(), "integer".to_owned()),
        ("AGE".to_owned(), "float".to_owned()),
    ];
    b.git = None;
    b.hp_version = "0.2.0".to_owned();
    let compared = compare(&a, &b);
    let (from, to) = (a.data.fingerprint, b.data.fingerprint);
    assert_eq!(
        words(&compared.data),
        [
            format!("data.fingerprint: {from} → {to}"),
            "data.rows: 506 → 507".to_owned(),
            "column `AGE` added".to_owned(),
            "RM.dtype: float → integer".to_owned(),
        ]
    );
    assert_eq!(
        words(&compared.code),
        [
            "git.commit: 909b04c5d3c1a1f4 → none",
            "git.branch: main → none",
            "git.dirty: false → none",
            "hp_version: 0.1.0 → 0.2.0",
        ]
    );
    let json = serde_json::to_value(&compared).unwrap();
    let change = json!({"change": "value", "path": "data.rows", "from": 506, "to": 507});
    assert_eq!(json["data"][1], change);
    assert_eq!(json["metrics"][0]["better"], json!(null));
}
