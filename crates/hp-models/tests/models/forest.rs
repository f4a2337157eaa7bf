//! The random forest against scikit-learn, and what must hold on any data.

use crate::bands::{assert_in_band, assert_spread, rmse};
use crate::boston::boston;
use crate::matrices::fixture;
use crate::threads::on_threads;
use hp_core::method::{Amount, ForestParams, MaxFeatures, MethodConfig, TreeMethod, TreeParams};
use hp_models::tree::{InvalidModel, Node, Tree};
use hp_models::{FitError, FittedModel, Progress, RandomForest, Regressor, Silent, fit};
use hp_testkit::floats;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, array};
use proptest::prelude::*;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Fits per case that must average like scikit-learn's.
const SEEDS: u32 = 8;

fn try_forest(
    params: ForestParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
) -> Result<(RandomForest, Vec<String>), FitError> {
    let fit = fit(&MethodConfig::RandomForestRegressor(params), x, y, &Silent)?;
    match fit.model {
        FittedModel::Forest(forest) => Ok((forest, fit.warnings)),
        other => panic!("not a forest: {other:?}"),
    }
}

fn forest(params: ForestParams, x: &Array2<f64>, y: &Array1<f64>) -> RandomForest {
    try_forest(params, x.view(), y.view()).expect("a fit").0
}

#[test]
fn rmse_and_out_of_bag_score_are_scikit_learns() {
    let data = boston();
    let bands = &fixture("oracle_trees.json")["bands"]["forests"];
    let base = ForestParams {
        oob_score: true,
        ..ForestParams::default()
    };
    let tree = TreeParams::default();
    let cases = [
        ("default", base.clone()),
        (
            "sqrt",
            ForestParams {
                tree: TreeParams {
                    max_features: MaxFeatures::Sqrt,
                    ..tree.clone()
                },
                ..base.clone()
            },
        ),
        (
            "half_samples",
            ForestParams {
                max_samples: Some(Amount::Fraction(0.5)),
                ..base.clone()
            },
        ),
        (
            "leaf_nodes",
            ForestParams {
                tree: TreeParams {
                    max_leaf_nodes: Some(20),
                    ..tree.clone()
                },
                ..base.clone()
            },
        ),
        (
            "leaves_of_4",
            ForestParams {
                tree: TreeParams {
                    min_samples_leaf: Amount::Count(4),
                    ..tree
                },
                ..base
            },
        ),
    ];
    for (name, params) in cases {
        let models = (0..SEEDS).map(|random_state| {
            let params = ForestParams {
                random_state,
                ..params.clone()
            };
            forest(params, &data.x_train, &data.y_train)
        });
        let models: Vec<_> = models.collect();
        let errors: Vec<f64> = models
            .iter()
            .map(|model| rmse(&data.y_test, &model.predict(data.x_test.view())))
            .collect();
        assert_in_band(&errors, &bands[name]["rmse"]);
        let scores: Vec<f64> = models.iter().filter_map(RandomForest::oob_score).collect();
        assert_eq!(scores.len(), models.len());
        assert_in_band(&scores, &bands[name]["oob_score"]);

        let expected = floats(&bands[name]["feature_importances"]);
        for (feature, expected) in expected.into_iter().enumerate() {
            let all = models
                .iter()
                .map(|model| model.feature_importances()[feature]);
            let mean = all.sum::<f64>() / models.len() as f64;
            assert!(
                (mean - expected).abs() < 0.02,
                "{name} {feature}: {mean} {expected}"
            );
        }
    }
}

#[test]
fn rmse_on_boston_lies_in_the_band_of_a_hundred_seeds() {
    let data = boston();
    let errors: Vec<f64> = (0..20)
        .map(|random_state| {
            let params = ForestParams {
                random_state,
                ..ForestParams::default()
            };
            let model = forest(params, &data.x_train, &data.y_train);
            rmse(&data.y_test, &model.predict(data.x_test.view()))
        })
        .collect();
    let band = &fixture("oracle_trees.json")["wide_bands"]["forest"];
    assert_eq!(band["seeds"], 100);
    assert_spread(&errors, band);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let data = boston();
    let fit_on = |threads: usize| {
        let params = ForestParams {
            oob_score: true,
            random_state: 5,
            ..ForestParams::default()
        };
        on_threads(threads, || {
            let model = forest(params, &data.x_train, &data.y_train);
            let predictions = model.predict(data.x_test.view());
            (model, predictions)
        })
    };
    assert_eq!(fit_on(1), fit_on(2));
}

/// Friedman's first function of five of six features with noise, from a generator of its own.
fn friedman(rows: usize, mut state: u64) -> (Array2<f64>, Array1<f64>) {
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / 2.0_f64.powi(53)
    };
    let x = Array2::from_shape_simple_fn((rows, 6), &mut uniform);
    let y = x.rows().into_iter().map(|x| {
        let noise = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        let curve = 10.0 * (std::f64::consts::PI * x[0] * x[1]).sin();
        curve + 20.0 * (x[2] - 0.5).powi(2) + 10.0 * x[3] + 5.0 * x[4] + noise
    });
    let y = y.collect();
    (x, y)
}

fn with_bins(tree_method: TreeMethod, max_bins: usize) -> ForestParams {
    ForestParams {
        n_estimators: 30,
        tree: TreeParams {
            tree_method,
            max_bins,
            ..TreeParams::default()
        },
        ..ForestParams::default()
    }
}

#[test]
fn histograms_predict_about_as_well_as_every_value() {
    let (x, y) = friedman(3000, 1);
    let (x_test, y_test) = friedman(2000, 2);
    let error = |params| rmse(&y_test, &forest(params, &x, &y).predict(x_test.view()));
    let exact = error(with_bins(TreeMethod::Exact, 256));
    let [fine, coarse] = [256, 8].map(|bins| error(with_bins(TreeMethod::Hist, bins)));
    assert!((fine / exact - 1.0).abs() < 0.02, "{fine} against {exact}");
    assert!(coarse > 1.02 * exact, "{coarse} against {exact}");
}

#[test]
fn the_number_of_threads_changes_no_forest_of_histograms() {
    let (x, y) = friedman(1500, 3);
    let fit_on =
        |threads: usize| on_threads(threads, || forest(with_bins(TreeMethod::Hist, 256), &x, &y));
    assert_eq!(fit_on(1), fit_on(2));
}

#[test]
fn two_bins_have_one_threshold() {
    let (x, y) = friedman(700, 4);
    let model = forest(with_bins(TreeMethod::Hist, 2), &x, &y);
    let mut thresholds = [None; 6];
    for tree in model.trees() {
        for node in tree.nodes() {
            if let Node::Split {
                feature, threshold, ..
            } = node
            {
                let known = thresholds[feature as usize].get_or_insert(threshold);
                assert_eq!(known.to_bits(), threshold.to_bits());
                assert!((threshold - 0.5).abs() < 0.1, "{threshold} is no median");
            }
        }
    }
    assert!(thresholds.iter().all(Option::is_some), "{thresholds:?}");
}

#[test]
fn as_many_bins_as_values_are_exact() {
    let (noise, y) = friedman(2000, 5);
    for values in [256, 257] {
        let x = noise.mapv(|x| (x * f64::from(values)).floor());
        let exact = forest(with_bins(TreeMethod::Exact, 2), &x, &y);
        let bins = usize::try_from(values).unwrap();
        assert_eq!(forest(with_bins(TreeMethod::Hist, bins), &x, &y), exact);
        assert_ne!(forest(with_bins(TreeMethod::Hist, bins - 1), &x, &y), exact);
    }
}

#[test]
fn seeds_differ() {
    let data = boston();
    let of_seed = |random_state| {
        let params = ForestParams {
            n_estimators: 2,
            random_state,
            ..ForestParams::default()
        };
        forest(params, &data.x_train, &data.y_train)
    };
    assert_eq!(of_seed(1), of_seed(1));
    assert_ne!(of_seed(1), of_seed(2));
    let model = of_seed(1);
    assert_ne!(model.trees()[0], model.trees()[1]);
}

#[test]
fn few_trees_leave_rows_without_a_score() {
    let data = boston();
    let params = ForestParams {
        n_estimators: 2,
        oob_score: true,
        ..ForestParams::default()
    };
    let (model, warnings) = try_forest(params, data.x_train.view(), data.y_train.view()).unwrap();
    assert!(model.oob_score().is_some());
    assert!(
        warnings[0].contains("of 404 rows were seen by every tree"),
        "{warnings:?}"
    );

    let params = ForestParams {
        oob_score: true,
        ..ForestParams::default()
    };
    let (x, y) = (array![[1.0]], array![2.0]);
    let (model, warnings) = try_forest(params, x.view(), y.view()).unwrap();
    assert_eq!((model.oob_score(), warnings.len()), (None, 1));
}

#[test]
fn parameters_that_do_not_go_together_are_refused() {
    let (x, y) = (array![[1.0], [2.0]], array![1.0, 2.0]);
    let alone = ForestParams {
        bootstrap: false,
        ..ForestParams::default()
    };
    for (params, name) in [
        (
            ForestParams {
                oob_score: true,
                ..alone.clone()
            },
            "oob_score",
        ),
        (
            ForestParams {
                max_samples: Some(Amount::Count(1)),
                ..alone
            },
            "max_samples",
        ),
        (
            ForestParams {
                max_samples: Some(Amount::Count(usize::MAX)),
                ..ForestParams::default()
            },
            "max_samples",
        ),
    ] {
        let error = try_forest(params, x.view(), y.view()).unwrap_err();
        assert!(matches!(error, FitError::Parameter { parameter, .. } if parameter == name));
    }
}

#[test]
fn a_fit_can_be_interrupted() {
    struct StopAt(usize);
    impl Progress for StopAt {
        fn advance(&self, done: usize, total: usize) -> ControlFlow<()> {
            assert_eq!(total, 100);
            if done >= self.0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }
    let data = boston();
    let config = MethodConfig::RandomForestRegressor(ForestParams::default());
    let fit_until = |stop| {
        fit(
            &config,
            data.x_train.view(),
            data.y_train.view(),
            &StopAt(stop),
        )
    };
    assert_eq!(fit_until(3).unwrap_err(), FitError::Interrupted);
    assert!(fit_until(101).is_ok());
}

#[test]
fn the_out_of_bag_score_can_be_interrupted() {
    struct StopAfter(AtomicUsize);
    impl Progress for StopAfter {
        fn advance(&self, _done: usize, total: usize) -> ControlFlow<()> {
            if self.0.fetch_add(1, Ordering::Relaxed) < total {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        }
    }
    let data = boston();
    let fit_until_grown = |oob_score| {
        let params = ForestParams {
            oob_score,
            ..ForestParams::default()
        };
        fit(
            &MethodConfig::RandomForestRegressor(params),
            data.x_train.view(),
            data.y_train.view(),
            &StopAfter(AtomicUsize::new(0)),
        )
    };
    assert!(fit_until_grown(false).is_ok());
    assert_eq!(fit_until_grown(true).unwrap_err(), FitError::Interrupted);
}

#[test]
fn a_score_on_huge_targets_is_finite() {
    let data = boston();
    let of_unit = |unit: f64| {
        let params = ForestParams {
            oob_score: true,
            ..ForestParams::default()
        };
        forest(params, &data.x_train, &(&data.y_train * unit)).oob_score()
    };
    assert_eq!(of_unit(2.0_f64.powi(900)), of_unit(1.0));
}

#[test]
fn many_rows_are_predicted_one_by_one_on_any_number_of_threads() {
    let data = boston();
    let model = forest(ForestParams::default(), &data.x_train, &data.y_train);
    let rows: Vec<usize> = (0..700).map(|row| row % data.x_train.nrows()).collect();
    let x = data.x_train.select(Axis(0), &rows);
    let one_by_one: Vec<u64> = x
        .rows()
        .into_iter()
        .map(|row| model.predict_row(&row.to_vec()).to_bits())
        .collect();
    for threads in [1, 2] {
        let together = on_threads(threads, || model.predict(x.view()));
        let together: Vec<u64> = together.iter().map(|value| value.to_bits()).collect();
        assert_eq!(together, one_by_one, "{threads} threads");
    }
}

#[test]
fn untrusted_parts_are_checked() {
    let leaf = Node::Leaf { value: 1.0 };
    let split = Node::Split {
        feature: 1,
        threshold: 0.5,
        left: 1,
    };
    let tree = Tree::from_nodes(vec![split, leaf, leaf], 2).unwrap();
    let parts = |n_features, trees, importances: &[f64], score| {
        RandomForest::from_parts(n_features, trees, importances.to_vec(), score)
    };
    assert!(parts(2, vec![tree.clone()], &[0.5, 0.5], Some(0.9)).is_ok());
    assert_eq!(
        parts(2, vec![], &[0.5, 0.5], None),
        Err(InvalidModel::NoTrees)
    );
    assert!(parts(1, vec![tree.clone()], &[1.0], None).is_err());
    assert!(parts(2, vec![tree.clone()], &[1.0], None).is_err());
    assert!(parts(2, vec![tree.clone()], &[1.0, f64::NAN], None).is_err());
    assert!(parts(2, vec![tree], &[0.5, 0.5], Some(f64::INFINITY)).is_err());
}

/// Finite numbers of any size, many of them equal.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-3..3_i32).prop_map(f64::from),
        2 => -10.0..10.0_f64,
        1 => prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
        1 => prop::sample::select(vec![1e300, -1e300, 1e38, 3.5e38, -1e-300, f64::MIN_POSITIVE]),
    ]
}

fn any_data() -> impl Strategy<Value = (Array2<f64>, Array1<f64>)> {
    (1..40_usize, 1..4_usize).prop_flat_map(|(rows, features)| {
        let x = prop::collection::vec(any_number(), rows * features);
        let y = prop::collection::vec(any_number().prop_map(|y| y.clamp(-1e300, 1e300)), rows);
        (x, y).prop_map(move |(x, y)| {
            (
                Array2::from_shape_vec((rows, features), x).expect("whole rows"),
                Array1::from_vec(y),
            )
        })
    })
}

fn any_tree() -> impl Strategy<Value = TreeParams> {
    (
        prop::option::of(0..6_usize),
        2..6_usize,
        1..4_usize,
        prop::option::of(2..9_usize),
        1..5_usize,
        (any_tree_method(), 2..9_usize),
    )
        .prop_map(
            |(max_depth, split, leaf, max_leaf_nodes, features, (tree_method, max_bins))| {
                TreeParams {
                    max_depth,
                    min_samples_split: Amount::Count(split),
                    min_samples_leaf: Amount::Count(leaf),
                    max_leaf_nodes,
                    max_features: MaxFeatures::Amount(Amount::Count(features)),
                    min_impurity_decrease: 0.0,
                    tree_method,
                    max_bins,
                }
            },
        )
}

fn any_tree_method() -> impl Strategy<Value = TreeMethod> {
    prop::sample::select(vec![TreeMethod::Auto, TreeMethod::Exact, TreeMethod::Hist])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn predictions_stay_within_the_targets(
        (x, y) in any_data(),
        tree in any_tree(),
        random_state: u32,
    ) {
        let params = ForestParams { n_estimators: 3, tree, random_state, ..ForestParams::default() };
        let model = forest(params, &x, &y);
        let low = y.iter().copied().fold(f64::INFINITY, f64::min);
        let high = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let rounding = 1e-15 * low.abs().max(high.abs());
        let predictions = model.predict(x.view());
        for (row, prediction) in x.rows().into_iter().zip(&predictions) {
            prop_assert!(low - rounding <= *prediction && *prediction <= high + rounding);
            prop_assert_eq!(model.predict_row(&row.to_vec()).to_bits(), prediction.to_bits());
        }
        for tree in model.trees() {
            prop_assert!(Tree::from_nodes(tree.nodes().collect(), x.ncols()).is_ok());
        }
    }
}
