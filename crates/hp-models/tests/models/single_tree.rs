//! One tree on all rows, which scikit-learn calls a decision tree.

use crate::matrices::{fixture, matrix};
use hp_core::method::{Amount, ForestParams, MethodConfig, TreeParams};
use hp_models::tree::{InvalidModel, Node, Tree};
use hp_models::{FittedModel, RandomForest, Regressor, Silent, fit};
use hp_testkit::{assert_close, floats};
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;

/// A forest that is nothing but a tree.
fn single_tree(
    tree: TreeParams,
    random_state: u32,
    x: &Array2<f64>,
    y: &Array1<f64>,
) -> RandomForest {
    let config = MethodConfig::RandomForestRegressor(ForestParams {
        n_estimators: 1,
        bootstrap: false,
        tree,
        random_state,
        ..ForestParams::default()
    });
    match fit(&config, x.view(), y.view(), &Silent).map(|fit| fit.model) {
        Ok(FittedModel::Forest(forest)) => forest,
        other => panic!("not a forest: {other:?}"),
    }
}

#[test]
fn trees_without_ties_equal_scikit_learns() {
    let oracle = &fixture("oracle_trees.json")["exact"];
    let (x, x_test) = (matrix(&oracle["x_train"]), matrix(&oracle["x_test"]));
    let y = floats(&oracle["y_train"]).into();
    let base = TreeParams::default();
    let cases = [
        (
            "leaves_of_5",
            TreeParams {
                min_samples_leaf: Amount::Count(5),
                ..base.clone()
            },
        ),
        (
            "depth_3",
            TreeParams {
                max_depth: Some(3),
                min_samples_leaf: Amount::Count(4),
                ..base.clone()
            },
        ),
        (
            "split_of_15_percent",
            TreeParams {
                min_samples_split: Amount::Fraction(0.15),
                min_samples_leaf: Amount::Count(4),
                ..base.clone()
            },
        ),
        (
            "leaf_of_4.1_percent",
            TreeParams {
                min_samples_leaf: Amount::Fraction(0.041),
                ..base.clone()
            },
        ),
        (
            "best_first",
            TreeParams {
                max_leaf_nodes: Some(12),
                min_samples_leaf: Amount::Count(3),
                ..base.clone()
            },
        ),
        (
            "best_first_shallow",
            TreeParams {
                max_leaf_nodes: Some(12),
                max_depth: Some(4),
                min_samples_leaf: Amount::Count(3),
                ..base.clone()
            },
        ),
        (
            "impurity_decrease",
            TreeParams {
                min_impurity_decrease: 0.15,
                min_samples_leaf: Amount::Count(4),
                ..base
            },
        ),
    ];
    for (name, tree) in cases {
        let expected = &oracle["trees"][name];
        for random_state in 0..3 {
            let model = single_tree(tree.clone(), random_state, &x, &y);
            let nodes = model.trees()[0].nodes().len();
            assert_eq!(Some(nodes as u64), expected["nodes"].as_u64(), "{name}");
            let predictions = model.predict(x_test.view()).to_vec();
            assert_close(&predictions, &floats(&expected["predictions"]), 1e-12);
            let importances = floats(&expected["feature_importances"]);
            assert_close(model.feature_importances(), &importances, 1e-10);
        }
    }
}

#[test]
fn equal_splits_are_broken_by_the_seed_alone() {
    let half = array![1.0, 2.0, 3.0, 4.0];
    let x = ndarray::stack![Axis(1), half, half];
    let y = array![0.1, 0.1, 0.7, 0.7];
    let features: Vec<u32> = (0..40)
        .map(|random_state| {
            let model = single_tree(TreeParams::default(), random_state, &x, &y);
            match model.trees()[0].nodes().next().unwrap() {
                Node::Split {
                    feature, threshold, ..
                } => {
                    assert_eq!(threshold.to_bits(), 2.5_f32.to_bits());
                    feature
                }
                Node::Leaf { .. } => panic!("no split"),
            }
        })
        .collect();
    let second = features.iter().filter(|&&feature| feature == 1).count();
    assert!((10..=30).contains(&second), "{second} of 40");
}

#[test]
fn targets_of_very_different_size_are_told_apart() {
    let x = Array2::from_shape_fn((6, 1), |(row, _)| row as f64);
    let y = array![1e200, -1e200, 1e-3, 2e-3, 1e6, 1e6 + 1.0];
    let model = single_tree(TreeParams::default(), 0, &x, &y);
    assert_eq!(model.predict(x.view()), y);
}

#[test]
fn large_features_are_clamped_to_f32() {
    let x = array![[1e300], [2e300], [-1e300], [0.0]];
    let y = array![1.0, 1.0, 2.0, 3.0];
    let model = single_tree(TreeParams::default(), 0, &x, &y);
    assert_eq!(model.predict(x.view()), y);
    assert_close(&[model.predict_row(&[f64::INFINITY])], &[1.0], 0.0);
    assert_close(&[model.predict_row(&[f64::NEG_INFINITY])], &[2.0], 0.0);
}

#[test]
fn degenerate_data_gives_single_leaves() {
    let single = array![[1.0, 2.0]];
    let constant = Array2::from_elem((5, 2), 4.0);
    let varied = Array2::from_shape_fn((5, 2), |(row, column)| (row * 2 + column) as f64);
    let up = Array1::from_iter((0..5).map(f64::from));
    for (x, y, expected) in [
        (single, array![7.5], 7.5),
        (constant, up.clone(), 2.0),
        (varied.clone(), Array1::from_elem(5, 0.1), 0.1),
    ] {
        let model = single_tree(TreeParams::default(), 0, &x, &y);
        assert!(
            model.trees()[0]
                .nodes()
                .eq([Node::Leaf { value: expected }])
        );
        assert!(
            model
                .feature_importances()
                .iter()
                .all(|&importance| importance == 0.0)
        );
    }
    let wide = TreeParams {
        min_samples_leaf: Amount::Count(3),
        ..TreeParams::default()
    };
    assert_eq!(
        single_tree(wide, 0, &varied, &up).trees()[0].nodes().len(),
        1
    );
}

#[test]
fn untrusted_nodes_are_checked() {
    let leaf = Node::Leaf { value: 1.0 };
    let split = |feature, left| Node::Split {
        feature,
        threshold: 0.5,
        left,
    };
    let good = vec![split(1, 1), leaf, leaf];
    assert!(Tree::from_nodes(good.clone(), 2).is_ok());
    for (nodes, error) in [
        (vec![], InvalidModel::NoNodes),
        (
            vec![split(2, 1), leaf, leaf],
            InvalidModel::Feature {
                node: 0,
                feature: 2,
                n_features: 2,
            },
        ),
        (
            vec![split(0, 0), leaf, leaf],
            InvalidModel::Child { node: 0, left: 0 },
        ),
        (
            vec![split(0, 1), leaf],
            InvalidModel::Child { node: 0, left: 1 },
        ),
        (
            vec![split(0, u32::MAX), leaf],
            InvalidModel::Child {
                node: 0,
                left: u32::MAX,
            },
        ),
        (
            vec![Node::Leaf { value: f64::NAN }],
            InvalidModel::NotFinite {
                what: "the value of a leaf",
            },
        ),
    ] {
        assert_eq!(Tree::from_nodes(nodes, 2).unwrap_err(), error);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_deep_tree_knows_distinct_rows_by_heart(
        targets in prop::collection::vec(-1e6..1e6_f64, 1..200),
        random_state: u32,
    ) {
        let rows = targets.len();
        // No row shares its value of the first column, for 7919 is a prime.
        let x = Array2::from_shape_fn((rows, 2), |(row, column)| match column {
            0 => (row * 7919 % rows) as f64,
            _ => (row / 3) as f64,
        });
        let y = Array1::from_vec(targets);
        let base = TreeParams::default();
        // Targets as close as this have no impurity and share a leaf.
        let shared = f64::EPSILON.sqrt() * 2.0 * rows as f64;
        let predictions = single_tree(base, random_state, &x, &y).predict(x.view());
        for (prediction, target) in predictions.iter().zip(&y) {
            prop_assert!((prediction - target).abs() <= shared);
        }
    }

    #[test]
    fn the_order_of_the_rows_only_rounds(
        targets in prop::collection::vec(-100..100_i32, 2..60),
        random_state: u32,
    ) {
        let rows = targets.len();
        let x = Array2::from_shape_fn((rows, 2), |(row, column)| ((row * 31 + 7) * (column + 3) % 17) as f64);
        let y = Array1::from_iter(targets.into_iter().map(f64::from));
        let reversed: Vec<usize> = (0..rows).rev().collect();
        let base = TreeParams::default();
        let forwards = single_tree(base.clone(), random_state, &x, &y).predict(x.view());
        let (x_back, y_back) = (x.select(Axis(0), &reversed), y.select(Axis(0), &reversed));
        let backwards = single_tree(base, random_state, &x_back, &y_back).predict(x.view());
        assert_close(&forwards.to_vec(), &backwards.to_vec(), 1e-12);
    }
}
