//! Compares every tree of scikit-learn's quantile boosters with the one grown from the same state.
//!
//! Predictions are moved by scikit-learn's trees, so that each of its trees is compared, not only
//! those before the first tie. Where a split differs the two must be equally good: then only the
//! random order of the features decided.

use super::Rows;
use super::engine::Engine;
use super::loss::Loss;
use super::stages::Stages;
use crate::tree::{Bins, InBag, Limits, Node};
use hp_core::method::{BoostingLoss, BoostingParams};
use hp_testkit::{floats, json_fixture};
use ndarray::{Array2, ArrayView2};
use serde_json::Value;
use std::ops::ControlFlow;

/// Relative difference up to which two gains are a tie.
const TIE: f64 = 1e-9;

/// A tree of scikit-learn as it was dumped.
struct Dumped {
    feature: Vec<f64>,
    threshold: Vec<f64>,
    left: Vec<f64>,
    right: Vec<f64>,
    value: Vec<f64>,
}

#[test]
fn trees_equal_scikit_learns_unless_splits_tie() {
    for (name, alpha, equal_trees) in [("q0.1", 0.1, 60), ("q0.9", 0.9, 15)] {
        let compared = replay(name, alpha);
        println!("{name}: {compared:?}");
        assert_eq!(compared.trees, 100);
        assert!(compared.equal_trees >= equal_trees, "{compared:?}");
        assert!(compared.equal_splits >= 250, "{compared:?}");
        assert!(compared.rounded <= 5, "{compared:?}");
    }
}

/// What a comparison has met.
#[derive(Debug, Default)]
struct Compared {
    trees: usize,
    equal_trees: usize,
    equal_splits: usize,
    /// Splits that differ and are equally good.
    ties: usize,
    /// Pure nodes that rounding splits on one side only.
    rounded: usize,
}

fn replay(name: &str, alpha: f64) -> Compared {
    let boston = json_fixture(env!("CARGO_MANIFEST_DIR"), "boston_rs42.json");
    let oracle = json_fixture(env!("CARGO_MANIFEST_DIR"), "gbr_trees_rs42.json");
    let rows: Vec<Vec<f64>> = array(&boston["x_train"]).iter().map(floats).collect();
    let x = Array2::from_shape_vec((rows.len(), 12), rows.concat()).unwrap();
    let y = floats(&boston["y_train"]);

    let params = BoostingParams {
        loss: BoostingLoss::Quantile,
        alpha,
        random_state: 42,
        ..BoostingParams::default()
    };
    let train = Rows { x: x.view(), y };
    let bins = Bins::new(x.view(), Bins::MAX_CODES);
    let limits = Limits::new(&params.tree, x.nrows(), x.ncols());
    let loss = Loss::new(&params);
    let engine = Engine::exact(&bins, &limits, loss);
    let start = loss.start(&train.y);
    let expected = oracle[name]["init"].as_f64().unwrap();
    assert!((start - expected).abs() <= 1e-9 * expected);

    let mut stages = Stages::new(&params, &train, engine, start);
    let mut compared = Compared::default();
    for tree in array(&oracle[name]["trees"]) {
        let dumped = Dumped::new(tree);
        let grown = stages
            .grow(InBag::All, &|| ControlFlow::Continue(()))
            .unwrap();
        let gradients: Vec<f64> = stages
            .predictions
            .iter()
            .zip(&train.y)
            .map(|(prediction, target)| {
                if target >= prediction {
                    alpha
                } else {
                    alpha - 1.0
                }
            })
            .collect();
        let node = Comparison {
            ours: &grown.nodes,
            theirs: &dumped,
            x: x.view(),
            gradients: &gradients,
        };
        let everything: Vec<usize> = (0..x.nrows()).collect();
        compared.trees += 1;
        compared.equal_trees += usize::from(node.compare((0, 0), &everything, &mut compared));
        for (row, prediction) in stages.predictions.iter_mut().enumerate() {
            *prediction += 0.1 * dumped.predict(x.row(row).to_slice().unwrap());
        }
    }
    compared
}

struct Comparison<'a> {
    ours: &'a [Node],
    theirs: &'a Dumped,
    x: ArrayView2<'a, f64>,
    gradients: &'a [f64],
}

impl Comparison<'_> {
    /// Compares two nodes that have the same `rows`, and what is below; `false` when they differ by a
    /// tie.
    fn compare(&self, (our, their): (usize, usize), rows: &[usize], seen: &mut Compared) -> bool {
        match self.ours[our] {
            Node::Leaf { value } => {
                let theirs = self.theirs;
                if theirs.left[their] >= 0.0 {
                    assert!(self.is_pure(rows), "we stop at {their}, they do not");
                    seen.rounded += 1;
                    return false;
                }
                let error = (value - theirs.value[their]).abs();
                assert!(
                    error <= 1e-9 * value.abs().max(1e-3),
                    "leaf {their}: {value}"
                );
                true
            }
            Node::Split {
                feature,
                threshold,
                left,
            } => {
                if self.theirs.left[their] < 0.0 {
                    assert!(self.is_pure(rows), "they stop at {their}, we do not");
                    seen.rounded += 1;
                    return false;
                }
                let ours = self.partition(rows, feature as usize, f64::from(threshold));
                let split = self.theirs.split(their);
                let theirs = self.partition(rows, split.0, split.1);
                if ours != theirs {
                    let [our_gain, their_gain] = [&ours, &theirs].map(|sides| self.gain(sides));
                    let difference = (our_gain - their_gain).abs();
                    assert!(
                        difference <= TIE * our_gain || self.is_pure(rows),
                        "{our_gain} against {their_gain}"
                    );
                    seen.ties += 1;
                    return false;
                }
                let same = split.0 == feature as usize;
                if same {
                    assert!(f64::from(threshold) <= split.1);
                    assert!(f64::from(threshold.next_up()) > split.1);
                    seen.equal_splits += 1;
                } else {
                    seen.ties += 1;
                }
                let children = self.theirs.children(their);
                let left_equal = self.compare((left as usize, children.0), &ours.0, seen);
                let right_equal = self.compare((left as usize + 1, children.1), &ours.1, seen);
                same && left_equal && right_equal
            }
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "trees see features rounded to f32"
    )]
    fn partition(
        &self,
        rows: &[usize],
        feature: usize,
        threshold: f64,
    ) -> (Vec<usize>, Vec<usize>) {
        let value = |row: usize| f64::from(self.x[[row, feature]] as f32);
        rows.iter().partition(|&&row| value(row) <= threshold)
    }

    fn is_pure(&self, rows: &[usize]) -> bool {
        let same = |pair: &[usize]| (self.gradients[pair[0]] - self.gradients[pair[1]]).abs() < 0.5;
        rows.windows(2).all(same)
    }

    fn gain(&self, sides: &(Vec<usize>, Vec<usize>)) -> f64 {
        let sum = |rows: &[usize]| rows.iter().map(|&row| self.gradients[row]).sum::<f64>();
        let (left, right) = (sides.0.len() as f64, sides.1.len() as f64);
        let difference = sum(&sides.0) / left - sum(&sides.1) / right;
        difference * difference * left * right / (left + right)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "indices were dumped as numbers"
)]
impl Dumped {
    fn new(tree: &Value) -> Self {
        let list = |key: &str| floats(&tree[key]);
        Self {
            feature: list("feature"),
            threshold: list("threshold"),
            left: list("left"),
            right: list("right"),
            value: list("value"),
        }
    }

    fn split(&self, node: usize) -> (usize, f64) {
        (self.feature[node] as usize, self.threshold[node])
    }

    fn children(&self, node: usize) -> (usize, usize) {
        (self.left[node] as usize, self.right[node] as usize)
    }

    fn predict(&self, row: &[f64]) -> f64 {
        let mut node = 0;
        while self.left[node] >= 0.0 {
            let (feature, threshold) = self.split(node);
            let goes_left = f64::from(row[feature] as f32) <= threshold;
            let (left, right) = self.children(node);
            node = if goes_left { left } else { right };
        }
        self.value[node]
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}
