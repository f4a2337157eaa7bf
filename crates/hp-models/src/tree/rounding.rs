//! What rounding does to nodes whose targets are all equal.

/// What happens to a node whose targets are all equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PureNodes {
    /// It is a leaf.
    Leaf,
    /// It is split when its impurity, which is 0, exceeds [`f64::EPSILON`] by rounding, and where
    /// rounding says. scikit-learn does so. It shows only where leaves do not predict the mean of
    /// these targets: with the quantile loss, whose gradients have but two values, pinball losses
    /// move by one or two percent without these splits.
    SplitByRounding,
}

/// The sums of 0 to `most` times `target`, each rounded after the one before.
pub(super) fn rounded_sums(target: f64, most: u32) -> Vec<f64> {
    let mut sum = 0.0;
    let sums = (0..most).map(|_| {
        sum += target;
        sum
    });
    std::iter::once(0.0).chain(sums).collect()
}

/// The variances of the first `left` targets of a node and of the others, computed as scikit-learn
/// does: what its rounding leaves of 0 decides about pure nodes.
pub(super) fn rounded_impurities<I: Iterator<Item = f64>>(
    targets: impl Fn() -> I,
    left: usize,
) -> [f64; 2] {
    let (mut count, mut sum, mut squares) = (0, 0.0, 0.0);
    targets().for_each(|target| {
        count += 1;
        sum += target;
        squares += target * target;
    });
    let left_squares = targets()
        .take(left)
        .fold(0.0, |sum, target| sum + target * target);
    let left_sum = if left <= count - left {
        targets().take(left).fold(0.0, |sum, target| sum + target)
    } else {
        targets().skip(left).fold(sum, |sum, target| sum - target)
    };
    let variance = |squares: f64, sum: f64, count: usize| {
        let mean = sum / count as f64;
        squares / count as f64 - mean * mean
    };
    [
        variance(left_squares, left_sum, left),
        variance(squares - left_squares, sum - left_sum, count - left),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_targets_have_an_impurity_by_rounding() {
        let targets = || [0.9; 400].into_iter().chain([-0.1; 40]);
        let [left, _] = rounded_impurities(targets, 400);
        assert!(left.abs() > f64::EPSILON && left.abs() < 1e-12, "{left:e}");
        let [left, right] = rounded_impurities(|| [0.5; 8].into_iter(), 3);
        assert!(
            left.abs() <= 0.0 && right.abs() <= 0.0,
            "0.5 has no rounding"
        );
    }

    #[test]
    fn sums_are_rounded_one_by_one() {
        let sums = rounded_sums(0.1, 10);
        assert_eq!(sums.len(), 11);
        assert_eq!(sums[10].to_bits(), 0.999_999_999_999_999_9_f64.to_bits());
    }
}
