//! Trees and their ensembles as they are stored.

use hp_models::tree::{InvalidModel, Node, Tree};
use hp_models::{GradientBoosting, RandomForest};
use std::slice::Iter;
use wincode::{SchemaRead, SchemaWrite};

/// What stands in place of a split's feature where a node is a leaf.
const LEAF: u32 = u32::MAX;

/// A [`RandomForest`] in a file.
#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
pub(super) struct StoredForest {
    n_features: u64,
    /// `[features]`.
    feature_importances: Vec<f64>,
    oob_score: Option<f64>,
    trees: StoredTrees,
}

/// A [`GradientBoosting`] ensemble in a file.
#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
pub(super) struct StoredBoosting {
    n_features: u64,
    /// `[features]`.
    feature_importances: Vec<f64>,
    start: f64,
    learning_rate: f64,
    trees: StoredTrees,
}

/// Trees in a file, all nodes one after another.
#[derive(Debug, Default, PartialEq, SchemaRead, SchemaWrite)]
struct StoredTrees {
    /// Number of nodes of each tree `[trees]`.
    n_nodes: Vec<u64>,
    /// Feature that each node splits, or [`LEAF`] `[nodes]`.
    features: Vec<u32>,
    /// `[splits]`.
    thresholds: Vec<f32>,
    /// Index within its tree of each left child `[splits]`.
    left: Vec<u32>,
    /// `[leaves]`.
    values: Vec<f64>,
}

/// Why stored trees do not make a model.
#[derive(Debug, thiserror::Error)]
pub(super) enum TreesError {
    /// The vectors differ in length from what the others ask for.
    #[error("the arrays of its trees do not match in length")]
    Lengths,
    /// The nodes make no model.
    #[error(transparent)]
    Model(#[from] InvalidModel),
}

impl From<&RandomForest> for StoredForest {
    fn from(model: &RandomForest) -> Self {
        Self {
            // Each feature has an importance.
            n_features: model.feature_importances().len() as u64,
            feature_importances: model.feature_importances().to_vec(),
            oob_score: model.oob_score(),
            trees: StoredTrees::new(model.trees()),
        }
    }
}

impl TryFrom<StoredForest> for RandomForest {
    type Error = TreesError;

    fn try_from(stored: StoredForest) -> Result<Self, TreesError> {
        let n_features = count(stored.n_features)?;
        let trees = stored.trees.restore(n_features)?;
        let importances = stored.feature_importances;
        Ok(Self::from_parts(
            n_features,
            trees,
            importances,
            stored.oob_score,
        )?)
    }
}

impl From<&GradientBoosting> for StoredBoosting {
    fn from(model: &GradientBoosting) -> Self {
        Self {
            n_features: model.feature_importances().len() as u64,
            feature_importances: model.feature_importances().to_vec(),
            start: model.start(),
            learning_rate: model.learning_rate(),
            trees: StoredTrees::new(model.trees()),
        }
    }
}

impl TryFrom<StoredBoosting> for GradientBoosting {
    type Error = TreesError;

    fn try_from(stored: StoredBoosting) -> Result<Self, TreesError> {
        let n_features = count(stored.n_features)?;
        let trees = stored.trees.restore(n_features)?;
        let (start, learning_rate) = (stored.start, stored.learning_rate);
        let importances = stored.feature_importances;
        Ok(Self::from_parts(
            n_features,
            start,
            learning_rate,
            trees,
            importances,
        )?)
    }
}

impl StoredTrees {
    fn new(trees: &[Tree]) -> Self {
        let mut stored = Self::default();
        for tree in trees {
            stored.n_nodes.push(tree.nodes().len() as u64);
            for node in tree.nodes() {
                stored.push(node);
            }
        }
        stored
    }

    fn push(&mut self, node: Node) {
        match node {
            Node::Leaf { value } => {
                self.features.push(LEAF);
                self.values.push(value);
            }
            Node::Split {
                feature,
                threshold,
                left,
            } => {
                self.features.push(feature);
                self.thresholds.push(threshold);
                self.left.push(left);
            }
        }
    }

    fn restore(&self, n_features: usize) -> Result<Vec<Tree>, TreesError> {
        let mut unread = Unread {
            features: self.features.iter(),
            thresholds: self.thresholds.iter(),
            left: self.left.iter(),
            values: self.values.iter(),
        };
        let mut trees = Vec::with_capacity(self.n_nodes.len());
        for &n_nodes in &self.n_nodes {
            let nodes = unread.nodes(count(n_nodes)?).ok_or(TreesError::Lengths)?;
            trees.push(Tree::from_nodes(nodes, n_features)?);
        }
        if unread.is_empty() {
            Ok(trees)
        } else {
            Err(TreesError::Lengths)
        }
    }
}

/// What is left of [`StoredTrees`] while they are restored.
struct Unread<'a> {
    features: Iter<'a, u32>,
    thresholds: Iter<'a, f32>,
    left: Iter<'a, u32>,
    values: Iter<'a, f64>,
}

impl Unread<'_> {
    /// The next `count` nodes, if there are so many.
    fn nodes(&mut self, count: usize) -> Option<Vec<Node>> {
        if count > self.features.len() {
            return None;
        }
        let mut nodes = Vec::with_capacity(count);
        for &feature in self.features.by_ref().take(count) {
            nodes.push(if feature == LEAF {
                Node::Leaf {
                    value: *self.values.next()?,
                }
            } else {
                Node::Split {
                    feature,
                    threshold: *self.thresholds.next()?,
                    left: *self.left.next()?,
                }
            });
        }
        Some(nodes)
    }

    fn is_empty(&self) -> bool {
        let splits = self.thresholds.len() + self.left.len();
        self.features.len() + splits + self.values.len() == 0
    }
}

/// A stored number as a count of things in memory.
fn count(stored: u64) -> Result<usize, TreesError> {
    usize::try_from(stored).map_err(|_| TreesError::Lengths)
}
