//! A tree in 8 bytes a node and 8 more a leaf: what a model keeps in memory and walks.

use super::Node;
use super::keys::{LEAST_LEAF, key_of_threshold, threshold_of};

/// Most features of a packed tree.
pub(super) const MAX_FEATURES: usize = 1 << FEATURE_BITS;

/// Lower bits of [`PackedNode::link`]. Four million nodes may then lie between a node and its child.
const FEATURE_BITS: u32 = 10;

/// The nodes of a sound tree, in their order, with the values of the leaves apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Packed {
    pub(super) nodes: Box<[PackedNode]>,
    /// The value of each leaf, in the order of the nodes.
    values: Box<[f64]>,
    /// Splits on the longest way from the root.
    pub(super) depth: u32,
}

/// A node. Stepping from a leaf stays there, so that walking needs no branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedNode {
    /// The feature in the lower bits; above them how far behind this node its left child is, 0 for
    /// a leaf.
    link: u32,
    /// The key of the threshold, or [`LEAST_LEAF`] plus the index of the value.
    key: u32,
}

impl Packed {
    /// Packs sound nodes; `None` when a feature, a distance or the number of leaves is too large.
    pub(super) fn new(nodes: &[Node]) -> Option<Self> {
        let mut packed = Vec::with_capacity(nodes.len());
        // As many as in a tree in which every node but the root has one parent.
        let mut values = Vec::with_capacity(nodes.len().div_ceil(2));
        for (index, node) in nodes.iter().enumerate() {
            packed.push(match *node {
                Node::Split {
                    feature,
                    threshold,
                    left,
                } => PackedNode::split(feature, threshold, left as usize - index)?,
                Node::Leaf { value } => {
                    values.push(value);
                    PackedNode::leaf(values.len() - 1)?
                }
            });
        }
        Some(Self {
            nodes: packed.into(),
            values: values.into(),
            depth: depth(nodes),
        })
    }

    /// The node at `index` as it was.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "feature and left child were u32 before"
    )]
    pub(super) fn node(&self, index: usize) -> Node {
        let node = self.nodes[index];
        match node.value_index() {
            Some(value) => Node::Leaf {
                value: self.values[value],
            },
            None => Node::Split {
                feature: node.feature() as u32,
                threshold: threshold_of(node.key),
                left: (index + node.distance()) as u32,
            },
        }
    }

    /// The value of the leaf at `index`; 0 for a split.
    #[inline]
    pub(super) fn value(&self, index: usize) -> f64 {
        let value = self.nodes[index].value_index();
        value.map_or(0.0, |value| self.values[value])
    }
}

impl PackedNode {
    fn split(feature: u32, threshold: f32, distance: usize) -> Option<Self> {
        let distance = u32::try_from(distance).ok()?;
        let fits = (feature as usize) < MAX_FEATURES && distance.leading_zeros() >= FEATURE_BITS;
        fits.then(|| Self {
            link: distance << FEATURE_BITS | feature,
            key: key_of_threshold(threshold),
        })
    }

    fn leaf(value: usize) -> Option<Self> {
        let key = LEAST_LEAF.checked_add(u32::try_from(value).ok()?)?;
        Some(Self { link: 0, key })
    }

    /// The feature whose key decides.
    #[inline]
    pub(super) fn feature(self) -> usize {
        self.link as usize % MAX_FEATURES
    }

    /// How far behind this node a row goes whose feature has `key`.
    #[inline]
    pub(super) fn step(self, key: u32) -> usize {
        self.distance() + usize::from(self.key < key)
    }

    #[inline]
    fn distance(self) -> usize {
        (self.link >> FEATURE_BITS) as usize
    }

    #[inline]
    pub(super) fn is_leaf(self) -> bool {
        self.key >= LEAST_LEAF
    }

    /// Index of the value of a leaf; `None` for a split.
    #[inline]
    fn value_index(self) -> Option<usize> {
        self.key.checked_sub(LEAST_LEAF).map(|index| index as usize)
    }
}

/// Splits on the longest way through sound nodes.
fn depth(nodes: &[Node]) -> u32 {
    let mut depths = vec![0; nodes.len()];
    let mut most = 0;
    for (index, node) in nodes.iter().enumerate() {
        if let Node::Split { left, .. } = *node {
            let below = depths[index] + 1;
            most = most.max(below);
            for child in &mut depths[left as usize..][..2] {
                *child = below.max(*child);
            }
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_not_packed() {
        let fits = |feature, distance| PackedNode::split(feature, 0.5, distance).is_some();
        assert!(fits(1023, (1 << 22) - 1));
        assert!(!fits(1024, 1));
        assert!(!fits(0, 1 << 22));
        assert!(!fits(0, 1 << 32));
        assert!(PackedNode::leaf((1 << 23) - 2).is_some_and(PackedNode::is_leaf));
        assert!(PackedNode::leaf((1 << 23) - 1).is_none());
    }

    #[test]
    fn the_longest_way_counts() {
        let split = |left| Node::Split {
            feature: 0,
            threshold: 0.5,
            left,
        };
        let leaf = Node::Leaf { value: 1.0 };
        assert_eq!(depth(&[leaf]), 0);
        assert_eq!(depth(&[split(1), leaf, leaf]), 1);
        assert_eq!(
            depth(&[split(1), split(3), leaf, leaf, split(5), leaf, leaf]),
            3
        );
        // Untrusted nodes may share children.
        assert_eq!(
            depth(&[split(1), split(3), split(4), leaf, split(5), leaf, leaf]),
            3
        );
    }
}
