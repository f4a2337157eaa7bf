//! Predictions of an ensemble: the weighted sum of one leaf per tree.

use super::Tree;
use super::few_leaves::{self, FewLeaves};
use super::keys::key_of;
use super::packed::{MAX_FEATURES, Packed};
use super::rows::{NARROW, Rows};
use super::walk::{self, LANES};
use ndarray::{ArrayView2, Axis, Slice};
use rayon::prelude::*;

/// Leaves to look up from which on several threads pay.
const PARALLEL: usize = 1 << 16;

/// `start + Σ factor · leaf`, added in the order of the trees.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ensemble {
    trees: Vec<Tree>,
    start: f64,
    factor: f64,
}

impl Ensemble {
    pub(crate) fn new(trees: Vec<Tree>, start: f64, factor: f64) -> Self {
        Self {
            trees,
            start,
            factor,
        }
    }

    pub(crate) fn trees(&self) -> &[Tree] {
        &self.trees
    }

    pub(crate) fn start(&self) -> f64 {
        self.start
    }

    pub(crate) fn factor(&self) -> f64 {
        self.factor
    }

    /// The sum for one row `[features]`, without allocating.
    pub(crate) fn of_row(&self, row: &[f64]) -> f64 {
        if row.len() <= NARROW {
            let keys = keys::<NARROW>(row);
            self.sum(|feature| keys[feature % NARROW])
        } else {
            // No packed tree asks for the features beyond.
            let keys = keys::<MAX_FEATURES>(row);
            self.sum(|feature| keys[feature])
        }
        .unwrap_or_else(|| self.sum_one_by_one(row))
    }

    /// The sum for every row of `x` `[rows, features]`, bit-equal to [`of_row`](Self::of_row).
    pub(crate) fn of_rows(&self, x: ArrayView2<'_, f64>) -> Vec<f64> {
        let mut sums = vec![self.start; x.nrows()];
        let few_leaves = (x.nrows() >= few_leaves::LEAST_ROWS)
            .then(|| FewLeaves::new(&self.trees, self.factor))
            .flatten();
        let per_block = match &few_leaves {
            Some(_) => Rows::per_block(x).next_multiple_of(few_leaves::ROWS),
            None => Rows::per_block(x),
        };
        let add_block = |(block, sums): (usize, &mut [f64])| {
            let first = block * per_block;
            let x = x.slice_axis(Axis(0), Slice::from(first..first + sums.len()));
            match &few_leaves {
                Some(trees) => trees.add(x, sums),
                None => self.add_block(&Rows::new(x), sums),
            }
        };
        if x.nrows() * self.trees.len() < PARALLEL {
            sums.chunks_mut(per_block).enumerate().for_each(add_block);
        } else {
            sums.par_chunks_mut(per_block)
                .enumerate()
                .for_each(add_block);
        }
        sums
    }

    fn add_block(&self, rows: &Rows, sums: &mut [f64]) {
        let mut leaves = Vec::new();
        for tree in &self.trees {
            rows.leaves(tree, &mut leaves);
            for (sum, leaf) in sums.iter_mut().zip(&leaves) {
                *sum += self.factor * leaf;
            }
        }
    }

    /// The sum for the row whose features have the keys `key`, several trees at once; `None` unless
    /// all are packed.
    fn sum(&self, key: impl Fn(usize) -> u32) -> Option<f64> {
        let mut sum = self.start;
        for trees in self.trees.chunks(LANES) {
            let packed = lanes(trees)?;
            let nodes = packed.map(|tree| &tree.nodes[..]);
            let depth = packed.iter().fold(0, |depth, tree| depth.max(tree.depth));
            let ends = walk::ends(
                depth,
                |lane, at: usize| nodes[lane][at],
                |_, feature| key(feature),
            );
            let leaves = packed.iter().zip(ends).map(|(tree, end)| tree.value(end));
            for leaf in leaves.take(trees.len()) {
                sum += self.factor * leaf;
            }
        }
        Some(sum)
    }

    fn sum_one_by_one(&self, row: &[f64]) -> f64 {
        let leaf = |tree: &Tree| tree.leaf(|feature| key_of(row[feature]));
        let leaves = self.trees.iter().map(leaf);
        leaves.fold(self.start, |sum, leaf| sum + self.factor * leaf)
    }
}

/// Asserts that a matrix fits the model.
pub(crate) fn assert_columns(columns: usize, n_features: usize) {
    assert_eq!(columns, n_features, "the model has {n_features} features");
}

/// The keys of the first features of `row`.
fn keys<const N: usize>(row: &[f64]) -> [u32; N] {
    let mut keys = [0; N];
    for (key, &feature) in keys.iter_mut().zip(row) {
        *key = key_of(feature);
    }
    keys
}

/// At most [`LANES`] trees, the first of them in the lanes that are left; `None` unless all are
/// packed.
fn lanes(trees: &[Tree]) -> Option<[&Packed; LANES]> {
    let mut lanes = [trees.first()?.packed()?; LANES];
    for (lane, tree) in lanes.iter_mut().zip(trees) {
        *lane = tree.packed()?;
    }
    Some(lanes)
}

#[cfg(test)]
mod tests {
    use super::{Ensemble, FewLeaves, MAX_FEATURES, NARROW, few_leaves};
    use crate::tree::{Node, Rows, Tree};
    use ndarray::Array2;
    use proptest::collection::{SizeRange, vec};
    use proptest::prelude::*;
    use proptest::sample::Index;

    /// Leaves to split one after the other, each with a feature, a threshold and two values.
    type Splits = Vec<(Index, Index, f32, [f64; 2])>;

    fn splits() -> impl Strategy<Value = Splits> {
        prop_oneof![9 => so_many_splits(0..40), 1 => so_many_splits(1000..1100)]
    }

    fn so_many_splits(count: impl Into<SizeRange>) -> impl Strategy<Value = Splits> {
        let number = -1.0_f64..1.0;
        let threshold = prop_oneof![8 => -1.0_f32..1.0, 1 => Just(0.0), 1 => Just(-0.0)];
        let split = (
            any::<Index>(),
            any::<Index>(),
            threshold,
            [number.clone(), number],
        );
        vec(split, count)
    }

    fn tree(splits: &Splits, n_features: usize, chain: bool) -> Vec<Node> {
        let mut nodes = vec![Node::Leaf { value: 0.25 }];
        for (at, feature, threshold, values) in splits {
            let leaves = (0..nodes.len()).filter(|&node| matches!(nodes[node], Node::Leaf { .. }));
            let leaves: Vec<usize> = leaves.collect();
            let last = leaves[leaves.len() - 1];
            let left = u32::try_from(nodes.len()).unwrap();
            nodes[if chain { last } else { *at.get(&leaves) }] = Node::Split {
                feature: u32::try_from(feature.index(n_features)).unwrap(),
                threshold: *threshold,
                left,
            };
            nodes.extend(values.map(|value| Node::Leaf { value }));
        }
        nodes
    }

    /// The plain way through a tree.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "trees see features rounded to f32"
    )]
    fn leaf(nodes: &[Node], row: &[f64]) -> f64 {
        let mut index = 0;
        loop {
            match nodes[index] {
                Node::Leaf { value } => return value,
                Node::Split {
                    feature,
                    threshold,
                    left,
                } => {
                    let goes_left = row[feature as usize] as f32 <= threshold;
                    index = left as usize + usize::from(!goes_left);
                }
            }
        }
    }

    fn trees(nodes: &[Vec<Node>], n_features: usize) -> Vec<Tree> {
        let trees = nodes
            .iter()
            .map(|nodes| Tree::from_nodes(nodes.clone(), n_features));
        trees.map(Result::unwrap).collect()
    }

    /// The sum over the plain ways of `row`.
    fn plain_sum(nodes: &[Vec<Node>], row: &[f64]) -> f64 {
        nodes
            .iter()
            .fold(0.5, |sum, nodes| sum + 0.1 * leaf(nodes, row))
    }

    fn rows(n_rows: usize, n_features: usize, seed: usize) -> Array2<f64> {
        Array2::from_shape_fn((n_rows, n_features), |(row, feature)| {
            match row * 31 + feature * 17 + seed {
                n if n % 11 == 0 => f64::NAN,
                n if n % 13 == 0 => -f64::NAN,
                n if n % 7 == 0 => 1e300,
                n if n % 17 == 0 => f64::NEG_INFINITY,
                n if n % 5 == 0 => 0.0,
                n if n % 19 == 0 => -0.0,
                n => (n as f64 * 0.37).sin(),
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// However many trees, rows and features, it is the sum over the plain ways.
        #[test]
        fn is_the_sum_over_the_trees(
            splits in vec(splits(), 1..20),
            chain: bool,
            n_rows in 0_usize..20,
            n_features in prop_oneof![
                1_usize..5, Just(NARROW), Just(NARROW + 1), Just(MAX_FEATURES), Just(MAX_FEATURES + 9)
            ],
            seed in 0_usize..1000,
        ) {
            let nodes: Vec<_> = splits.iter().map(|splits| tree(splits, n_features, chain)).collect();
            let trees = trees(&nodes, n_features);
            for (tree, nodes) in trees.iter().zip(&nodes) {
                prop_assert!(tree.nodes().eq(nodes.iter().copied()));
            }
            let x = rows(n_rows, n_features, seed);
            let ensemble = Ensemble::new(trees.clone(), 0.5, 0.1);
            let sums = ensemble.of_rows(x.view());
            for (row, values) in x.outer_iter().enumerate() {
                let values = values.to_slice().unwrap();
                let plain = plain_sum(&nodes, values);
                prop_assert_eq!(sums[row].to_bits(), plain.to_bits());
                prop_assert_eq!(ensemble.of_row(values).to_bits(), plain.to_bits());
                for (tree, nodes) in trees.iter().zip(&nodes) {
                    let value = tree.value_at(x.view(), row);
                    prop_assert_eq!(value.to_bits(), leaf(nodes, values).to_bits());
                }
            }
        }

        /// Likewise where all trees have few leaves.
        #[test]
        fn is_the_sum_over_trees_of_few_leaves(
            splits in vec(so_many_splits(0..few_leaves::MAX_LEAVES), 1..20),
            chain: bool,
            n_rows in few_leaves::LEAST_ROWS..few_leaves::LEAST_ROWS + 70,
            n_features in prop_oneof![1_usize..5, Just(NARROW + 1), Just(MAX_FEATURES)],
            seed in 0_usize..1000,
        ) {
            let nodes: Vec<_> = splits.iter().map(|splits| tree(splits, n_features, chain)).collect();
            let trees = trees(&nodes, n_features);
            prop_assert!(FewLeaves::new(&trees, 0.1).is_some());
            let x = rows(n_rows, n_features, seed);
            let sums = Ensemble::new(trees, 0.5, 0.1).of_rows(x.view());
            for (row, sum) in x.outer_iter().zip(sums) {
                let plain = plain_sum(&nodes, row.to_slice().unwrap());
                prop_assert_eq!(sum.to_bits(), plain.to_bits());
            }
        }

        /// Rows that are picked end up where they did among all.
        #[test]
        fn picked_rows_find_their_leaves(
            splits in splits(),
            n_features in prop_oneof![Just(3_usize), Just(NARROW + 1)],
            picked in vec(0_usize..20, 0..30),
        ) {
            let nodes = tree(&splits, n_features, false);
            let x = rows(20, n_features, 1);
            let tree = Tree::from_nodes(nodes, n_features).unwrap();
            let (all, mut leaves) = (Rows::new(x.view()), Vec::new());
            all.select(&picked).leaves(&tree, &mut leaves);
            for (&row, leaf) in picked.iter().zip(&leaves) {
                prop_assert_eq!(leaf.to_bits(), tree.value_at(x.view(), row).to_bits());
            }
        }
    }

    /// A node that both sides lead to, as in trees from elsewhere.
    #[test]
    fn children_may_be_shared() {
        let split = |feature, left| Node::Split {
            feature,
            threshold: 0.0,
            left,
        };
        let leaves = [1.0, 2.0, 3.0].map(|value| Node::Leaf { value });
        let nodes = vec![[&[split(0, 1), split(1, 3), split(2, 4)][..], &leaves].concat()];
        let sign = |row: usize, bit: usize| if row >> bit & 1 == 0 { -1.0 } else { 1.0 };
        let x = Array2::from_shape_fn((few_leaves::LEAST_ROWS, 3), |at| sign(at.0, at.1));
        let trees = trees(&nodes, 3);
        assert!(FewLeaves::new(&trees, 0.1).is_some());
        let sums = Ensemble::new(trees, 0.5, 0.1).of_rows(x.view());
        for (row, sum) in x.outer_iter().zip(sums) {
            let plain = plain_sum(&nodes, row.to_slice().unwrap());
            assert_eq!(sum.to_bits(), plain.to_bits());
        }
    }

    #[test]
    fn many_leaves_are_not_few() {
        let are_few = |splits: usize, chain: bool| {
            let mut nodes = vec![Node::Leaf { value: 1.0 }];
            for split in 0..splits {
                // The last leaf, or the first that was made.
                let at = if chain { nodes.len() - 1 } else { split };
                nodes[at] = Node::Split {
                    feature: 0,
                    threshold: 0.5,
                    left: u32::try_from(nodes.len()).unwrap(),
                };
                nodes.extend([1.0, 2.0].map(|value| Node::Leaf { value }));
            }
            FewLeaves::new(&trees(&[nodes], 1), 1.0).is_some()
        };
        for chain in [false, true] {
            assert!(are_few(few_leaves::MAX_LEAVES - 1, chain));
            assert!(!are_few(few_leaves::MAX_LEAVES, chain));
            assert!(!are_few(1000, chain));
        }
        // All paths of this one would be more than there is time for.
        let shared = (0..60).map(|node| Node::Split {
            feature: 0,
            threshold: 0.5,
            left: node + 1,
        });
        let ends = [1.0, 2.0].map(|value| Node::Leaf { value });
        let shared: Vec<_> = shared.chain(ends).collect();
        assert!(FewLeaves::new(&trees(&[shared], 1), 1.0).is_none());
    }

    #[test]
    fn blocks_cover_every_row() {
        let nodes = tree(&Vec::new(), 1, false);
        let x = Array2::from_shape_fn((20_011, 2), |(row, _)| row as f64);
        let split = Node::Split {
            feature: 1,
            threshold: 10_000.0,
            left: 1,
        };
        let leaves = [3.0, 5.0].map(|value| Node::Leaf { value });
        let deep = Tree::from_nodes([&[split][..], &leaves].concat(), 2).unwrap();
        let flat = Tree::from_nodes(nodes, 2).unwrap();
        let sums = Ensemble::new(vec![flat, deep], 0.0, 1.0).of_rows(x.view());
        for (row, sum) in sums.into_iter().enumerate() {
            let expected = if row <= 10_000 { 3.25 } else { 5.25 };
            assert!((sum - expected).abs() < 1e-12, "row {row}: {sum}");
        }
    }
}
