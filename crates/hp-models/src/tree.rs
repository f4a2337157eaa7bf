//! Regression trees: the fitted form that forest and boosting share, and the engine that grows it.
//!
//! Growth follows scikit-learn's best splitter for the squared error. The features are rounded to
//! f32 and coded once ([`bins`]), the targets of a tree become integers ([`scale`]), and each node
//! is searched ([`split`]) and divided ([`grow`]) in place.

mod limits;
mod random;

mod bins;
mod region;
mod samples;
mod scale;
mod totals;

mod split;

mod rounding;

mod frontier;
mod grow;
mod grown;

mod ensemble;

pub(crate) use bins::Bins;
pub(crate) use ensemble::{Ensemble, assert_columns};
pub(crate) use grow::{Grower, InBag};
pub(crate) use grown::Grown;
pub(crate) use limits::{Limits, share_of};
pub(crate) use random::Random;
pub(crate) use rounding::PureNodes;
pub(crate) use scale::power_of_two;

use ndarray::ArrayView2;

/// A node of a [`Tree`], 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// Sends a row to one of two later nodes.
    Split {
        /// 0-based column of the value that decides.
        feature: u32,
        /// A row goes left when its value, rounded to f32, is at most this.
        threshold: f32,
        /// Index of the left child; the right child comes directly after it.
        left: u32,
    },
    /// The end of a row's way.
    Leaf {
        /// What the tree predicts.
        value: f64,
    },
}

/// Why nodes or trees do not make a model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidModel {
    /// A tree without a root.
    #[error("a tree has no nodes")]
    NoNodes,
    /// A child that does not exist or does not come after its parent.
    #[error("node {node} has its left child at {left}")]
    Child {
        /// 0-based index of the parent.
        node: usize,
        /// Where its left child should be.
        left: u32,
    },
    /// A split on a feature that does not exist.
    #[error("node {node} splits feature {feature} of {n_features}")]
    Feature {
        /// 0-based index of the node.
        node: usize,
        /// 0-based column.
        feature: u32,
        /// Number of features.
        n_features: usize,
    },
    /// NaN or infinity among the numbers of the model.
    #[error("{what} is not finite")]
    NotFinite {
        /// Which number.
        what: &'static str,
    },
    /// An ensemble without trees.
    #[error("there are no trees")]
    NoTrees,
    /// Not one importance per feature.
    #[error("there are {importances} feature importances for {n_features} features")]
    Importances {
        /// Number of importances.
        importances: usize,
        /// Number of features.
        n_features: usize,
    },
}

/// A fitted regression tree: the root first, every child after its parent.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// Makes a tree of nodes from an untrusted source.
    ///
    /// # Errors
    /// When there is no node, a child is missing or not after its parent, a feature is out of range
    /// or a number is not finite.
    pub fn from_nodes(nodes: Vec<Node>, n_features: usize) -> Result<Self, InvalidModel> {
        if nodes.is_empty() {
            return Err(InvalidModel::NoNodes);
        }
        for (index, node) in nodes.iter().enumerate() {
            check_node(index, node, nodes.len(), n_features)?;
        }
        Ok(Self { nodes })
    }

    /// The nodes, the root first.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Takes nodes that the engine has grown.
    pub(crate) fn grown(nodes: Vec<Node>) -> Self {
        Self { nodes }
    }

    /// The value of the leaf where row `row` of `x` `[rows, features]` ends up. A value beyond the
    /// range of f32 rounds to infinity, which every threshold treats like the largest f32; NaN goes
    /// right.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "trees see features rounded to f32"
    )]
    pub(crate) fn value_at(&self, x: ArrayView2<'_, f64>, row: usize) -> f64 {
        let mut index = 0;
        loop {
            match self.nodes[index] {
                Node::Leaf { value } => return value,
                Node::Split {
                    feature,
                    threshold,
                    left,
                } => {
                    let goes_left = x[[row, feature as usize]] as f32 <= threshold;
                    index = left as usize + usize::from(!goes_left);
                }
            }
        }
    }
}

/// Checks what every ensemble of trees has.
pub(crate) fn check_ensemble(
    n_features: usize,
    trees: &[Tree],
    importances: &[f64],
) -> Result<(), InvalidModel> {
    if trees.is_empty() {
        return Err(InvalidModel::NoTrees);
    }
    // A tree is sound in itself, but may have been made for another number of features.
    for tree in trees {
        for (index, node) in tree.nodes.iter().enumerate() {
            check_feature(index, node, n_features)?;
        }
    }
    if importances.len() != n_features {
        return Err(InvalidModel::Importances {
            importances: importances.len(),
            n_features,
        });
    }
    check_finite("a feature importance", importances)
}

/// Checks that all `numbers` are finite, `what` they are.
pub(crate) fn check_finite(what: &'static str, numbers: &[f64]) -> Result<(), InvalidModel> {
    if numbers.iter().all(|number| number.is_finite()) {
        Ok(())
    } else {
        Err(InvalidModel::NotFinite { what })
    }
}

fn check_node(
    index: usize,
    node: &Node,
    n_nodes: usize,
    n_features: usize,
) -> Result<(), InvalidModel> {
    check_feature(index, node, n_features)?;
    match *node {
        Node::Leaf { value } => check_finite("the value of a leaf", &[value]),
        Node::Split {
            threshold, left, ..
        } => {
            if left as usize <= index || left as usize >= n_nodes - 1 {
                return Err(InvalidModel::Child { node: index, left });
            }
            check_finite("a threshold", &[f64::from(threshold)])
        }
    }
}

fn check_feature(index: usize, node: &Node, n_features: usize) -> Result<(), InvalidModel> {
    match *node {
        Node::Split { feature, .. } if feature as usize >= n_features => {
            Err(InvalidModel::Feature {
                node: index,
                feature,
                n_features,
            })
        }
        _ => Ok(()),
    }
}
