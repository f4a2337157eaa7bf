//! The losses that boosting minimises.

mod quantile;

use crate::tree::{Direction, PureNodes};
use hp_core::method::{BoostingLoss, BoostingParams};
use quantile::{interpolated, inverted_cdf};

/// A loss with its parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Loss {
    /// Half the squared error.
    SquaredError,
    AbsoluteError,
    /// Half the squared error up to `delta`, linear beyond, where `delta` is this quantile of the
    /// absolute errors of a stage.
    Huber {
        quantile: f64,
        delta: f64,
    },
    /// The pinball loss at this quantile.
    Quantile(f64),
}

impl Loss {
    pub(super) fn new(params: &BoostingParams) -> Self {
        match params.loss {
            BoostingLoss::SquaredError => Self::SquaredError,
            BoostingLoss::AbsoluteError => Self::AbsoluteError,
            BoostingLoss::Huber => Self::Huber {
                quantile: params.alpha,
                delta: 0.0,
            },
            BoostingLoss::Quantile => Self::Quantile(params.alpha),
        }
    }

    /// The constant that the ensemble starts from: the mean of `y`, or its percentile with linear
    /// interpolation, which is `numpy.percentile`'s default. `y` is not empty.
    pub(super) fn start(self, y: &[f64]) -> f64 {
        match self {
            Self::SquaredError => y.iter().sum::<f64>() / y.len() as f64,
            Self::AbsoluteError | Self::Huber { .. } => interpolated(&mut y.to_vec(), 0.5),
            Self::Quantile(quantile) => interpolated(&mut y.to_vec(), quantile),
        }
    }

    /// What to do with rows whose gradients are equal: the best value for their residuals can still
    /// differ. Rounding leaves nothing of the absolute error's gradients, ±1.
    pub(super) fn pure_nodes(self) -> PureNodes {
        match self {
            Self::SquaredError | Self::AbsoluteError => PureNodes::Leaf,
            Self::Huber { .. } | Self::Quantile(_) => PureNodes::SplitByRounding,
        }
    }

    /// The loss for a stage that starts from these `residuals`.
    pub(super) fn at_stage(self, residuals: &[f64]) -> Self {
        match self {
            Self::Huber { quantile, .. } => {
                let mut errors: Vec<f64> = residuals.iter().map(|r| r.abs()).collect();
                let delta = inverted_cdf(&mut errors, quantile);
                Self::Huber { quantile, delta }
            }
            _ => self,
        }
    }

    /// The direction in which the prediction of a row should move.
    pub(super) fn negative_gradient(self, residual: f64) -> f64 {
        match self {
            Self::SquaredError => residual,
            Self::AbsoluteError if residual >= 0.0 => 1.0,
            Self::AbsoluteError => -1.0,
            Self::Huber { delta, .. } => residual.clamp(-delta, delta),
            Self::Quantile(quantile) if residual >= 0.0 => quantile,
            Self::Quantile(quantile) => quantile - 1.0,
        }
    }

    /// [`negative_gradient`](Self::negative_gradient), up to a constant.
    pub(super) fn direction(self) -> Direction {
        match self {
            Self::SquaredError => Direction::Clipped(f64::INFINITY),
            Self::AbsoluteError => Direction::Sign { exponent: 1 },
            Self::Huber { delta, .. } => Direction::Clipped(delta),
            Self::Quantile(_) => Direction::Sign { exponent: 0 },
        }
    }

    /// The value of a leaf that minimises the loss of the rows with these `residuals`, which are not
    /// empty and are reordered. For Huber's loss it is Friedman's approximation (Greedy function
    /// approximation, 2001, algorithm 4).
    pub(super) fn leaf_value(self, residuals: &mut [f64]) -> f64 {
        match self {
            Self::SquaredError => mean(residuals),
            Self::AbsoluteError => inverted_cdf(residuals, 0.5),
            Self::Huber { delta, .. } => {
                let median = inverted_cdf(residuals, 0.5);
                for residual in residuals.iter_mut() {
                    *residual = (*residual - median).clamp(-delta, delta);
                }
                median + mean(residuals)
            }
            Self::Quantile(quantile) => inverted_cdf(residuals, quantile),
        }
    }

    /// The mean loss, twice the half squared error.
    pub(super) fn mean(self, y: &[f64], predictions: &[f64]) -> f64 {
        let losses = y.iter().zip(predictions).map(|(target, prediction)| {
            let error = target - prediction;
            match self {
                Self::SquaredError => error * error,
                Self::AbsoluteError => error.abs(),
                Self::Huber { delta, .. } if error.abs() <= delta => 0.5 * error * error,
                Self::Huber { delta, .. } => delta * (error.abs() - 0.5 * delta),
                Self::Quantile(quantile) if error >= 0.0 => quantile * error,
                Self::Quantile(quantile) => (quantile - 1.0) * error,
            }
        });
        losses.sum::<f64>() / y.len() as f64
    }
}

/// The mean, never outside the range of `values`.
fn mean(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mut mean = values.iter().sum::<f64>() / count;
    if !mean.is_finite() {
        mean = values.iter().map(|value| value / count).sum();
    }
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
            (low.min(value), high.max(value))
        });
    mean.clamp(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prediction_that_is_right_moves_up() {
        let loss = Loss::Quantile(0.3);
        for (residual, expected) in [(0.0, 0.3), (1.0, 0.3), (-0.5, -0.7)] {
            let gradient = loss.negative_gradient(residual);
            assert!(
                (gradient - expected).abs() < 1e-15,
                "{residual}: {gradient}"
            );
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
