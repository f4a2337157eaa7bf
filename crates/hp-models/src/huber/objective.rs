//! The objective of Huber regression with its first and second derivatives.

use ndarray::{Array1, Array2, Axis};

/// Coordinates of the design's columns and scale of the noise.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) theta: Array1<f64>,
    pub(super) sigma: f64,
}

/// `Σ (σ + H(rᵢ/σ)·σ) + Σ penaltyⱼ·θⱼ²` with `r = target − design·θ`, convex in `θ` and `σ > 0`.
#[derive(Debug)]
pub(super) struct Objective {
    /// `[rows, columns]`.
    pub(super) design: Array2<f64>,
    /// `[rows]`.
    pub(super) target: Array1<f64>,
    /// Weight of each squared coordinate `[columns]`.
    pub(super) penalty: Array1<f64>,
    /// Scaled residual from which on a row counts linearly.
    pub(super) epsilon: f64,
}

/// First and second derivatives, the last entry being the one by `σ`.
#[derive(Debug, Clone)]
pub(super) struct Expansion {
    /// `[columns + 1]`.
    pub(super) gradient: Array1<f64>,
    /// `[columns + 1, columns + 1]`.
    pub(super) hessian: Array2<f64>,
}

impl Objective {
    pub(super) fn value(&self, point: &Point) -> f64 {
        let Point { theta, sigma } = point;
        let loss = self.residuals(point).mapv(|residual| {
            let size = residual.abs();
            if self.is_inlier(size, *sigma) {
                sigma + size * (size / sigma)
            } else {
                sigma + 2.0 * self.epsilon * size - sigma * self.epsilon.powi(2)
            }
        });
        loss.sum() + self.penalty.dot(&(theta * theta))
    }

    pub(super) fn expansion(&self, point: &Point) -> Expansion {
        let sigma = point.sigma;
        let scaled = self.residuals(point) / sigma;
        // By σ a row's loss z²σ has the slope 1 − z², and by its residual 2z, both with z clipped
        // at epsilon.
        let clipped = scaled.mapv(|z| z.clamp(-self.epsilon, self.epsilon));
        let by_theta = self.design.t().dot(&clipped) * -2.0 + &self.penalty * &point.theta * 2.0;
        let by_sigma = clipped.mapv(|z| 1.0 - z * z).sum();

        // Only inliers bend: by 2/σ · uuᵀ with u = (design row, z).
        let mut bending = Array2::zeros((self.target.len(), self.penalty.len() + 1));
        let rows = bending.axis_iter_mut(Axis(0)).zip(self.design.rows());
        for ((mut row, features), &z) in rows.zip(&scaled) {
            if z.abs() <= self.epsilon {
                let values = features.iter().copied().chain([z]);
                row.iter_mut()
                    .zip(values)
                    .for_each(|(entry, value)| *entry = value);
            }
        }
        let mut hessian = bending.t().dot(&bending) * (2.0 / sigma);
        for (diagonal, penalty) in hessian.diag_mut().iter_mut().zip(&self.penalty) {
            *diagonal += 2.0 * penalty;
        }
        let gradient = by_theta.into_iter().chain([by_sigma]).collect();
        Expansion { gradient, hessian }
    }

    fn residuals(&self, point: &Point) -> Array1<f64> {
        &self.target - &self.design.dot(&point.theta)
    }

    fn is_inlier(&self, size: f64, sigma: f64) -> bool {
        size <= self.epsilon * sigma
    }
}
