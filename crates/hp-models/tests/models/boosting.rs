//! Gradient boosting against scikit-learn, and what must hold on any data. That its trees equal
//! scikit-learn's one by one is checked inside the crate, in `src/boosting/replay.rs`.

use crate::bands::{assert_in_band, assert_spread, rmse};
use crate::boston::boston;
use crate::matrices::{fixture, matrix};
use crate::threads::on_threads;
use hp_core::method::{
    Amount, BoostingLoss, BoostingParams, MaxFeatures, MethodConfig, TreeMethod, TreeParams,
};
use hp_models::tree::{InvalidModel, Node, Tree};
use hp_models::{FitError, FittedModel, GradientBoosting, Progress, Regressor, Silent, fit};
use hp_testkit::{assert_close, floats};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use std::ops::ControlFlow;

/// Fits per case that must average like scikit-learn's.
const SEEDS: u32 = 12;

fn shallow(max_depth: usize) -> TreeParams {
    TreeParams {
        max_depth: Some(max_depth),
        ..TreeParams::default()
    }
}

fn quantile(alpha: f64) -> BoostingParams {
    BoostingParams {
        loss: BoostingLoss::Quantile,
        alpha,
        ..BoostingParams::default()
    }
}

fn try_boosting(
    params: BoostingParams,
    x: &Array2<f64>,
    y: &Array1<f64>,
) -> Result<GradientBoosting, FitError> {
    let config = MethodConfig::GradientBoostingRegressor(params);
    let fit = fit(&config, x.view(), y.view(), &Silent)?;
    match fit.model {
        FittedModel::Boosting(model) => {
            assert_eq!(fit.n_iter, model.trees().len());
            Ok(model)
        }
        other => panic!("not boosting: {other:?}"),
    }
}

fn boosting(params: BoostingParams, x: &Array2<f64>, y: &Array1<f64>) -> GradientBoosting {
    try_boosting(params, x, y).expect("a fit")
}

fn pinball_loss(actual: &Array1<f64>, predicted: &Array1<f64>, alpha: f64) -> f64 {
    let losses = actual.iter().zip(predicted).map(|(actual, predicted)| {
        let error = actual - predicted;
        (alpha * error).max((alpha - 1.0) * error)
    });
    losses.sum::<f64>() / actual.len() as f64
}

#[test]
fn boosters_without_ties_equal_scikit_learns() {
    let oracle = &fixture("oracle_trees.json")["exact"];
    let (x, x_test) = (matrix(&oracle["x_train"]), matrix(&oracle["x_test"]));
    let y = floats(&oracle["y_train"]).into();
    let leaves_of_6 = |max_depth| TreeParams {
        min_samples_leaf: Amount::Count(6),
        ..shallow(max_depth)
    };
    let base = BoostingParams::default();
    let cases = [
        (
            "squared_error",
            BoostingParams {
                n_estimators: 30,
                tree: leaves_of_6(3),
                ..base.clone()
            },
        ),
        (
            "slow",
            BoostingParams {
                n_estimators: 40,
                learning_rate: 0.03,
                tree: leaves_of_6(2),
                ..base.clone()
            },
        ),
        (
            "leaf_nodes",
            BoostingParams {
                n_estimators: 20,
                tree: TreeParams {
                    max_leaf_nodes: Some(5),
                    ..leaves_of_6(3)
                },
                ..base
            },
        ),
    ];
    for (name, params) in cases {
        let model = boosting(params, &x, &y);
        let expected = &oracle["boosters"][name];
        let predictions = model.predict(x_test.view()).to_vec();
        assert_close(&predictions, &floats(&expected["predictions"]), 1e-11);
        let importances = floats(&expected["feature_importances"]);
        assert_close(model.feature_importances(), &importances, 1e-9);
    }
}

#[test]
fn absolute_error_and_huber_equal_scikit_learns() {
    let oracle = fixture("oracle_losses.json");
    let cases = [
        ("absolute_error", BoostingLoss::AbsoluteError),
        ("huber_0.9", BoostingLoss::Huber),
        ("huber_0.5", BoostingLoss::Huber),
    ];
    for (name, loss) in cases {
        let expected = &oracle[name];
        let parameter = |key| expected["parameters"][key].as_f64();
        let trees = expected["parameters"]["n_estimators"].as_u64().unwrap();
        let params = BoostingParams {
            loss,
            alpha: parameter("alpha").unwrap_or(0.9),
            n_estimators: usize::try_from(trees).unwrap(),
            tree: TreeParams {
                min_samples_leaf: Amount::Count(6),
                ..shallow(2)
            },
            ..BoostingParams::default()
        };
        let y = floats(&expected["y_train"]).into();
        let model = boosting(params, &matrix(&expected["x_train"]), &y);
        assert_close(
            &[model.start()],
            &[expected["start"].as_f64().unwrap()],
            1e-12,
        );
        let predictions = model.predict(matrix(&expected["x_test"]).view());
        assert_close(
            &predictions.to_vec(),
            &floats(&expected["predictions"]),
            1e-11,
        );
        let importances = floats(&expected["feature_importances"]);
        assert_close(model.feature_importances(), &importances, 1e-9);
    }
}

#[test]
fn random_boosters_are_as_good_as_scikit_learns() {
    let data = boston();
    let bands = &fixture("oracle_trees.json")["bands"]["boosters"];
    let base = BoostingParams::default();
    let some_features = MaxFeatures::Amount(Amount::Fraction(0.3));
    let cases = [
        (
            "subsample",
            BoostingParams {
                subsample: 0.5,
                ..base.clone()
            },
        ),
        (
            "third_of_features",
            BoostingParams {
                tree: TreeParams {
                    max_features: some_features,
                    ..shallow(3)
                },
                ..base.clone()
            },
        ),
        (
            "early",
            BoostingParams {
                n_estimators: 300,
                n_iter_no_change: Some(5),
                tol: 0.01,
                ..base
            },
        ),
    ];
    for (name, params) in cases {
        let models: Vec<_> = (0..SEEDS)
            .map(|random_state| {
                let params = BoostingParams {
                    random_state,
                    ..params.clone()
                };
                boosting(params, &data.x_train, &data.y_train)
            })
            .collect();
        let errors = models
            .iter()
            .map(|model| rmse(&data.y_test, &model.predict(data.x_test.view())));
        assert_in_band(&errors.collect::<Vec<_>>(), &bands[name]["rmse"]);
        let trees = models.iter().map(|model| model.trees().len() as f64);
        assert_in_band(&trees.collect::<Vec<_>>(), &bands[name]["n_estimators"]);
    }
}

#[test]
fn pinball_losses_lie_in_scikit_learns_bands() {
    let data = boston();
    let bands = &fixture("oracle_trees.json")["wide_bands"]["quantile_boosters"];
    for alpha in [0.1, 0.9] {
        let band = &bands[alpha.to_string()];
        let of_seed = |random_state| {
            let params = BoostingParams {
                random_state,
                ..quantile(alpha)
            };
            let model = boosting(params, &data.x_train, &data.y_train);
            pinball_loss(&data.y_test, &model.predict(data.x_test.view()), alpha)
        };
        let losses: Vec<f64> = (0..SEEDS).map(of_seed).collect();
        assert_spread(&losses, &band["all"]);
        let loss = of_seed(42);
        let [least, most] = ["min", "max"].map(|key| band["first"][key].as_f64().unwrap());
        assert!(
            (least..=most).contains(&loss),
            "{loss} with random_state 42"
        );
    }
}

#[test]
fn the_start_is_the_mean_or_the_interpolated_percentile() {
    let (x, y) = (
        array![[0.0], [0.0], [0.0], [0.0]],
        array![1.0, 2.0, 4.0, 10.0],
    );
    let mean = boosting(BoostingParams::default(), &x, &y).start();
    assert!((mean - 4.25).abs() < 1e-15);
    assert!((boosting(quantile(0.5), &x, &y).start() - 3.0).abs() < 1e-15);
    assert!((boosting(quantile(0.9), &x, &y).start() - 8.2).abs() < 1e-14);
}

#[test]
fn a_learning_rate_of_0_keeps_the_start() {
    let data = boston();
    let params = BoostingParams {
        learning_rate: 0.0,
        ..quantile(0.1)
    };
    let model = boosting(params, &data.x_train, &data.y_train);
    let predictions = model.predict(data.x_test.view());
    assert_eq!(predictions, Array1::from_elem(102, model.start()));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let data = boston();
    let fit_on = |threads: usize| {
        let params = BoostingParams {
            subsample: 0.7,
            ..quantile(0.9)
        };
        on_threads(threads, || {
            let model = boosting(params, &data.x_train, &data.y_train);
            let predictions = model.predict(data.x_test.view());
            (model, predictions)
        })
    };
    assert_eq!(fit_on(1), fit_on(2));
}

#[test]
fn too_few_rows_cannot_be_set_aside() {
    let (x, y) = (array![[1.0]], array![2.0]);
    let params = BoostingParams {
        n_iter_no_change: Some(2),
        ..BoostingParams::default()
    };
    let error = try_boosting(params, &x, &y).unwrap_err();
    assert!(matches!(
        error,
        FitError::Parameter {
            parameter: "validation_fraction",
            ..
        }
    ));
}

#[test]
fn residuals_that_overflow_are_an_error() {
    let (x, y) = (array![[1.0], [2.0]], array![f64::MAX, -f64::MAX]);
    for params in [BoostingParams::default(), quantile(0.5)] {
        let params = BoostingParams {
            learning_rate: 10.0,
            ..params
        };
        let error = try_boosting(params, &x, &y).unwrap_err();
        assert!(matches!(error, FitError::Numerical(_)), "{error}");
    }
}

#[test]
fn predictions_that_overflow_with_the_last_tree_are_an_error() {
    let (x, y) = (array![[1.0], [2.0]], array![1e300, -1e300]);
    let params = BoostingParams {
        learning_rate: 1e6,
        n_estimators: 1,
        ..BoostingParams::default()
    };
    assert!(try_boosting(params.clone(), &x, &y).is_ok());
    let error = try_boosting(params, &x, &(&y * 1e4)).unwrap_err();
    assert!(matches!(error, FitError::Numerical(_)), "{error}");
}

#[test]
fn no_patience_is_too_long() {
    let data = boston();
    let of_patience = |patience| BoostingParams {
        n_estimators: 5,
        n_iter_no_change: Some(patience),
        ..BoostingParams::default()
    };
    let [long, endless] = [5, usize::MAX]
        .map(|patience| boosting(of_patience(patience), &data.x_train, &data.y_train));
    assert_eq!(long.trees().len(), 5);
    assert_eq!(long, endless);
}

#[test]
fn a_fit_can_be_interrupted() {
    struct StopAt(usize);
    impl Progress for StopAt {
        fn advance(&self, done: usize, _total: usize) -> ControlFlow<()> {
            assert!(done <= self.0, "goes on after it was told to stop");
            if done == self.0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }
    let data = boston();
    let config = MethodConfig::GradientBoostingRegressor(BoostingParams::default());
    let result = fit(
        &config,
        data.x_train.view(),
        data.y_train.view(),
        &StopAt(3),
    );
    assert_eq!(result.unwrap_err(), FitError::Interrupted);
}

#[test]
fn untrusted_parts_are_checked() {
    let tree = Tree::from_nodes(vec![Node::Leaf { value: 1.0 }], 1).unwrap();
    let parts = |start, rate, trees| GradientBoosting::from_parts(1, start, rate, trees, vec![1.0]);
    let model = parts(2.0, 0.5, vec![tree.clone()]).unwrap();
    assert_close(&[model.predict_row(&[0.0])], &[2.5], 0.0);
    assert_eq!(parts(2.0, 0.5, vec![]), Err(InvalidModel::NoTrees));
    assert!(parts(f64::NAN, 0.5, vec![tree.clone()]).is_err());
    assert!(parts(2.0, f64::INFINITY, vec![tree]).is_err());
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-3..3_i32).prop_map(f64::from),
        2 => -10.0..10.0_f64,
        1 => prop::sample::select(vec![1e300, -1e300, 3.5e38, -1e-300, f64::MIN_POSITIVE]),
    ]
}

fn any_data() -> impl Strategy<Value = (Array2<f64>, Array1<f64>)> {
    (1..40_usize, 1..4_usize).prop_flat_map(|(rows, features)| {
        let x = prop::collection::vec(any_number(), rows * features);
        let y = prop::collection::vec(any_number(), rows);
        (x, y).prop_map(move |(x, y)| {
            (
                Array2::from_shape_vec((rows, features), x).expect("whole rows"),
                Array1::from_vec(y),
            )
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_finite_data_is_fitted(
        (x, y) in any_data(),
        alpha in 0.01..0.99_f64,
        loss in prop::sample::select(vec![
            BoostingLoss::SquaredError,
            BoostingLoss::AbsoluteError,
            BoostingLoss::Huber,
            BoostingLoss::Quantile,
        ]),
        tree_method in prop::sample::select(vec![TreeMethod::Exact, TreeMethod::Hist]),
        max_bins in 2..12_usize,
        subsample in 0.1..=1.0_f64,
        random_state: u32,
    ) {
        let tree = TreeParams { tree_method, max_bins, ..shallow(3) };
        let params = BoostingParams {
            loss, subsample, random_state, tree, n_estimators: 8, ..quantile(alpha)
        };
        let model = boosting(params, &x, &y);
        let predictions = model.predict(x.view());
        for (row, prediction) in x.rows().into_iter().zip(&predictions) {
            prop_assert!(prediction.is_finite());
            prop_assert_eq!(model.predict_row(&row.to_vec()).to_bits(), prediction.to_bits());
        }
        let importances = model.feature_importances();
        let total: f64 = importances.iter().sum();
        prop_assert!(total == 0.0 || (total - 1.0).abs() < 1e-9, "{:?}", importances);
    }
}
