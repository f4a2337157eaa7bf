//! The losses that boosting minimises.

use crate::tree::PureNodes;
use hp_core::method::{BoostingLoss, BoostingParams};

/// A loss with its parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Loss {
    SquaredError,
    /// The pinball loss at this quantile.
    Quantile(f64),
}

impl Loss {
    pub(super) fn new(params: &BoostingParams) -> Self {
        match params.loss {
            BoostingLoss::SquaredError | BoostingLoss::Huber => Self::SquaredError,
            BoostingLoss::AbsoluteError => Self::Quantile(0.5),
            BoostingLoss::Quantile => Self::Quantile(params.alpha),
        }
    }

    /// The constant that the ensemble starts from: the mean of `y`, or its percentile with linear
    /// interpolation, which is `numpy.percentile`'s default. `y` is not empty.
    pub(super) fn start(self, y: &[f64]) -> f64 {
        match self {
            Self::SquaredError => y.iter().sum::<f64>() / y.len() as f64,
            Self::Quantile(quantile) => interpolated_quantile(&mut y.to_vec(), quantile),
        }
    }

    /// What to do with rows whose gradients are equal: a quantile of their residuals can still differ.
    pub(super) fn pure_nodes(self) -> PureNodes {
        match self {
            Self::SquaredError => PureNodes::Leaf,
            Self::Quantile(_) => PureNodes::SplitByRounding,
        }
    }

    /// The direction in which the prediction of a row should move.
    pub(super) fn negative_gradient(self, target: f64, prediction: f64) -> f64 {
        match self {
            Self::SquaredError => target - prediction,
            Self::Quantile(quantile) if target >= prediction => quantile,
            Self::Quantile(quantile) => quantile - 1.0,
        }
    }

    /// The mean loss, twice the half squared error.
    pub(super) fn mean(self, y: &[f64], predictions: &[f64]) -> f64 {
        let losses = y.iter().zip(predictions).map(|(target, prediction)| {
            let error = target - prediction;
            match self {
                Self::SquaredError => error * error,
                Self::Quantile(quantile) if error >= 0.0 => quantile * error,
                Self::Quantile(quantile) => (quantile - 1.0) * error,
            }
        });
        losses.sum::<f64>() / y.len() as f64
    }
}

/// The smallest residual at or below which at least `quantile` of all lie: `inverted_cdf` of
/// `numpy.quantile`. `residuals`, which are not empty, are reordered.
pub(super) fn inverted_cdf_quantile(residuals: &mut [f64], quantile: f64) -> f64 {
    // scikit-learn goes through percent, which now and then moves the rank by a rounding.
    let rank = (100.0 * quantile) / 100.0 * residuals.len() as f64;
    let index = index(rank.ceil() - 1.0).min(residuals.len() - 1);
    *residuals.select_nth_unstable_by(index, f64::total_cmp).1
}

fn interpolated_quantile(values: &mut [f64], quantile: f64) -> f64 {
    let position = (100.0 * quantile) / 100.0 * (values.len() - 1) as f64;
    let below = index(position.floor()).min(values.len() - 1);
    let share = position - position.floor();
    let (_, &mut low, rest) = values.select_nth_unstable_by(below, f64::total_cmp);
    let high = rest.iter().copied().fold(f64::INFINITY, f64::min);
    if share <= 0.0 || high.is_infinite() {
        low
    } else if share < 0.5 {
        low + (high - low) * share
    } else {
        high - (high - low) * (1.0 - share)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the float is a rank"
)]
fn index(rank: f64) -> usize {
    rank as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverted_cdf_takes_a_value_that_is_there() {
        let values = [5.0, 1.0, 3.0, 2.0, 4.0];
        for (quantile, expected) in [(0.1, 1.0), (0.2, 1.0), (0.21, 2.0), (0.9, 5.0)] {
            let actual = inverted_cdf_quantile(&mut values.clone(), quantile);
            assert!((actual - expected).abs() < 1e-15, "{quantile}: {actual}");
        }
    }

    #[test]
    fn a_prediction_that_is_right_moves_up() {
        let loss = Loss::Quantile(0.3);
        for (target, expected) in [(1.0, 0.3), (2.0, 0.3), (0.5, -0.7)] {
            let gradient = loss.negative_gradient(target, 1.0);
            assert!((gradient - expected).abs() < 1e-15, "{target}: {gradient}");
        }
    }

    #[test]
    fn the_start_is_interpolated() {
        let values = [5.0, 1.0, 3.0, 2.0, 4.0];
        for (quantile, expected) in [(0.1, 1.4), (0.25, 2.0), (0.9, 4.6)] {
            let actual = Loss::Quantile(quantile).start(&values);
            assert!((actual - expected).abs() < 1e-15, "{quantile}: {actual}");
        }
    }
}
