//! The triangular factor of a symmetric, positive definite matrix.

use crate::tiles::dot;
use ndarray::Array2;

/// `L` with `L · Lᵀ` the matrix.
#[derive(Debug)]
pub(crate) struct Cholesky {
    size: usize,
    /// `[size, size]`, of which the lower triangle counts.
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factorises `matrix`, of which it reads the lower triangle; `None` when it is not positive
    /// definite in floating point.
    pub(crate) fn new(matrix: &Array2<f64>) -> Option<Self> {
        let size = matrix.nrows();
        let mut lower = vec![0.0; size * size];
        for i in 0..size {
            let (done, rest) = lower.split_at_mut(i * size);
            let row = &mut rest[..=i];
            for (j, other) in done.chunks_exact(size).enumerate() {
                row[j] = (matrix[(i, j)] - dot(&row[..j], &other[..j])) / other[j];
            }
            let pivot = matrix[(i, i)] - dot(&row[..i], &row[..i]);
            if pivot.is_nan() || pivot <= 0.0 {
                return None;
            }
            row[i] = pivot.sqrt();
        }
        Some(Self { size, lower })
    }

    /// The entries of row `i` up to the diagonal.
    pub(crate) fn row(&self, i: usize) -> &[f64] {
        &self.lower[i * self.size..=i * self.size + i]
    }

    /// What is left of each column outside the span of those before it, squared.
    pub(crate) fn pivots(&self) -> impl Iterator<Item = f64> {
        (0..self.size).map(|i| self.row(i)[i].powi(2))
    }

    /// The solution `z` of `L · z = right`.
    pub(crate) fn forward(&self, right: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut solution = Vec::with_capacity(self.size);
        for (i, value) in right.into_iter().enumerate() {
            let row = self.row(i);
            solution.push((value - dot(&row[..i], &solution)) / row[i]);
        }
        solution
    }

    /// The solution of the system with the matrix, if it is finite.
    pub(crate) fn solve(&self, right: impl IntoIterator<Item = f64>) -> Option<Vec<f64>> {
        let mut solution = self.forward(right);
        for i in (0..self.size).rev() {
            let row = self.row(i);
            let (before, value) = solution.split_at_mut(i);
            value[0] /= row[i];
            for (earlier, factor) in before.iter_mut().zip(row) {
                *earlier -= factor * value[0];
            }
        }
        let is_finite = solution.iter().all(|value| value.is_finite());
        is_finite.then_some(solution)
    }

    /// The diagonal of the matrix's inverse: squared lengths of the columns of `L⁻¹`.
    pub(crate) fn inverse_diagonal(&self) -> Vec<f64> {
        let unit = |column: usize| (0..self.size).map(move |i| f64::from(u8::from(i == column)));
        let columns = (0..self.size).map(|column| self.forward(unit(column)));
        columns.map(|column| dot(&column, &column)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn solves_and_inverts() {
        // Of ((4, 2), (2, 3)) with the inverse ((3, −2), (−2, 4)) / 8.
        let factor = Cholesky::new(&array![[4.0, f64::NAN], [2.0, 3.0]]).unwrap();
        let solution = factor.solve([8.0, 8.0]).unwrap();
        assert!((solution[0] - 1.0).abs() < 1e-15 && (solution[1] - 2.0).abs() < 1e-15);
        let diagonal = factor.inverse_diagonal();
        assert!((diagonal[0] - 0.375).abs() < 1e-15 && (diagonal[1] - 0.5).abs() < 1e-15);
    }

    #[test]
    fn an_indefinite_matrix_has_no_factor() {
        assert!(Cholesky::new(&array![[1.0, 0.0], [2.0, 3.0]]).is_none());
        assert!(Cholesky::new(&array![[f64::NAN]]).is_none());
    }
}
