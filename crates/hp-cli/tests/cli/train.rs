//! `hp train`: a version, its immutability, and the same bytes every time.

use crate::support::Project;
use insta::assert_snapshot;

const CONFIG: &str = "configs/model_config.yaml";

/// Three methods that fit quickly.
const SMALL: &str = r#"
model_versions: "v1.0.0"
Methods:
  - name: "Upper Estimator_QR"
    config: { quantile: .9, alpha: 0, solver: "highs" }
  - name: "Lower Estimator_QR"
    config: { quantile: .1, alpha: 0, solver: "highs" }
  - name: "Linear Regression"
    config: { fit_intercept: True, n_jobs: -1, copy_X: True }
"#;

fn small() -> Project {
    let project = Project::fetched();
    project.write(CONFIG, SMALL);
    project
}

/// The text with the times at the ends of lines hidden.
fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| match line.rsplit_once(' ') {
        Some((start, time)) if time.parse::<f64>().is_ok() => format!("{} [ms]", start.trim_end()),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_method_is_fitted_and_the_trio_chosen() {
    let project = Project::fetched();
    let outcome = project.hp("train").expect(0);
    assert_snapshot!(without_times(&outcome.stdout), @"
    v1.0.0 on 404 training rows
     method                    role    metric    cross-validated   served   fit ms
    ───────────────────────────────────────────────────────────────────────────────
     Linear Regression         main    rmse               4.9123 [ms]
     Ridge Regression          main    rmse               4.9107 [ms]
     Huber Regressor           main    rmse               5.0654 [ms]
     Random Forest Regressor   main    rmse               3.8402        * [ms]
     Upper Estimator_QR        upper   pinball            1.0589 [ms]
     Lower Estimator_QR        lower   pinball            0.6262        * [ms]
     Upper Estimator_GBR       upper   pinball            0.8469        * [ms]
     Lower Estimator_GBR       lower   pinball            0.6495 [ms]
    ");
    assert_snapshot!(outcome.stderr, @"wrote artifacts/v1.0.0");
    assert_snapshot!(project.listing("artifacts/v1.0.0"), @"
    artifacts/v1.0.0/huber_regressor_v1.0.0.bin
    artifacts/v1.0.0/linear_regression_v1.0.0.bin
    artifacts/v1.0.0/lower_estimator_gbr_v1.0.0.bin
    artifacts/v1.0.0/lower_estimator_qr_v1.0.0.bin
    artifacts/v1.0.0/manifest.json
    artifacts/v1.0.0/preprocessor.bin
    artifacts/v1.0.0/random_forest_regressor_v1.0.0.bin
    artifacts/v1.0.0/reference.json
    artifacts/v1.0.0/ridge_regression_v1.0.0.bin
    artifacts/v1.0.0/upper_estimator_gbr_v1.0.0.bin
    artifacts/v1.0.0/upper_estimator_qr_v1.0.0.bin
    ");
}

#[test]
fn the_published_form_works_and_keys_without_effect_are_named() {
    let project = small();
    let outcome = project.hp("train").expect(0);
    assert_snapshot!(outcome.stderr, @"
    note: `Linear Regression`: without effect here: copy_X, n_jobs
    wrote artifacts/v1.0.0
    ");
    let serving = &project.json("artifacts/v1.0.0/manifest.json")["serving"];
    assert_eq!(serving["main"]["method"], "Linear Regression");
}

#[test]
fn training_again_changes_nothing() {
    let project = Project::trained();
    let before = project.files("");
    for args in ["train", "train --overwrite"] {
        assert_eq!(
            project.hp(args).expect(0).stderr,
            "v1.0.0 is unchanged: it was trained from the same data and configuration\n"
        );
    }
    assert!(project.files("") == before);
}

#[test]
fn a_changed_configuration_is_refused_until_the_version_is_raised() {
    let project = Project::trained();
    let before = project.files("artifacts");
    project.replace(CONFIG, "alpha: 1.0, solver: \"auto\"", "alpha: 2.5");
    project.replace(
        CONFIG,
        "n_estimators: 100, criterion",
        "n_estimators: 7, criterion",
    );
    project.replace(
        CONFIG,
        "  - name: \"Linear Regression\"\n    config: { fit_intercept: True }\n",
        "",
    );
    assert_snapshot!(project.hp("train"), @r#"
    exit code 3
    --- stderr
    error: v1.0.0 exists and was trained differently:
      method `Linear Regression` removed
      Ridge Regression.alpha: 1 → 2.5
      Random Forest Regressor.n_estimators: 100 → 7
    hint: raise `model_versions`, for example to "v1.1.0", or replace the version with --overwrite
    "#);
    assert!(project.files("artifacts") == before);

    project.replace(CONFIG, "v1.0.0", "v1.1.0");
    project.hp("train").expect(0);
    assert!(project.path("artifacts/v1.1.0/manifest.json").exists());
    let old = project.files("artifacts/v1.0.0");
    assert!(old.iter().all(|(name, bytes)| before[name] == *bytes));
}

#[test]
fn changed_data_is_refused_too_and_overwrite_replaces() {
    let project = Project::trained();
    let text = project.read("data/raw/boston.csv");
    project.write(
        "fewer.csv",
        text.lines().take(400).collect::<Vec<_>>().join("\n"),
    );
    project.hp("fetch --source fewer.csv").expect(0);
    assert_snapshot!(project.hp("train"), @r#"
    exit code 3
    --- stderr
    error: v1.0.0 exists and was trained differently:
      data: 86befae859f7 → fd0d57045421
    hint: raise `model_versions`, for example to "v1.1.0", or replace the version with --overwrite
    "#);
    project.hp("train --overwrite").expect(0);
    assert_eq!(
        project.json("artifacts/v1.0.0/manifest.json")["data"]["rows"],
        399
    );
    let doctor = project.hp("doctor").expect(1);
    assert!(doctor.stdout.contains("fewer.csv"), "{doctor}");
}

#[test]
fn the_bytes_are_the_same_for_any_number_of_threads_and_after_deletion() {
    let project = Project::trained();
    let first = project.files("artifacts/v1.0.0");
    assert_eq!(first.len(), 11);
    for threads in ["1", "2", "5"] {
        std::fs::remove_dir_all(project.path("artifacts")).unwrap();
        let mut hp = project.command();
        project
            .run(hp.arg("train").env("RAYON_NUM_THREADS", threads))
            .expect(0);
        assert!(
            project.files("artifacts/v1.0.0") == first,
            "{threads} threads"
        );
    }
}

#[test]
fn the_manifest_is_available_to_programs() {
    let project = small();
    let json = project.hp("train --format json").expect(0).json();
    assert_eq!(
        json["manifest"],
        project.json("artifacts/v1.0.0/manifest.json")
    );
    assert!(json["fit_ms"]["Linear Regression"].as_f64().unwrap() > 0.0);
    std::fs::remove_dir_all(project.path("artifacts")).unwrap();
    let csv = project.hp("train --format csv").expect(0).stdout;
    assert!(
        csv.starts_with("method,role,metric,cross-validated,served,fit ms\n"),
        "{csv}"
    );
}

#[test]
fn arguments_may_come_from_the_environment() {
    let project = small();
    project.write("other.yaml", SMALL.replace("v1.0.0", "v2.0.0"));
    let mut hp = project.command();
    hp.env("HP_CONFIG", "other.yaml")
        .env("HP_ARTIFACTS", "elsewhere/models");
    project.run(hp.arg("train")).expect(0);
    assert!(
        project
            .path("elsewhere/models/v2.0.0/manifest.json")
            .exists()
    );
}

#[test]
fn without_data_the_cure_is_named() {
    let outcome = Project::new()
        .hp("train")
        .refused(1, &["no data set", "hint: run `hp fetch`"]);
    assert!(outcome.stderr.lines().count() == 2, "{outcome}");
}

#[test]
fn data_changed_by_hand_is_noticed() {
    let project = Project::fetched();
    project.replace("data/boston.csv", "0.00632,18,", "0.00632,19,");
    project
        .hp("train")
        .refused(1, &["its manifest says", "hint: run `hp fetch`"]);
    assert_eq!(project.listing("artifacts"), "");
}
