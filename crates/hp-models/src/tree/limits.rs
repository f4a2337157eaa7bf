//! The parameters of a tree as plain counts for a given number of rows and features.

use super::bins::Bins;
use hp_core::method::{Amount, MaxFeatures, TreeMethod, TreeParams};

/// When a node may be split and what is looked at for it.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) max_depth: usize,
    /// Fewest rows of a node that is split; already at least twice `min_samples_leaf`.
    pub(crate) min_samples_split: usize,
    pub(crate) min_samples_leaf: usize,
    pub(crate) max_leaf_nodes: Option<usize>,
    pub(crate) max_features: usize,
    pub(crate) min_impurity_decrease: f64,
}

impl Limits {
    /// Resolves `params` as scikit-learn does: limits that the data cannot meet give trees of a
    /// single leaf, and more features than there are means all of them.
    pub(crate) fn new(params: &TreeParams, rows: usize, features: usize) -> Self {
        let min_samples_leaf = rounded_up(params.min_samples_leaf, rows).max(1);
        Self {
            max_depth: params.max_depth.unwrap_or(usize::MAX),
            min_samples_split: rounded_up(params.min_samples_split, rows)
                .max(2)
                .max(min_samples_leaf.saturating_mul(2)),
            min_samples_leaf,
            max_leaf_nodes: params.max_leaf_nodes,
            max_features: max_features(params.max_features, features),
            min_impurity_decrease: params.min_impurity_decrease,
        }
    }
}

/// Whether every value of a feature is looked at with `rows` rows; `Auto` is exact up to `exact_rows`.
pub(crate) fn is_exact(params: &TreeParams, rows: usize, exact_rows: usize) -> bool {
    match params.tree_method {
        TreeMethod::Auto => rows <= exact_rows,
        TreeMethod::Exact => true,
        TreeMethod::Hist => false,
    }
}

/// Most codes of a feature of `rows` rows: as many as there are values with the exact method,
/// `max_bins` with histograms.
pub(crate) fn max_codes(params: &TreeParams, rows: usize, exact_rows: usize) -> usize {
    if is_exact(params, rows, exact_rows) {
        Bins::MAX_CODES
    } else {
        params.max_bins.clamp(2, Bins::MAX_CODES)
    }
}

/// `max(1, ⌊fraction · all⌋)`, which is more than `all` for a fraction of 2.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the float is not negative, and one beyond the counts becomes the largest"
)]
pub(crate) fn share_of(all: usize, fraction: f64) -> usize {
    ((fraction * all as f64) as usize).max(1)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the float is between 0 and a count"
)]
fn rounded_up(amount: Amount, all: usize) -> usize {
    match amount {
        Amount::Count(count) => count,
        Amount::Fraction(fraction) => (fraction * all as f64).ceil() as usize,
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the root of a count is a count"
)]
fn max_features(wanted: MaxFeatures, features: usize) -> usize {
    let count = match wanted {
        MaxFeatures::All => features,
        MaxFeatures::Sqrt => (features as f64).sqrt() as usize,
        MaxFeatures::Log2 => features.checked_ilog2().unwrap_or_default() as usize,
        MaxFeatures::Amount(Amount::Count(count)) => count,
        MaxFeatures::Amount(Amount::Fraction(fraction)) => share_of(features, fraction),
    };
    count.clamp(1, features.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(params: &TreeParams) -> Limits {
        Limits::new(params, 101, 12)
    }

    #[test]
    fn fractions_of_rows_are_rounded_up() {
        let limits = limits(&TreeParams {
            min_samples_leaf: Amount::Fraction(0.1),
            min_samples_split: Amount::Fraction(0.3),
            ..TreeParams::default()
        });
        assert_eq!(limits.min_samples_leaf, 11);
        assert_eq!(limits.min_samples_split, 31);
    }

    #[test]
    fn a_node_that_is_split_holds_two_leaves() {
        let limits = limits(&TreeParams {
            min_samples_leaf: Amount::Count(7),
            ..TreeParams::default()
        });
        assert_eq!(limits.min_samples_split, 14);
    }

    #[test]
    fn features_are_counted_as_scikit_learn_does() {
        for (wanted, expected) in [
            (MaxFeatures::All, 12),
            (MaxFeatures::Sqrt, 3),
            (MaxFeatures::Log2, 3),
            (MaxFeatures::Amount(Amount::Count(40)), 12),
            (MaxFeatures::Amount(Amount::Fraction(0.3)), 3),
            (MaxFeatures::Amount(Amount::Fraction(0.01)), 1),
        ] {
            let limits = limits(&TreeParams {
                max_features: wanted,
                ..TreeParams::default()
            });
            assert_eq!(limits.max_features, expected, "{wanted:?}");
        }
    }
}
