//! Boosting with `tree_method: hist` against boosting with every value, and what must hold of it.

use crate::bands::rmse;
use crate::boston::boston;
use crate::threads::on_threads;
use hp_core::method::{
    Amount, BoostingLoss, BoostingParams, MaxFeatures, MethodConfig, TreeMethod, TreeParams,
};
use hp_models::tree::{Node, Tree};
use hp_models::{FitError, FittedModel, GradientBoosting, Progress, Regressor, Silent, fit};
use ndarray::{Array1, Array2, ArrayView1};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

const LOSSES: [BoostingLoss; 4] = [
    BoostingLoss::SquaredError,
    BoostingLoss::AbsoluteError,
    BoostingLoss::Huber,
    BoostingLoss::Quantile,
];

fn hist(loss: BoostingLoss) -> BoostingParams {
    BoostingParams {
        loss,
        n_estimators: 20,
        tree: TreeParams {
            max_leaf_nodes: Some(15),
            min_samples_leaf: Amount::Count(10),
            tree_method: TreeMethod::Hist,
            ..TreeParams::default()
        },
        ..BoostingParams::default()
    }
}

fn with_tree(params: &BoostingParams, change: impl FnOnce(&mut TreeParams)) -> BoostingParams {
    let mut params = params.clone();
    change(&mut params.tree);
    params
}

fn exact(params: &BoostingParams) -> BoostingParams {
    with_tree(params, |tree| tree.tree_method = TreeMethod::Exact)
}

fn boosting(params: &BoostingParams, x: &Array2<f64>, y: &Array1<f64>) -> GradientBoosting {
    let config = MethodConfig::GradientBoostingRegressor(params.clone());
    match fit(&config, x.view(), y.view(), &Silent)
        .expect("a fit")
        .model
    {
        FittedModel::Boosting(model) => model,
        other => panic!("not boosting: {other:?}"),
    }
}

/// A number between 0 and 1 that looks random.
fn noise(seed: usize) -> f64 {
    let mut bits = (seed as u64)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((bits ^ (bits >> 32)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Friedman's first function of five of the features, plus noise.
fn friedman(rows: usize, features: usize, seed: usize) -> (Array2<f64>, Array1<f64>) {
    let place = |row: usize, column: usize| noise(seed + row * (features + 1) + column);
    let x = Array2::from_shape_fn((rows, features), |(row, column)| place(row, column));
    let y = |row: usize| {
        let v = x.row(row);
        10.0 * (std::f64::consts::PI * v[0] * v[1]).sin()
            + 20.0 * (v[2] - 0.5).powi(2)
            + 10.0 * v[3]
            + 5.0 * v[4]
            + 2.0 * place(row, features)
    };
    let y = (0..rows).map(y).collect();
    (x, y)
}

/// The same with at most `values` distinct values of each feature.
fn coarse_friedman(rows: usize, values: f64) -> (Array2<f64>, Array1<f64>) {
    let (x, y) = friedman(rows, 6, 0);
    (x.mapv(|value| (value * values).floor()), y)
}

fn pinball_loss(actual: &Array1<f64>, predicted: &Array1<f64>) -> f64 {
    let errors = actual - predicted;
    errors
        .mapv(|error| (0.9 * error).max(-0.1 * error))
        .mean()
        .expect("rows")
}

fn error(loss: BoostingLoss, actual: &Array1<f64>, predicted: &Array1<f64>) -> f64 {
    match loss {
        BoostingLoss::Quantile => pinball_loss(actual, predicted),
        BoostingLoss::AbsoluteError => (actual - predicted).mapv(f64::abs).sum(),
        BoostingLoss::SquaredError | BoostingLoss::Huber => rmse(actual, predicted),
    }
}

/// The leaf of `tree` that `row` ends up in.
fn leaf(tree: &Tree, row: ArrayView1<'_, f64>) -> usize {
    let nodes: Vec<Node> = tree.nodes().collect();
    let mut index = 0;
    while let Node::Split {
        feature,
        threshold,
        left,
    } = nodes[index]
    {
        let goes_right = row[feature as usize] > f64::from(threshold);
        index = left as usize + usize::from(goes_right);
    }
    index
}

fn leaf_sizes(tree: &Tree, x: &Array2<f64>) -> BTreeMap<usize, usize> {
    let mut sizes = BTreeMap::new();
    for row in x.rows() {
        *sizes.entry(leaf(tree, row)).or_default() += 1;
    }
    sizes
}

#[test]
fn with_a_group_for_each_value_the_trees_are_the_exact_ones() {
    let (x, y) = coarse_friedman(2000, 60.0);
    let (x_new, _) = friedman(200, 6, 1_000_000);
    let x_new = x_new * 60.0;
    let best_first = hist(BoostingLoss::SquaredError);
    let depth_first = with_tree(&best_first, |tree| {
        tree.max_leaf_nodes = None;
        tree.max_depth = Some(5);
    });
    let selective = with_tree(&depth_first, |tree| tree.min_impurity_decrease = 0.05);
    for params in [best_first, depth_first, selective] {
        let ours = boosting(&params, &x, &y);
        let theirs = boosting(&exact(&params), &x, &y);
        for (ours, theirs) in ours.trees().iter().zip(theirs.trees()) {
            for (ours, theirs) in ours.nodes().zip(theirs.nodes()) {
                match (ours, theirs) {
                    (Node::Leaf { value: ours }, Node::Leaf { value: theirs }) => {
                        assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
                    }
                    _ => assert_eq!(ours, theirs),
                }
            }
        }
        let [ours, theirs] = [ours, theirs].map(|model| {
            (
                model.predict(x_new.view()),
                model.feature_importances().to_vec(),
            )
        });
        assert!((&ours.0 - &theirs.0).iter().all(|error| error.abs() < 1e-8));
        assert!(
            ours.1
                .iter()
                .zip(&theirs.1)
                .all(|(a, b)| (a - b).abs() < 1e-6)
        );
    }
}

#[test]
fn every_loss_is_as_low_as_with_every_value() {
    let (x, y) = friedman(4000, 18, 0);
    let (x_test, y_test) = friedman(4000, 18, 1_000_000);
    for loss in LOSSES {
        let params = BoostingParams {
            n_estimators: 60,
            ..hist(loss)
        };
        let of = |params: &BoostingParams| {
            error(
                loss,
                &y_test,
                &boosting(params, &x, &y).predict(x_test.view()),
            )
        };
        let (grouped, every) = (of(&params), of(&exact(&params)));
        assert!(
            grouped < 1.04 * every,
            "{loss:?}: {grouped} against {every}"
        );
        let constant = Array1::from_elem(4000, boosting(&params, &x, &y).start());
        assert!(grouped < 0.6 * error(loss, &y_test, &constant), "{loss:?}");
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (x, y) = friedman(40_000, 5, 0);
    for loss in LOSSES {
        for subsample in [1.0, 0.7] {
            let params = BoostingParams {
                n_estimators: 3,
                subsample,
                ..hist(loss)
            };
            let [one, two, three] =
                [1, 2, 3].map(|threads| on_threads(threads, || boosting(&params, &x, &y)));
            assert_eq!(one, two, "{loss:?} {subsample}");
            assert_eq!(one, three, "{loss:?} {subsample}");
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit_of_exact_trees() {
    let (x, y) = coarse_friedman(5000, 1000.0);
    for loss in LOSSES {
        let params = exact(&BoostingParams {
            n_estimators: 3,
            ..hist(loss)
        });
        let [one, two, three] =
            [1, 2, 3].map(|threads| on_threads(threads, || boosting(&params, &x, &y)));
        assert_eq!(one, two, "{loss:?}");
        assert_eq!(one, three, "{loss:?}");
    }
}

#[test]
fn leaves_of_many_rows_minimise_their_loss() {
    let x = Array2::from_shape_fn((140_000, 2), |(row, column)| noise(3 * row + column));
    let y: Array1<f64> = (0..x.nrows())
        .map(|row| (9.0 * x[[row, 0]]).sin() + x[[row, 1]] + noise(3 * row + 2))
        .collect();
    let (alpha, rate) = (0.9, 0.1);
    for loss in [BoostingLoss::SquaredError, BoostingLoss::Quantile] {
        let params = BoostingParams {
            n_estimators: 2,
            ..hist(loss)
        };
        let [model, other] =
            [1, 2].map(|threads| on_threads(threads, || boosting(&params, &x, &y)));
        assert_eq!(model, other, "{loss:?}");
        let mut residuals = &y - model.start();
        for tree in model.trees() {
            let leaves: Vec<usize> = x.rows().into_iter().map(|row| leaf(tree, row)).collect();
            for (index, node) in tree.nodes().enumerate() {
                let Node::Leaf { value } = node else {
                    continue;
                };
                let of_leaf = residuals.iter().zip(&leaves);
                let of_leaf: Array1<f64> = of_leaf
                    .filter_map(|(&residual, &leaf)| (leaf == index).then_some(residual))
                    .collect();
                if loss == BoostingLoss::SquaredError {
                    let mean = of_leaf.mean().expect("rows");
                    assert!((value - mean).abs() < 1e-9, "{value} {mean}");
                } else {
                    let count = |bound| of_leaf.iter().filter(|&&r| r < bound).count() as f64;
                    let place = alpha * of_leaf.len() as f64;
                    assert!(count(value - 1e-9) <= place && place <= count(value + 1e-9));
                }
            }
            let nodes: Vec<Node> = tree.nodes().collect();
            for (residual, &leaf) in residuals.iter_mut().zip(&leaves) {
                if let Node::Leaf { value } = nodes[leaf] {
                    *residual -= rate * value;
                }
            }
        }
    }
}

#[test]
fn no_value_is_missed_for_coming_back_with_a_period() {
    let x = Array2::from_shape_fn((200_001, 1), |(row, _)| (row % 4) as f64);
    let y = x.column(0).to_owned();
    let params = BoostingParams {
        n_estimators: 1,
        ..hist(BoostingLoss::SquaredError)
    };
    let model = boosting(&params, &x, &y);
    assert_eq!(model.trees()[0].nodes().len(), 7, "a leaf for each value");
}

#[test]
fn limits_of_leaves_and_depth_are_kept() {
    let (x, y) = friedman(3000, 5, 0);
    let params = with_tree(&hist(BoostingLoss::Quantile), |tree| {
        tree.min_samples_leaf = Amount::Count(120);
        tree.max_leaf_nodes = Some(9);
    });
    for tree in boosting(&params, &x, &y).trees() {
        let sizes = leaf_sizes(tree, &x);
        assert!((2..=9).contains(&sizes.len()), "{sizes:?}");
        assert!(sizes.values().all(|&size| size >= 120), "{sizes:?}");
    }
    let params = with_tree(&params, |tree| {
        tree.max_leaf_nodes = None;
        tree.max_depth = Some(2);
    });
    for tree in boosting(&params, &x, &y).trees() {
        assert_eq!(tree.nodes().len(), 7);
    }
}

#[test]
fn as_few_or_many_bins_as_may_be() {
    let (x, y) = friedman(3000, 5, 0);
    let losses = [2, 3, 16, 256, 257, 1000].map(|max_bins| {
        let params = with_tree(&hist(BoostingLoss::SquaredError), |tree| {
            tree.max_bins = max_bins;
        });
        let model = boosting(&params, &x, &y);
        if max_bins == 2 {
            let thresholds: BTreeSet<_> = model
                .trees()
                .iter()
                .flat_map(Tree::nodes)
                .filter_map(|node| match node {
                    Node::Split {
                        feature, threshold, ..
                    } => Some((feature, threshold.to_bits())),
                    Node::Leaf { .. } => None,
                })
                .collect();
            assert!(
                thresholds.len() <= 5,
                "one for each feature: {thresholds:?}"
            );
        }
        rmse(&y, &model.predict(x.view()))
    });
    assert!(losses[0] > losses[1] && losses[1] > losses[2], "{losses:?}");
    for loss in &losses[3..] {
        assert!((loss - losses[3]).abs() < 0.03 * losses[3], "{losses:?}");
    }
}

#[test]
fn a_constant_target_is_its_own_prediction() {
    let (x, _) = friedman(500, 5, 0);
    let y = Array1::from_elem(500, 7.25);
    for loss in LOSSES {
        let model = boosting(&hist(loss), &x, &y);
        assert!(
            model
                .predict(x.view())
                .iter()
                .all(|value| value.to_bits() == 7.25_f64.to_bits())
        );
    }
}

#[test]
fn the_scale_of_the_target_changes_nothing_else() {
    let (x, y) = friedman(1000, 5, 0);
    for loss in LOSSES {
        let unscaled = boosting(&hist(loss), &x, &y).predict(x.view());
        for exponent in [-400, 400] {
            let factor = 2.0_f64.powi(exponent);
            let scaled = boosting(&hist(loss), &x, &(&y * factor)).predict(x.view());
            assert_eq!(scaled / factor, unscaled, "{loss:?} 2^{exponent}");
        }
    }
}

#[test]
fn features_without_values_to_choose_from_are_left_alone() {
    let (mut x, y) = friedman(1000, 5, 0);
    x.column_mut(1).fill(3.0);
    x.column_mut(2).mapv_inplace(|value| f64::from(value > 0.5));
    let model = boosting(&hist(BoostingLoss::SquaredError), &x, &y);
    assert_eq!(model.feature_importances()[1].to_bits(), 0.0_f64.to_bits());
    x.fill(1.0);
    let model = boosting(&hist(BoostingLoss::SquaredError), &x, &y);
    assert!(model.trees().iter().all(|tree| tree.nodes().len() == 1));
}

#[test]
fn random_rows_and_features_do_about_as_well() {
    let (x, y) = friedman(3000, 6, 0);
    let (x_test, y_test) = friedman(3000, 6, 1_000_000);
    let base = BoostingParams {
        n_estimators: 60,
        ..hist(BoostingLoss::SquaredError)
    };
    let some = with_tree(&base, |tree| {
        tree.max_features = MaxFeatures::Amount(Amount::Count(3));
    });
    let of = |params: &BoostingParams| boosting(params, &x, &y).predict(x_test.view());
    let all = rmse(&y_test, &of(&base));
    for params in [
        BoostingParams {
            subsample: 0.6,
            ..base
        },
        some,
    ] {
        let [one, other] = [1, 2].map(|random_state| {
            of(&BoostingParams {
                random_state,
                ..params.clone()
            })
        });
        assert_ne!(one, other);
        assert!(rmse(&y_test, &one) < 1.15 * all);
    }
}

#[test]
fn early_stopping_stops() {
    let (x, y) = friedman(2000, 5, 0);
    for loss in LOSSES {
        let params = BoostingParams {
            n_iter_no_change: Some(3),
            n_estimators: 500,
            learning_rate: 0.5,
            ..hist(loss)
        };
        let trees = boosting(&params, &x, &y).trees().len();
        assert!((5..400).contains(&trees), "{loss:?}: {trees}");
    }
}

#[test]
fn auto_is_exact_for_few_rows_and_grouped_for_many() {
    let data = boston();
    let auto = with_tree(&hist(BoostingLoss::Quantile), |tree| {
        tree.tree_method = TreeMethod::Auto;
    });
    let of = |params: &BoostingParams| boosting(params, &data.x_train, &data.y_train);
    assert_eq!(of(&auto), of(&exact(&auto)));

    let (x, y) = friedman(30_000, 5, 0);
    let auto = BoostingParams {
        n_estimators: 1,
        ..auto
    };
    let grouped = with_tree(&auto, |tree| tree.tree_method = TreeMethod::Hist);
    assert_eq!(boosting(&auto, &x, &y), boosting(&grouped, &x, &y));
}

#[test]
fn a_large_tree_can_be_interrupted() {
    /// Stops when it is asked once more than this.
    struct StopAfter(AtomicUsize);
    impl Progress for StopAfter {
        fn advance(&self, done: usize, _total: usize) -> ControlFlow<()> {
            assert_eq!(done, 0, "the tree was finished");
            match self.0.load(Ordering::Relaxed) {
                0 => ControlFlow::Break(()),
                left => {
                    self.0.store(left - 1, Ordering::Relaxed);
                    ControlFlow::Continue(())
                }
            }
        }
    }
    for (tree_method, rows, questions) in [
        (TreeMethod::Hist, 20_000, 2),
        (TreeMethod::Exact, 100_000, 0),
    ] {
        let (x, y) = friedman(rows, 5, 0);
        let params = with_tree(&hist(BoostingLoss::SquaredError), |tree| {
            *tree = TreeParams {
                max_depth: None,
                tree_method,
                ..TreeParams::default()
            };
        });
        let config = MethodConfig::GradientBoostingRegressor(params);
        let stop = StopAfter(AtomicUsize::new(questions));
        let result = fit(&config, x.view(), y.view(), &stop);
        assert_eq!(result.unwrap_err(), FitError::Interrupted);
    }
}
