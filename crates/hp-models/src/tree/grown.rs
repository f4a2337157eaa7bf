//! A tree fresh from the engine, with what boosting and importances need to know about it.

use super::{Node, Tree};

/// A tree as it was grown.
#[derive(Debug)]
pub(crate) struct Grown {
    pub(crate) nodes: Vec<Node>,
    pub(crate) leaves: Vec<GrownLeaf>,
    /// The rows of the tree, leaf by leaf.
    pub(crate) rows: Vec<u32>,
    /// By how much the splits of each feature lowered the mean squared error, divided by
    /// `4^exponent`: in this form it cannot overflow.
    pub(crate) importances: Vec<f64>,
    pub(crate) exponent: i32,
}

/// Where a leaf and its rows are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrownLeaf {
    pub(crate) node: usize,
    /// End of its rows in [`Grown::rows`]; they start where those of the leaf before end.
    pub(crate) end: usize,
}

impl Grown {
    /// The rows of every leaf.
    pub(crate) fn leaf_rows(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.leaves.iter().map(|leaf| leaf.end));
        let ranges = starts.zip(&self.leaves);
        ranges.map(|(start, leaf)| &self.rows[start..leaf.end])
    }

    /// Gives every leaf its value, in the order of [`leaf_rows`](Self::leaf_rows).
    pub(crate) fn set_leaf_values(&mut self, values: impl IntoIterator<Item = f64>) {
        for (leaf, value) in self.leaves.iter().zip(values) {
            self.nodes[leaf.node] = Node::Leaf { value };
        }
    }

    /// The value and the rows of every leaf.
    pub(crate) fn leaf_values(&self) -> impl Iterator<Item = (f64, &[u32])> {
        self.leaves
            .iter()
            .zip(self.leaf_rows())
            .filter_map(|(leaf, rows)| match self.nodes[leaf.node] {
                Node::Leaf { value } => Some((value, rows)),
                Node::Split { .. } => None,
            })
    }

    /// The tree alone.
    pub(crate) fn into_tree(self) -> Tree {
        Tree::grown(self.nodes)
    }
}
