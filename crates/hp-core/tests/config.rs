//! The shipped and the published configurations, and what is said of broken ones.

use hp_core::config::{DataConfig, Location, ModelConfig, Rename, Role};
use hp_core::method::{Amount, BoostingLoss, MaxFeatures, MethodConfig, TreeMethod, TreeParams};
use insta::assert_snapshot;

const DATA: &str = include_str!("../../../configs/data_config.yaml");
const MODEL: &str = include_str!("../../../configs/model_config.yaml");

/// The problems of a model configuration.
fn refused(text: &str) -> String {
    let error = ModelConfig::parse("m.yaml", text).expect_err("a broken configuration");
    error.to_string()
}

/// A complete configuration with `config` as that of the random forest.
fn with_forest(config: &str) -> String {
    with_main("Random Forest Regressor", config)
}

fn with_main(name: &str, config: &str) -> String {
    format!(
        "model_versions: v1.0.0
Methods:
  - {{ name: Lower Estimator_QR, config: {{ quantile: .1 }} }}
  - {{ name: Upper Estimator_QR, config: {{ quantile: .9 }} }}
  - name: {name}
    config: {config}
"
    )
}

#[test]
fn shipped_data_config_describes_boston() {
    let config = DataConfig::parse("data_config.yaml", DATA).unwrap();
    assert_eq!(config.name, "boston");
    assert_eq!(config.schema.features.len(), 12);
    assert_eq!(config.schema.target.name, "MEDV");
    assert_eq!(config.rename, Rename::Upper);
    assert_eq!(config.drop, ["B"]);
    assert!(matches!(config.sources[0].location, Location::Url(_)));
    assert!(matches!(config.sources[1].location, Location::Path(_)));
    assert_eq!(config.sources[0].sha256, config.sources[1].sha256);
}

#[test]
fn shipped_model_config_has_all_eight_methods() {
    let config = ModelConfig::parse("model_config.yaml", MODEL).unwrap();
    assert_eq!(config.version.to_string(), "v1.0.0");
    assert_eq!(config.methods_of(Role::Main).count(), 4);
    assert_eq!(config.methods_of(Role::Lower).count(), 2);
    assert_eq!(config.methods_of(Role::Upper).count(), 2);
}

#[test]
fn published_form_works_verbatim() {
    let text = r#"
model_versions: "v1.0.0"
Methods:
  - name: "Upper Estimator_QR"
    config: { quantile: .9, alpha: 0, solver: "highs" }
  - name: "Lower Estimator_GBR"
    config: { loss: "quantile", alpha: .1, n_jobs: 2 }
  - name: "Linear Regression"
    config: { fit_intercept: True }
"#;
    let config = ModelConfig::parse("m.yaml", text).unwrap();
    assert_eq!(config.methods[1].ignored, ["n_jobs"]);
    let MethodConfig::QuantileRegressor(upper) = &config.methods[0].config else {
        panic!("a quantile regressor");
    };
    assert_eq!(
        (upper.quantile, upper.alpha, upper.fit_intercept),
        (0.9, 0.0, true)
    );
    let MethodConfig::GradientBoostingRegressor(lower) = &config.methods[1].config else {
        panic!("gradient boosting");
    };
    assert_eq!((lower.loss, lower.alpha), (BoostingLoss::Quantile, 0.1));
    assert_eq!((lower.n_estimators, lower.tree.max_depth), (100, Some(3)));
}

#[test]
fn execution_keys_are_ignored_and_named() {
    let text = with_forest("{ n_jobs: -1, verbose: 1, max_features: sqrt, max_samples: .5 }");
    let config = ModelConfig::parse("m.yaml", &text).unwrap();
    let forest = &config.methods[2];
    assert_eq!(forest.ignored, ["n_jobs", "verbose"]);
    let MethodConfig::RandomForestRegressor(params) = &forest.config else {
        panic!("a forest");
    };
    assert_eq!(params.tree.max_features, MaxFeatures::Sqrt);
    assert_eq!(params.max_samples, Some(Amount::Fraction(0.5)));
}

#[test]
fn boosting_may_predict_the_target_with_any_loss_and_on_histograms() {
    let text = with_main(
        "Gradient Boosting Regressor",
        "{ loss: huber, tree_method: hist, max_bins: 64, max_depth: null, max_leaf_nodes: 31 }",
    );
    let config = ModelConfig::parse("m.yaml", &text).unwrap();
    assert_eq!(config.methods[2].role, Role::Main);
    let MethodConfig::GradientBoostingRegressor(params) = &config.methods[2].config else {
        panic!("gradient boosting");
    };
    assert_eq!(params.loss, BoostingLoss::Huber);
    let tree = &params.tree;
    assert_eq!((tree.tree_method, tree.max_bins), (TreeMethod::Hist, 64));
    assert_eq!((tree.max_depth, tree.max_leaf_nodes), (None, Some(31)));
}

#[test]
fn parameters_of_former_versions_are_read_with_the_defaults_of_later_keys() {
    let mut former = serde_json::to_value(TreeParams::default()).unwrap();
    let keys = former.as_object_mut().unwrap();
    for key in ["tree_method", "max_bins"] {
        assert!(keys.remove(key).is_some(), "{key}");
    }
    let read: TreeParams = serde_json::from_value(former).unwrap();
    assert_eq!(read, TreeParams::default());
}

#[test]
fn parameters_survive_json() {
    let config = ModelConfig::parse("m.yaml", MODEL).unwrap();
    for method in config.methods {
        let json = serde_json::to_string(&method).unwrap();
        assert_eq!(
            serde_json::from_str::<hp_core::config::Method>(&json).unwrap(),
            method
        );
    }
}

#[test]
fn every_problem_is_shown_with_its_place() {
    let text = "model_versions: v1
Methods:
  - name: Upper Estimator_QR
    config: { quantil: .9, alpha: x, solver: hi }
  - name: Random Forest
";
    assert_snapshot!(refused(text), @"
    `m.yaml` has 5 problems
      m.yaml:1:17: `model_versions`: `v1` is not a model version like `v1.0.0`
          |
        1 | model_versions: v1
          |                 ^
      m.yaml:4:15: unknown key `quantil` of the `config` of `Upper Estimator_QR`; valid keys: alpha, copy_X, fit_intercept, n_jobs, quantile, solver, solver_options, verbose, warm_start
          |
        4 |     config: { quantil: .9, alpha: x, solver: hi }
          |               ^
      m.yaml:4:35: `alpha` must be a number in [0, inf), found the text `x`
          |
        4 |     config: { quantil: .9, alpha: x, solver: hi }
          |                                   ^
      m.yaml:4:46: `solver` must be one of `highs`, `highs-ds`, `highs-ipm`, `interior-point`, `revised simplex`, found the text `hi`
          |
        4 |     config: { quantil: .9, alpha: x, solver: hi }
          |                                              ^
      m.yaml:5:5: unknown method `Random Forest`; known methods: `Linear Regression`, `Ridge Regression`, `Huber Regressor`, `Random Forest Regressor`, `Gradient Boosting Regressor`, `Upper Estimator_QR`, `Lower Estimator_QR`, `Upper Estimator_GBR`, `Lower Estimator_GBR`
          |
        5 |   - name: Random Forest
          |     ^
    ");
}

#[test]
fn out_of_range_values_are_refused() {
    for (config, expected) in [
        (
            "{ n_estimators: 0 }",
            "`n_estimators` must be an integer of at least 1, found `0`",
        ),
        ("{ n_estimators: null }", "found nothing"),
        ("{ max_depth: None }", "found the text `None`"),
        (
            "{ max_bins: 1 }",
            "`max_bins` must be an integer in [2, 65536], found `1`",
        ),
        (
            "{ max_bins: 65537 }",
            "`max_bins` must be an integer in [2, 65536]",
        ),
        (
            "{ tree_method: approx }",
            "`tree_method` must be one of `auto`, `exact`, `hist`",
        ),
        (
            "{ max_features: 0 }",
            "`max_features` must be an integer of at least 1 or a number in (0, 1]",
        ),
        ("{ max_features: 1.5 }", "found `1.5`"),
        (
            "{ min_samples_split: 1 }",
            "an integer of at least 2 or a number in (0, 1]",
        ),
        (
            "{ bootstrap: 1 }",
            "`bootstrap` must be `true` or `false`, found `1`",
        ),
        (
            "{ criterion: poisson }",
            "`criterion` must be one of `squared_error`",
        ),
        ("{ random_state: -1 }", "an integer in [0, 4294967295]"),
        (
            "{ ccp_alpha: 0.1 }",
            "`ccp_alpha` is supported at its default only, `0`",
        ),
        (
            "[1, 2]",
            "the `config` of `Random Forest Regressor` must be a mapping, found a list",
        ),
    ] {
        let error = refused(&with_forest(config));
        assert!(error.contains(expected), "{config}: {error}");
    }
    assert!(ModelConfig::parse("m.yaml", &with_forest("{ ccp_alpha: 0 }")).is_ok());
}

#[test]
fn quantiles_must_lie_between_zero_and_one_and_in_order() {
    for quantile in ["0", "1", "2", "-.1"] {
        let text = with_forest("{}").replace("quantile: .9", &format!("quantile: {quantile}"));
        assert!(refused(&text).contains("a number in (0, 1)"), "{quantile}");
    }
    let crossed = with_forest("{}").replace("quantile: .9", "quantile: .1");
    assert!(refused(&crossed).contains("must be below the quantile 0.1 of `Upper Estimator_QR`"));
}

#[test]
fn an_estimator_needs_the_quantile_loss() {
    let text = with_forest("{}").replace(
        "Upper Estimator_QR, config: { quantile: .9 }",
        "Upper Estimator_GBR",
    );
    assert!(
        refused(&text).contains("`Upper Estimator_GBR` estimates a quantile: set `loss: quantile`")
    );
}

#[test]
fn missing_roles_and_double_methods_are_refused() {
    let text = "{ model_versions: v1.0.0, Methods: [{ name: Linear Regression }, { name: Linear Regression }] }";
    let error = refused(text);
    assert!(
        error.contains("method `Linear Regression` is listed twice"),
        "{error}"
    );
    assert!(error.contains("no method has the role `lower`"), "{error}");
}

#[test]
fn serving_pins_name_a_method_of_the_role() {
    let pinned = with_forest("{}") + "serving: { main: Random Forest Regressor }\n";
    let config = ModelConfig::parse("m.yaml", &pinned).unwrap();
    assert_eq!(
        config.serving.of(Role::Main),
        Some("Random Forest Regressor")
    );
    let wrong = pinned.replace("main: Random", "lower: Random");
    assert!(refused(&wrong).contains("not a configured method of the role `lower`"));
}

#[test]
fn what_is_no_configuration_is_refused() {
    for (text, expected) in [
        ("- a\n- b\n", "must be a mapping, found a list"),
        ("", "has no `model_versions`"),
        ("just text", "must be a mapping, found the text `just text`"),
        ("a: 1\na: 2\n", "m.yaml:2:1: duplicate mapping key"),
        ("Methods: [1,\n", "unclosed bracket"),
        (
            "Methods: 3\nmodel_versions: v1.0.0",
            "`Methods` must be a list of methods, found `3`",
        ),
        (
            "Methods: [3]\nmodel_versions: v1.0.0",
            "a method must be a mapping, found `3`",
        ),
    ] {
        let error = refused(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_yaml_bomb_is_refused_quickly() {
    let mut levels = vec!["a: &a [x,x,x,x,x,x,x,x,x,x]".to_owned()];
    for (level, previous) in ('b'..='k').zip('a'..) {
        let uses = vec![format!("*{previous}"); 10].join(",");
        levels.push(format!("{level}: &{level} [{uses}]"));
    }
    let bomb = levels.join("\n");
    assert!(refused(&bomb).contains("budget"));
    assert!(refused(&"[".repeat(100_000)).contains("m.yaml:1:"));
}

#[test]
fn only_true_and_false_are_truth_values() {
    let text = DATA.replace("MEDV", "y").replace("name: ZN", "name: N");
    let config = DataConfig::parse("d.yaml", &text).unwrap();
    assert_eq!(config.schema.target.name, "y");
    assert_eq!(config.schema.features[1].name, "N");
    let text = with_forest("{ bootstrap: FALSE }");
    assert!(ModelConfig::parse("m.yaml", &text).is_ok());
}

#[test]
fn broken_data_configs_are_refused() {
    for (from, to, expected) in [
        (
            "version: 1",
            "version: 2",
            "`version` must be `1`, found `2`",
        ),
        ("name: boston", "name: ../boston", "letters, digits"),
        (
            "target: MEDV",
            "target: PRICE",
            "the target `PRICE` is not among the columns",
        ),
        ("sha256: ab16", "sha256: ab1", "is not a sha256"),
        (
            "dtype: integer, allowed",
            "dtype: int, allowed",
            "`dtype` must be one of `float`, `integer`",
        ),
        ("name: ZN", "name: CRIM", "column `CRIM` is described twice"),
        (
            "min: 1, max: 12",
            "min: 13, max: 12",
            "`min` 13 is above `max` 12",
        ),
        (
            "test_size: 0.2",
            "test_size: 1",
            "`test_size` must be a number in (0, 1), found `1`",
        ),
        ("rename: upper", "rename: shout", "`rename` must be `upper`"),
        (
            "drop: [B]",
            "drop: B",
            "`drop` must be a list of column names",
        ),
        (
            "  - url: https",
            "  - url: ftp",
            "must begin with `https://`",
        ),
        (
            "  - path: data",
            "  - path: data\n    url: https://x",
            "either a `url` or a `path`",
        ),
        (
            "max_rejected: 0.05",
            "max_rejectd: 0.05",
            "unknown key `max_rejectd`",
        ),
    ] {
        assert!(DATA.contains(from), "{from}");
        let text = DATA.replacen(from, to, 1);
        let error = DataConfig::parse("d.yaml", &text).unwrap_err().to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
}

#[test]
fn conditions_of_promotion_are_kept_as_written() {
    let with = |block: &str| format!("{}promotion: {block}\n", with_forest("{}"));
    let config = ModelConfig::parse("m.yaml", &with("{ champion: rmse <= champion }")).unwrap();
    assert_eq!(config.promotion["champion"], "rmse <= champion");
    assert!(refused(&with("rmse < 3")).contains("a mapping of aliases to conditions"));
    assert!(refused(&with("{ champion: 3 }")).contains("a condition like"));
    for name in ["Champion", "latest", "v1", "2nd"] {
        let text = refused(&with(&format!("{{ {name}: rmse < 3 }}")));
        assert!(
            text.contains(&format!("`{name}` of `promotion` is not an alias")),
            "{text}"
        );
    }
}
