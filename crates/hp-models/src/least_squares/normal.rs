//! The normal equations of least squares, factorised.

use crate::cholesky::Cholesky;
use ndarray::Array2;

/// Squared share of a column outside the span of those before it below which the normal equations
/// are not relied upon: solving them loses as many digits as this has.
const LEAST_PIVOT: f64 = 1e-6;

/// The Cholesky factor of a Gram matrix whose columns are divided by their lengths, without those
/// that are zero.
#[derive(Debug)]
pub(crate) struct Normal {
    /// The columns that are not zero.
    columns: Vec<usize>,
    /// Their lengths, with the penalty.
    lengths: Vec<f64>,
    /// Their products with the target, divided by the lengths.
    right: Vec<f64>,
    factor: Cholesky,
    features: usize,
}

impl Normal {
    /// Factorises the features' part of `gram` `[features + 1, features + 1]` with `penalty` added
    /// to its diagonal, unless it is ill-conditioned.
    pub(crate) fn new(gram: &Array2<f64>, penalty: f64) -> Option<Self> {
        let features = gram.nrows() - 1;
        let columns: Vec<usize> = (0..features).filter(|&j| gram[(j, j)] > 0.0).collect();
        let squares = columns.iter().map(|&j| gram[(j, j)] + penalty);
        let lengths: Vec<f64> = squares.map(f64::sqrt).collect();
        let matrix = Array2::from_shape_fn((columns.len(), columns.len()), |(i, j)| {
            let product = gram[(columns[i], columns[j])];
            if i == j {
                1.0
            } else {
                product / lengths[i] / lengths[j]
            }
        });
        let factor = Cholesky::new(&matrix)?;
        let is_sound = factor.pivots().all(|pivot| pivot >= LEAST_PIVOT);
        let right = columns.iter().zip(&lengths);
        let right = right
            .map(|(&j, length)| gram[(features, j)] / length)
            .collect();
        is_sound.then_some(Self {
            columns,
            lengths,
            right,
            factor,
            features,
        })
    }

    /// Whether every singular value is certainly more than `cutoff` times the largest: the traces
    /// of the matrix and of its inverse bound the square of their ratio.
    pub(crate) fn exceeds(&self, cutoff: f64) -> bool {
        let trace: f64 = self.lengths.iter().map(|length| length * length).sum();
        let inverse = self
            .factor
            .inverse_diagonal()
            .into_iter()
            .zip(&self.lengths);
        let inverse: f64 = inverse.map(|(value, length)| value / length / length).sum();
        trace * inverse * cutoff * cutoff < 0.5
    }

    /// The coefficients, 0 for columns that are zero `[features]`.
    pub(crate) fn solve(&self) -> Option<Vec<f64>> {
        let solution = self.factor.solve(self.right.iter().copied())?;
        let mut coef = vec![0.0; self.features];
        for ((&column, length), value) in self.columns.iter().zip(&self.lengths).zip(solution) {
            coef[column] = value / length;
        }
        Some(coef)
    }

    /// The triangle `R` of the features `[features, features]` and the target's products with its
    /// directions `[features]`; zero for columns that are zero.
    pub(crate) fn triangle(&self) -> (Array2<f64>, Vec<f64>) {
        let mut corner = Array2::zeros((self.features, self.features));
        for (place, (&column, length)) in self.columns.iter().zip(&self.lengths).enumerate() {
            for (&direction, value) in self.columns.iter().zip(self.factor.row(place)) {
                corner[(direction, column)] = value * length;
            }
        }
        let mut projected = vec![0.0; self.features];
        let along = self.factor.forward(self.right.iter().copied());
        for (&direction, value) in self.columns.iter().zip(along) {
            projected[direction] = value;
        }
        (corner, projected)
    }
}
