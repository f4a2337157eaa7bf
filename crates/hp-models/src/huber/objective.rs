//! The objective of Huber regression with its first and second derivatives.

use super::SMALLEST_SIGMA;
use super::design::Design;
use crate::tiles::{
    Products, TILE, Tiles, add_combination, columns_mut, dot, height, in_parts, in_product_parts,
    tiles_of,
};
use ndarray::{Array1, Array2};
use std::ops::Range;

/// Coordinates of the line and scale of the noise.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) theta: Array1<f64>,
    pub(super) sigma: f64,
}

/// `Σ (σ + H(rᵢ/σ)·σ) + Σ penaltyⱼ·θⱼ²` with `r = target − design·directions·θ`, convex in `θ` and
/// `σ > 0`.
#[derive(Debug)]
pub(super) struct Objective<'a> {
    pub(super) design: Design<'a>,
    /// Columns and scale by coordinates and scale `[columns + 1, coordinates + 1]`; none where each
    /// column has a coordinate of its own.
    pub(super) directions: Option<Array2<f64>>,
    /// Weight of each squared coordinate `[coordinates]`.
    pub(super) penalty: Array1<f64>,
    /// Scaled residual from which on a row counts linearly.
    pub(super) epsilon: f64,
}

/// Value and derivatives at a point, the last entry of these being the one by `σ`.
#[derive(Debug, Clone)]
pub(super) struct Expansion {
    pub(super) value: f64,
    /// `[coordinates + 1]`.
    pub(super) gradient: Array1<f64>,
    /// `[coordinates + 1, coordinates + 1]`, of which the lower triangle counts.
    pub(super) hessian: Array2<f64>,
}

/// Sums over rows, in which `z = r/σ` and `c` is `z` clipped at epsilon.
struct Sums {
    /// Of the design's columns and of `z` for inliers, and of `c`, with the design's columns.
    products: Products,
    /// `Σ c²`, `Σ c·z` and, over inliers, `Σ z²`.
    squares: [f64; 3],
}

impl Objective<'_> {
    pub(super) fn rows(&self) -> usize {
        self.design.rows()
    }

    /// `theta` with the scale of its residuals.
    pub(super) fn point(&self, theta: Array1<f64>) -> Point {
        let sigma = self.root_mean_square(&theta).max(SMALLEST_SIGMA);
        Point { theta, sigma }
    }

    /// Of the residuals at `theta`.
    fn root_mean_square(&self, theta: &Array1<f64>) -> f64 {
        let weights = self.residual_weights(theta);
        let squares = in_parts(self.rows(), |part| {
            let mut room = self.room(&part);
            let squares = tiles_of(part).map(|rows| {
                let mut residuals = [0.0; TILE];
                let tile = self.design.tile(&rows, &mut room);
                add_combination(tile, &weights, &mut residuals);
                dot(&residuals, &residuals)
            });
            squares.sum::<f64>()
        });
        (squares.iter().sum::<f64>() / self.rows() as f64).sqrt()
    }

    pub(super) fn expansion(&self, point: &Point) -> Expansion {
        let Point { theta, sigma } = point;
        let columns = self.design.width() - 1;
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
        }
        // By σ a row's loss z²σ has the slope 1 − z², and by its residual 2z, both with z clipped
        // at epsilon.
        let by_column = products.row(columns + 1).map(|sum| -2.0 * sum);
        let mut gradient: Array1<f64> = by_column.chain([rows - clipped]).collect();
        if let Some(directions) = &self.directions {
            gradient = directions.t().dot(&gradient);
            hessian = directions.t().dot(&mirrored(hessian)).dot(directions);
        }
        for (j, (penalty, value)) in self.penalty.iter().zip(theta).enumerate() {
            gradient[j] += 2.0 * penalty * value;
            hessian[(j, j)] += 2.0 * penalty;
        }
        let loss = sigma * (rows + (2.0 * mixed - clipped));
        Expansion {
            value: loss + self.penalty.dot(&(theta * theta)),
            gradient,
            hessian,
        }
    }

    /// Weights of the columns and the target that give residuals `[columns + 1]`.
    fn residual_weights(&self, theta: &Array1<f64>) -> Vec<f64> {
        let negated: Array1<f64> = theta.iter().map(|value| -value).chain([1.0]).collect();
        let weights = match &self.directions {
            Some(directions) => directions.dot(&negated),
            None => negated,
        };
        weights.to_vec()
    }

    /// Room for a tile of a part.
    fn room(&self, part: &Range<usize>) -> Tiles {
        match self.design {
            Design::Copied(_) => Tiles::zeros(0, 0),
            Design::InPlace(_) => Tiles::zeros(TILE.min(part.len()), self.design.width()),
        }
    }

    fn sums(&self, point: &Point) -> Sums {
        let weights = self.residual_weights(&point.theta);
        let parts = in_product_parts((self.rows(), weights.len() + 1), |part| {
            self.sums_of(part, &weights, point.sigma)
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

    fn sums_of(&self, part: Range<usize>, weights: &[f64], sigma: f64) -> Sums {
        let columns = weights.len() - 1;
        let per_sigma = 1.0 / sigma;
        let mut sums = Sums {
            products: Products::zeros(columns + 2, columns),
            squares: [0.0; 3],
        };
        let mut tile_room = self.room(&part);
        let mut room = Tiles::zeros(TILE.min(part.len()), columns + 2);
        let mut other_room = Tiles::zeros(TILE.min(part.len()), 2);
        for rows in tiles_of(part) {
            let height = height(rows.len());
            let tile = self.design.tile(&rows, &mut tile_room);
            let [scaled, is_inlier] = columns_mut(other_room.first_mut(rows.len()));
            scaled.fill(0.0);
            add_combination(tile, weights, scaled);
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

/// The symmetric matrix of a lower triangle.
fn mirrored(triangle: Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn(triangle.dim(), |(i, j)| triangle[(i.max(j), i.min(j))])
}
