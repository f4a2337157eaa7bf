//! Regression trees: the fitted form that forest and boosting share, and the engine that grows it.
//!
//! Growth follows scikit-learn's best splitter for the squared error. The features are rounded to
//! f32 and coded once ([`bins`]), the targets of a tree become integers ([`scale`]), and each node
//! is searched ([`split`]) and divided ([`grow`]) in place.
//!
//! A fitted tree takes 8 bytes a node ([`packed`]). Thresholds are integers ([`keys`]), and several
//! rows, or several trees, are walked at once ([`walk`]). For many rows, trees of few leaves need not be
//! walked at all ([`few_leaves`]).

mod limits;
mod random;

mod grouping;

mod bins;
mod region;
mod samples;
mod scale;
mod totals;

mod few_rows;
mod histograms;
mod split;

mod rounding;

mod frontier;
mod grow;
mod grown;

mod hist;

mod check;
mod keys;
mod packed;
mod walk;

mod rows;

mod few_leaves;

mod ensemble;

pub use check::InvalidModel;

pub(crate) use bins::Bins;
pub(crate) use check::{check_ensemble, check_finite};
pub(crate) use ensemble::{Ensemble, assert_columns};
pub(crate) use grow::{Grower, InBag};
pub(crate) use grown::Grown;
pub(crate) use hist::{Direction, HistGrower};
pub(crate) use limits::{Limits, is_exact, max_codes, share_of};
pub(crate) use random::Random;
pub(crate) use rounding::PureNodes;
pub(crate) use rows::Rows;
pub(crate) use scale::power_of_two;

use keys::{key_of, key_of_threshold};
use ndarray::ArrayView2;
use packed::Packed;

/// A node of a [`Tree`].
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

/// A fitted regression tree: the root first, every child after its parent.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    form: Form,
    /// One more than the largest feature of a split.
    n_features: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum Form {
    Packed(Packed),
    /// Too large to be packed.
    Plain(Box<[Node]>),
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
            check::check_node(index, node, nodes.len(), n_features)?;
        }
        Ok(Self::grown(nodes))
    }

    /// The nodes, the root first.
    #[must_use]
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = Node> {
        let count = match &self.form {
            Form::Packed(packed) => packed.nodes.len(),
            Form::Plain(nodes) => nodes.len(),
        };
        (0..count).map(|index| match &self.form {
            Form::Packed(packed) => packed.node(index),
            Form::Plain(nodes) => nodes[index],
        })
    }

    /// Takes nodes that the engine has grown.
    pub(crate) fn grown(nodes: Vec<Node>) -> Self {
        let feature = |node: &Node| match *node {
            Node::Split { feature, .. } => feature as usize + 1,
            Node::Leaf { .. } => 0,
        };
        Self {
            n_features: nodes.iter().map(feature).max().unwrap_or(0),
            form: match Packed::new(&nodes) {
                Some(packed) => Form::Packed(packed),
                None => Form::Plain(nodes.into()),
            },
        }
    }

    /// The value of the leaf where row `row` of `x` `[rows, features]` ends up. A value beyond the
    /// range of f32 rounds to infinity, which every threshold treats like the largest f32; NaN goes
    /// right.
    pub(crate) fn value_at(&self, x: ArrayView2<'_, f64>, row: usize) -> f64 {
        self.leaf(|feature| key_of(x[[row, feature]]))
    }

    /// The value of the leaf where a row ends up; `key` gives the keys of its features.
    fn leaf(&self, key: impl Fn(usize) -> u32) -> f64 {
        let mut index = 0;
        match &self.form {
            Form::Packed(packed) => {
                while !packed.nodes[index].is_leaf() {
                    let node = packed.nodes[index];
                    index += node.step(key(node.feature()));
                }
                packed.value(index)
            }
            Form::Plain(nodes) => loop {
                match nodes[index] {
                    Node::Leaf { value } => return value,
                    Node::Split {
                        feature,
                        threshold,
                        left,
                    } => {
                        let goes_right = key_of_threshold(threshold) < key(feature as usize);
                        index = left as usize + usize::from(goes_right);
                    }
                }
            },
        }
    }

    /// The packed form; `None` when the tree is too large for it.
    fn packed(&self) -> Option<&Packed> {
        match &self.form {
            Form::Packed(packed) => Some(packed),
            Form::Plain(_) => None,
        }
    }
}
