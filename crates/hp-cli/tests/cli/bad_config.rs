//! Configurations that are refused, each problem with its place.

use crate::support::Project;
use insta::assert_snapshot;

const MODEL: &str = "configs/model_config.yaml";
const DATA: &str = "configs/data_config.yaml";

/// What `hp train` says of a model configuration; nothing may be written.
fn model(text: &str) -> String {
    let project = Project::fetched();
    project.write(MODEL, text);
    let outcome = project.hp("train").refused(4, &["model_config.yaml"]);
    assert!(!project.path("artifacts").exists());
    outcome.stderr
}

/// What `hp train` says of the shipped model configuration with one thing changed.
fn changed(from: &str, to: &str) -> String {
    let text = Project::new().read(MODEL);
    assert!(text.contains(from), "{from}");
    model(&text.replacen(from, to, 1))
}

#[test]
fn a_list() {
    assert_snapshot!(model("- a\n- b\n"), @"
    error: `configs/model_config.yaml` has a problem
      configs/model_config.yaml:1:1: the model configuration must be a mapping, found a list
          |
        1 | - a
          | ^
    ");
    let project = Project::new();
    project.write(DATA, "- a\n");
    assert_snapshot!(project.hp("fetch --offline"), @"
    exit code 4
    --- stderr
    error: `configs/data_config.yaml` has a problem
      configs/data_config.yaml:1:1: the data configuration must be a mapping, found a list
          |
        1 | - a
          | ^
    ");
}

#[test]
fn nothing() {
    assert_snapshot!(model(""), @"
    error: `configs/model_config.yaml` has 2 problems
      configs/model_config.yaml:1:1: the model configuration has no `model_versions`
      configs/model_config.yaml:1:1: the model configuration has no `Methods`
    ");
}

#[test]
fn a_yaml_bomb() {
    let mut levels = vec!["a: &a [x,x,x,x,x,x,x,x,x,x]".to_owned()];
    for (level, previous) in ('b'..='k').zip('a'..) {
        let uses = vec![format!("*{previous}"); 10].join(",");
        levels.push(format!("{level}: &{level} [{uses}]"));
    }
    let report = model(&levels.join("\n"));
    assert!(report.contains("budget") && report.len() < 1000, "{report}");
}

#[test]
fn an_unknown_method() {
    assert_snapshot!(changed("\"Ridge Regression\"", "\"Rigde Regression\""), @r#"
    error: `configs/model_config.yaml` has a problem
      configs/model_config.yaml:6:5: unknown method `Rigde Regression`; known methods: `Linear Regression`, `Ridge Regression`, `Huber Regressor`, `Random Forest Regressor`, `Gradient Boosting Regressor`, `Upper Estimator_QR`, `Lower Estimator_QR`, `Upper Estimator_GBR`, `Lower Estimator_GBR`
          |
        6 |   - name: "Rigde Regression"
          |     ^
    "#);
}

#[test]
fn an_unknown_key() {
    assert_snapshot!(changed("max_depth: 3", "max_dept: 3"), @r#"
    error: `configs/model_config.yaml` has a problem
      configs/model_config.yaml:17:82: unknown key `max_dept` of the `config` of `Upper Estimator_GBR`; valid keys: alpha, ccp_alpha, copy_X, criterion, init, learning_rate, loss, max_bins, max_depth, max_features, max_leaf_nodes, min_impurity_decrease, min_samples_leaf, min_samples_split, min_weight_fraction_leaf, n_estimators, n_iter_no_change, n_jobs, random_state, subsample, tol, tree_method, validation_fraction, verbose, warm_start
           |
        17 | fig: { loss: "quantile", alpha: .9, n_estimators: 100, learning_rate: .1, max_dept: 3, random_state:
           |                                                                           ^
    "#);
}

#[test]
fn a_quantile_that_is_none() {
    for quantile in ["0", "1", "2"] {
        let report = changed("quantile: .9", &format!("quantile: {quantile}"));
        assert!(
            report.contains("`quantile` must be a number in (0, 1), found"),
            "{report}"
        );
        assert!(report.contains("model_config.yaml:13:25"), "{report}");
    }
    let report = changed("alpha: .1,", "alpha: 2,");
    assert!(report.contains("`alpha` must be"), "{report}");
}

#[test]
fn no_trees() {
    assert_snapshot!(changed("n_estimators: 100, criterion", "n_estimators: 0, criterion"), @r#"
    error: `configs/model_config.yaml` has a problem
      configs/model_config.yaml:11:29: `n_estimators` must be an integer of at least 1, found `0`
           |
        11 |     config: { n_estimators: 0, criterion: "squared_error", oob_score: True, random_state: 42 }
           |                             ^
    "#);
}

#[test]
fn no_folds() {
    let text = Project::new().read(MODEL) + "cross_validation: { folds: 1 }\n";
    assert_snapshot!(model(&text), @"
    error: `configs/model_config.yaml` has a problem
      configs/model_config.yaml:20:28: `folds` must be an integer of at least 2, found `1`
           |
        20 | cross_validation: { folds: 1 }
           |                            ^
    ");
}

#[test]
fn bytes_that_are_no_text() {
    let project = Project::fetched();
    project.write(MODEL, b"model_versions: \xff\n");
    assert_snapshot!(project.hp("train"), @"
    exit code 4
    --- stderr
    error: `configs/model_config.yaml` is not UTF-8 text (byte 16)
    hint: save the file as UTF-8
    ");
    std::fs::File::create(project.path(MODEL))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    assert_snapshot!(project.hp("train"), @"
    exit code 4
    --- stderr
    error: `configs/model_config.yaml` is larger than 4194304 bytes: no configuration
    ");
}

#[test]
fn a_missing_file_and_a_folder() {
    let project = Project::fetched();
    assert_snapshot!(project.hp("train --config none.yaml"), @"
    exit code 4
    --- stderr
    error: `none.yaml` cannot be read: No such file or directory (os error 2)
    hint: run `hp` in the project's folder, or name the file
    ");
    assert_snapshot!(project.hp("train --config configs"), @"
    exit code 4
    --- stderr
    error: `configs` cannot be read: Is a directory (os error 21)
    hint: run `hp` in the project's folder, or name the file
    ");
    std::fs::remove_file(project.path(DATA)).unwrap();
    assert_snapshot!(project.hp("run"), @"
    exit code 4
    --- stderr
    stopped at fetch; resume with: hp run --from fetch
    error: `configs/data_config.yaml` cannot be read: No such file or directory (os error 2)
    hint: run `hp` in the project's folder, or name the file
    ");
}

#[test]
fn a_data_configuration_with_several_mistakes() {
    let project = Project::new();
    project.replace(DATA, "max_rejected: 0.05", "max_rejected: 5");
    project.replace(DATA, "target: MEDV", "target: PRICE");
    assert_snapshot!(project.hp("fetch --offline"), @"
    exit code 4
    --- stderr
    error: `configs/data_config.yaml` has 2 problems
      configs/data_config.yaml:14:15: `max_rejected` must be a number in [0, 1], found `5`
           |
        14 | max_rejected: 5   # more invalid rows than this share, and nothing is written
           |               ^
      configs/data_config.yaml:18:3: the target `PRICE` is not among the columns
           |
        18 |   - { name: CRIM, dtype: float, min: 0, max: 100, description: crime rate by town, unit: per head }
           |   ^
    ");
    assert_eq!(project.listing("data"), "data/raw/boston.csv");
}
