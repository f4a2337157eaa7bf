//! A whole training on Boston Housing against scikit-learn's numbers.

use hp_core::config::{ModelConfig, Role, Split};
use hp_core::reference::UnseenRows;
use hp_core::schema::{Column, DType, Schema};
use hp_core::table::Table;
use hp_features::Preprocessor;
use hp_models::{Fit, Regressor, Silent};
use hp_testkit::{assert_close, floats, json_fixture};
use hp_train::{Observer, Quiet, TrainError, Trained, TrainingSet, Trial, train};
use ndarray::{Array1, Array2, Axis};
use serde_json::Value;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

const SPLIT: Split = Split {
    test_size: 0.2,
    random_state: 42,
};

fn oracle() -> Value {
    json_fixture(env!("CARGO_MANIFEST_DIR"), "oracle.json")
}

fn boston() -> (Schema, Table) {
    let data = json_fixture(env!("CARGO_MANIFEST_DIR"), "boston.json");
    let column = |name: &str| Column {
        name: name.to_owned(),
        dtype: match name {
            "CHAS" | "RAD" | "TAX" => DType::Integer,
            _ => DType::Float,
        },
        min: None,
        max: None,
        allowed: None,
        description: String::new(),
        unit: String::new(),
    };
    let columns = data.as_object().expect("columns by name");
    let features = columns.iter().filter(|(name, _)| *name != "MEDV");
    let (names, values): (Vec<_>, Vec<_>) = features
        .map(|(name, values)| (column(name), floats(values)))
        .unzip();
    let schema = Schema {
        features: names,
        target: column("MEDV"),
    };
    let table = Table {
        features: values,
        target: floats(&columns["MEDV"]),
    };
    (schema, table)
}

fn config(text: &str) -> ModelConfig {
    ModelConfig::parse("model_config.yaml", text).expect("a configuration")
}

const ALL: &str = include_str!("../../../configs/model_config.yaml");

const FAST: &str = "
model_versions: v1.0.0
Methods:
  - { name: Linear Regression }
  - { name: Ridge Regression }
  - { name: Lower Estimator_QR, config: { quantile: .1, alpha: 0 } }
  - { name: Upper Estimator_QR, config: { quantile: .9, alpha: 0 } }
";

fn train_boston(config: &ModelConfig) -> Trained {
    let (schema, table) = boston();
    let set = TrainingSet {
        schema: &schema,
        table: &table,
        split: SPLIT,
    };
    train(config, set, &Quiet).expect("a training")
}

/// The predictions of a fit for the held-out rows.
fn held_out(trained: &Trained, fit: &Fit) -> Vec<f64> {
    let (_, table) = boston();
    let x: Array2<f64> = hp_features::feature_matrix(&table, &trained.rows.test);
    fit.model
        .predict(trained.preprocessor.transform(x.view()).view())
        .to_vec()
}

/// The observed values of `rows`.
fn target(table: &Table, rows: &[usize]) -> Vec<f64> {
    rows.iter().map(|&row| table.target[row]).collect()
}

#[test]
fn held_out_predictions_are_scikit_learns() {
    let trained = train_boston(&config(FAST));
    let oracle = oracle();
    for (method, name) in trained.methods.iter().zip([
        "LinearRegression",
        "Ridge",
        "QuantileRegressor_q0.1",
        "QuantileRegressor_q0.9",
    ]) {
        let expected = floats(&oracle["test_pred"][name]);
        assert_close(&held_out(&trained, &method.fit), &expected, 1e-6);
    }
}

#[test]
fn cross_validation_scores_are_scikit_learns() {
    let trained = train_boston(&config(FAST));
    let oracle = oracle();
    for method in &trained.methods {
        let expected = floats(&oracle["cross_validation"][&method.method.name]);
        assert_close(&method.cross_validation.scores, &expected, 1e-6);
        let mean = expected.iter().sum::<f64>() / 5.0;
        assert_close(&[method.cross_validation.mean], &[mean], 1e-6);
    }
}

#[test]
fn out_of_fold_predictions_are_scikit_learns() {
    let trained = train_boston(&config(FAST));
    let oracle = oracle();
    for method in &trained.methods {
        let expected = floats(&oracle["out_of_fold"][&method.method.name]);
        assert_close(&method.out_of_fold, &expected, 1e-6);
    }
}

/// Fits every method once more on each fold, of different lengths, without the training's help.
#[test]
fn out_of_fold_predictions_come_from_the_model_that_left_the_row_out() {
    let text = ALL.replace("n_estimators: 100", "n_estimators: 5");
    let trained = train_boston(&config(&text));
    let (schema, table) = boston();
    let x = hp_features::feature_matrix(&table, &trained.rows.train);
    let y = Array1::from(target(&table, &trained.rows.train));
    for method in &trained.methods {
        let mut by_hand = vec![f64::NAN; y.len()];
        for fold in hp_features::k_fold(y.len(), 5).unwrap() {
            let (inside, outside) = (fold.training(), fold.validation());
            let (x_inside, y_inside) = (x.select(Axis(0), &inside), y.select(Axis(0), &inside));
            let scaling = Preprocessor::fit(&schema, x_inside.view()).unwrap();
            let x_inside = scaling.transform(x_inside.view());
            let config = &method.method.config;
            let fit = hp_models::fit(config, x_inside.view(), y_inside.view(), &Silent).unwrap();
            for row in outside {
                let x_row = scaling.transform(x.select(Axis(0), &[row]).view());
                by_hand[row] = fit.model.predict(x_row.view())[0];
            }
        }
        assert_eq!(method.out_of_fold, by_hand, "{}", method.method.name);
    }
}

#[test]
fn the_reference_is_of_unscaled_rows_and_the_served_trio() {
    let trained = train_boston(&config(FAST));
    let (schema, table) = boston();
    let reference = &trained.reference;
    let names: Vec<_> = reference.features.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, schema.feature_names().collect::<Vec<_>>());
    for (feature, column) in reference.features.iter().zip(&table.features) {
        let mut values: Vec<_> = trained.rows.train.iter().map(|&row| column[row]).collect();
        values.sort_by(f64::total_cmp);
        assert_eq!(feature.distribution.values(), values, "{}", feature.name);
    }

    let y_true = target(&table, &trained.rows.train);
    let of = |role| {
        let name = &trained.serving.of(role).method;
        let mut methods = trained.methods.iter();
        &methods
            .find(|m| m.method.name == *name)
            .unwrap()
            .out_of_fold
    };
    let (lower, main, upper) = (of(Role::Lower), of(Role::Main), of(Role::Upper));
    let answers = &reference.answers;
    assert_eq!(answers.rows, UnseenRows::OutOfFold);
    let sorted = |values: &mut dyn Iterator<Item = f64>| {
        let mut values: Vec<_> = values.collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let predictions = sorted(&mut main.iter().copied());
    let widths = sorted(&mut upper.iter().zip(lower).map(|(up, low)| up - low));
    let errors = sorted(&mut y_true.iter().zip(main).map(|(y, p)| (y - p).abs()));
    assert_eq!(answers.predictions.values(), predictions);
    assert_eq!(answers.widths.values(), widths);
    assert_eq!(answers.absolute_errors.values(), errors);
    let rows = 0..y_true.len();
    let inside = rows.filter(|&row| lower[row] <= y_true[row] && y_true[row] <= upper[row]);
    assert_close(&[answers.coverage], &[inside.count() as f64 / 404.0], 1e-15);
}

#[test]
fn the_best_of_each_role_is_served() {
    let trained = train_boston(&config(ALL));
    for role in Role::ALL {
        let served = trained.serving.of(role);
        assert!(!served.pinned);
        let of_role = trained.methods.iter().filter(|m| m.method.role == role);
        let best = of_role
            .min_by(|a, b| a.cross_validation.mean.total_cmp(&b.cross_validation.mean))
            .unwrap();
        assert_eq!(served.method, best.method.name);
    }
    assert_eq!(trained.serving.main.method, "Random Forest Regressor");
}

#[test]
fn a_pinned_method_is_served_whatever_its_score() {
    let pinned = format!("{ALL}\nserving: {{ main: Linear Regression }}\n");
    let trained = train_boston(&config(&pinned));
    assert_eq!(trained.serving.main.method, "Linear Regression");
    assert!(trained.serving.main.pinned);
    assert!(!trained.serving.lower.pinned);
}

/// What would change if a test row were looked at anywhere.
#[test]
fn held_out_rows_do_not_matter() {
    let (schema, mut table) = boston();
    let before = train_boston(&config(FAST));
    for &row in &before.rows.test {
        table.target[row] = 1e6;
        for column in &mut table.features {
            column[row] = -1e6;
        }
    }
    let set = TrainingSet {
        schema: &schema,
        table: &table,
        split: SPLIT,
    };
    let after = train(&config(FAST), set, &Quiet).unwrap();
    assert_eq!(before.preprocessor, after.preprocessor);
    for (before, after) in before.methods.iter().zip(&after.methods) {
        assert_eq!(before.fit, after.fit);
        assert_eq!(before.cross_validation, after.cross_validation);
        assert_eq!(before.out_of_fold, after.out_of_fold);
    }
    assert_eq!(before.reference, after.reference);
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| train_boston(&config(ALL)))
    };
    let one = with_threads(1);
    let text = |trained: &Trained| serde_json::to_string(&trained.reference).unwrap();
    for threads in [2, 3] {
        let several = with_threads(threads);
        for (one, several) in one.methods.iter().zip(&several.methods) {
            assert_eq!(one.fit, several.fit, "{}", one.method.name);
            assert_eq!(one.cross_validation, several.cross_validation);
            assert_eq!(one.out_of_fold, several.out_of_fold);
        }
        assert_eq!(text(&one), text(&several));
    }
}

#[test]
fn more_folds_than_rows_are_refused() {
    let many = format!("{FAST}\ncross_validation: {{ folds: 405 }}\n");
    let (schema, table) = boston();
    let set = TrainingSet {
        schema: &schema,
        table: &table,
        split: SPLIT,
    };
    let error = train(&config(&many), set, &Quiet).unwrap_err();
    assert!(matches!(error, TrainError::Features(_)), "{error}");
}

#[test]
fn one_training_row_and_a_constant_target_end_well() {
    let (schema, table) = boston();
    let part = |rows: usize, target: &[f64]| Table {
        features: table
            .features
            .iter()
            .map(|column| column[..rows].to_vec())
            .collect(),
        target: target.to_vec(),
    };
    let run = |table: &Table| {
        let set = TrainingSet {
            schema: &schema,
            table,
            split: SPLIT,
        };
        train(&config(ALL), set, &Quiet)
    };
    // Two rows leave one to train on, which no cross-validation can divide.
    let error = run(&part(2, &[1.0, 2.0])).unwrap_err();
    assert!(matches!(error, TrainError::Features(_)), "{error}");

    let constant = run(&part(60, &[7.0; 60])).expect("a constant target can be learnt");
    for method in &constant.methods {
        for value in held_out(&constant, &method.fit) {
            assert!(
                (value - 7.0).abs() < 1e-6,
                "{}: {value}",
                method.method.name
            );
        }
    }
}

struct StopAfter(usize, AtomicUsize);

impl Observer for StopAfter {
    fn advance(&self, _: &hp_core::config::Method, done: usize, total: usize) -> ControlFlow<()> {
        assert!(done <= total, "{done} of {total}");
        if self.1.fetch_add(1, Ordering::Relaxed) >= self.0 {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn an_observer_can_stop_the_training() {
    let (schema, table) = boston();
    let set = TrainingSet {
        schema: &schema,
        table: &table,
        split: SPLIT,
    };
    let error = train(&config(ALL), set, &StopAfter(40, AtomicUsize::new(0))).unwrap_err();
    assert!(error.is_interrupt(), "{error}");
}

#[test]
fn a_trial_fits_and_scores_as_a_training_does() {
    let (schema, table) = boston();
    let set = TrainingSet {
        schema: &schema,
        table: &table,
        split: SPLIT,
    };
    let config = config(FAST);
    let trained = train(&config, set, &Quiet).expect("a training");
    let trial = Trial::new(set).expect("rows");
    assert_eq!(
        (trial.train_rows(), trial.test_rows(), trial.n_features()),
        (404, 102, 12)
    );
    let y_true = target(&table, &trained.rows.test);
    for method in &trained.methods {
        let fit = trial.fit(&method.method, &Quiet).expect("a fit");
        let y_pred = trial.predict(&fit);
        assert_eq!(y_pred.to_vec(), held_out(&trained, &method.fit));
        let score = trial.score(&method.method, y_pred.view());
        let errors = y_true.iter().zip(&y_pred).map(|(y, p)| y - p);
        let losses = errors.map(|error| match method.method.quantile() {
            None => error * error,
            Some(quantile) => (quantile * error).max((quantile - 1.0) * error),
        });
        let mean = losses.sum::<f64>() / 102.0;
        let expected = method.method.quantile().map_or(mean.sqrt(), |_| mean);
        assert_close(&[score.expect("a score")], &[expected], 1e-12);
    }
}
