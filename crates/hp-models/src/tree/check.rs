//! What nodes and trees from an untrusted source are checked for.

use super::{Node, Tree};

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
    for tree in trees.iter().filter(|tree| tree.n_features > n_features) {
        for (index, node) in tree.nodes().enumerate() {
            check_feature(index, &node, n_features)?;
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

/// Checks the node at `index` of `n_nodes`.
pub(super) fn check_node(
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
