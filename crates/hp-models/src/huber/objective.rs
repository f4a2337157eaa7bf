//! The objective of Huber regression with its first and second derivatives.

use crate::tiles::{
    Products, TILE, Tiles, add_combination, columns_mut, dot, height, in_product_parts, tiles_of,
};
use ndarray::{Array1, Array2};
use std::ops::Range;

/// Coordinates of the design's columns and scale of the noise.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) theta: Array1<f64>,
    pub(super) sigma: f64,
}

/// `Σ (σ + H(rᵢ/σ)·σ) + Σ penaltyⱼ·θⱼ²` with `r = target − design·θ`, convex in `θ` and `σ > 0`.
#[derive(Debug)]
pub(super) struct Objective {
    /// `[rows, columns + 1]`, the target being the last column.
    pub(super) design: Tiles,
    /// Weight of each squared coordinate `[columns]`.
    pub(super) penalty: Array1<f64>,
    /// Scaled residual from which on a row counts linearly.
    pub(super) epsilon: f64,
}

/// Value and derivatives at a point, the last entry of these being the one by `σ`.
#[derive(Debug, Clone)]
pub(super) struct Expansion {
    pub(super) value: f64,
    /// `[columns + 1]`.
    pub(super) gradient: Array1<f64>,
    /// `[columns + 1, columns + 1]`, of which the lower triangle counts.
    pub(super) hessian: Array2<f64>,
}

/// Sums over rows, in which `z = r/σ` and `c` is `z` clipped at epsilon.
struct Sums {
    /// Of the design's columns and of `z` for inliers, and of `c`, with the design's columns.
    products: Products,
    /// `Σ c²`, `Σ c·z` and, over inliers, `Σ z²`.
    squares: [f64; 3],
}

impl Objective {
    pub(super) fn rows(&self) -> usize {
        self.design.rows()
    }

    /// Of the residuals at `theta`.
    pub(super) fn root_mean_square(&self, theta: &Array1<f64>) -> f64 {
        let weights: Vec<f64> = theta.iter().map(|value| -value).chain([1.0]).collect();
        let residuals = self.design.combination(&weights);
        (dot(&residuals, &residuals) / self.rows() as f64).sqrt()
    }

    pub(super) fn expansion(&self, point: &Point) -> Expansion {
        let Point { theta, sigma } = point;
        let columns = theta.len();
        let Sums {
            products,
            squares: [clipped, mixed, inlying],
        } = self.sums(point);
        let rows = self.rows() as f64;
        let mut hessian = Array2::zeros((columns + 1, columns + 1));
        // Only inliers bend: by 2/σ · uuᵀ with u = (design row, z).
        for ((i, j), entry) in hessian.indexed_iter_mut() {
            *entry = match (i, j) {
                _ if j > i => 0.0,
                _ if j < columns => 2.0 / sigma * products.of(i, j),
                _ => 2.0 / sigma * inlying,
            };
            if i == j && i < columns {
                *entry += 2.0 * self.penalty[i];
            }
        }
        // By σ a row's loss z²σ has the slope 1 − z², and by its residual 2z, both with z clipped
        // at epsilon.
        let by_column = products.row(columns + 1).zip(&self.penalty).zip(theta);
        let by_theta = by_column.map(|((sum, penalty), value)| 2.0 * (penalty * value - sum));
        let loss = sigma * (rows + (2.0 * mixed - clipped));
        Expansion {
            value: loss + self.penalty.dot(&(theta * theta)),
            gradient: by_theta.chain([rows - clipped]).collect(),
            hessian,
        }
    }

    fn sums(&self, point: &Point) -> Sums {
        let parts = in_product_parts((self.rows(), point.theta.len() + 2), |part| {
            self.sums_of(part, point)
        });
        let squares = parts.iter().fold([0.0; 3], |total, part| {
            std::array::from_fn(|index| total[index] + part.squares[index])
        });
        let products = Products::added(parts.into_iter().map(|part| part.products));
        Sums {
            products: products.unwrap_or_else(|| Products::zeros(0, 0)),
            squares,
        }
    }

    fn sums_of(&self, part: Range<usize>, point: &Point) -> Sums {
        let columns = point.theta.len();
        // With the weight 1 on the target this gives residuals.
        let weights: Vec<f64> = point
            .theta
            .iter()
            .map(|value| -value)
            .chain([1.0])
            .collect();
        let per_sigma = 1.0 / point.sigma;
        let mut sums = Sums {
            products: Products::zeros(columns + 2, columns),
            squares: [0.0; 3],
        };
        let mut room = Tiles::zeros(TILE.min(part.len()), columns + 2);
        let mut other_room = Tiles::zeros(TILE.min(part.len()), 2);
        for rows in tiles_of(part) {
            let height = height(rows.len());
            let tile = self.design.tile(&rows);
            let [scaled, is_inlier] = columns_mut(other_room.first_mut(rows.len()));
            scaled.fill(0.0);
            add_combination(tile, &weights, scaled);
            let (design, _) = tile.split_at(columns * height);

            let left = room.first_mut(rows.len());
            let (bending, last) = left.split_at_mut(columns * height);
            let [inlying, clipped] = columns_mut(last);
            let outcome = inlying.iter_mut().zip(&mut *clipped).zip(&mut *is_inlier);
            for (z, ((inlying, clipped), is_inlier)) in scaled.iter_mut().zip(outcome) {
                *z *= per_sigma;
                *clipped = z.clamp(-self.epsilon, self.epsilon);
                *is_inlier = if z.abs() <= self.epsilon { 1.0 } else { 0.0 };
                *inlying = *z * *is_inlier;
            }
            let squares = [
                dot(clipped, clipped),
                dot(clipped, scaled),
                dot(inlying, scaled),
            ];
            sums.squares = std::array::from_fn(|index| sums.squares[index] + squares[index]);
            let pairs = bending
                .chunks_exact_mut(height)
                .zip(design.chunks_exact(height));
            for (bending, column) in pairs {
                for ((bending, value), is_inlier) in bending.iter_mut().zip(column).zip(&*is_inlier)
                {
                    *bending = value * is_inlier;
                }
            }
            sums.products.add(left, design);
        }
        sums
    }
}
