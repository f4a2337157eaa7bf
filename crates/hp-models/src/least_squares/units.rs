//! Where the zero of each column is put, and what it is divided by.

use crate::magnitude::{magnitude, power_of_two};
use crate::tiles::LANES;
use ndarray::{Array1, ArrayView1, ArrayView2};

/// The scales of features and target and the shift of every column.
#[derive(Debug)]
pub(crate) struct Units {
    x: Scale,
    y: Scale,
    /// In units of the first scale, the target's last `[features + 1]`.
    shift: Vec<f64>,
}

/// A number is multiplied by `first`, shifted, and multiplied by `second`; both are powers of two.
#[derive(Debug, Clone, Copy)]
struct Scale {
    first: f64,
    second: f64,
}

/// The units of one column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnUnits {
    scale: Scale,
    shift: f64,
}

impl ColumnUnits {
    /// A raw number in these units.
    pub(crate) fn of(self, raw: f64) -> f64 {
        (raw * self.scale.first - self.shift) * self.scale.second
    }

    /// Writes the numbers of a column to `values`, and zeros behind them.
    pub(crate) fn fill(self, column: ArrayView1<'_, f64>, values: &mut [f64]) {
        let (inside, behind) = values.split_at_mut(column.len());
        for (value, &raw) in inside.iter_mut().zip(column) {
            *value = self.of(raw);
        }
        behind.fill(0.0);
    }
}

impl Scale {
    const ONE: Self = Self {
        first: 1.0,
        second: 1.0,
    };

    fn dividing_by(magnitude: f64) -> Self {
        Self {
            first: 1.0 / magnitude,
            second: 1.0,
        }
    }
}

impl Units {
    /// Leaves numbers as they are.
    pub(crate) fn plain(features: usize) -> Self {
        Self {
            x: Scale::ONE,
            y: Scale::ONE,
            shift: vec![0.0; features + 1],
        }
    }

    /// Brings the largest magnitudes of features and target to `[1, 2)`.
    pub(crate) fn of_magnitude(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Self {
        Self {
            x: Scale::dividing_by(magnitude(x.iter())),
            y: Scale::dividing_by(magnitude(y.iter())),
            shift: vec![0.0; x.ncols() + 1],
        }
    }

    /// Puts the zero of every column at its number in a row.
    pub(crate) fn shift_to(&mut self, features: ArrayView1<'_, f64>, target: f64) {
        let features = features.into_iter().map(|value| value * self.x.first);
        self.shift = features.chain([target * self.y.first]).collect();
    }

    /// Moves the zero of every column by so much in units of the first scale.
    pub(crate) fn move_by(&mut self, distances: &[f64]) {
        for (shift, distance) in self.shift.iter_mut().zip(distances) {
            *shift += distance;
        }
    }

    /// Divides features and target by the powers of two below `x` and `y`, where these are not 0,
    /// and gives the factors.
    pub(crate) fn divide(&mut self, x: f64, y: f64) -> (f64, f64) {
        self.x.second = 1.0 / power_of_two(x);
        self.y.second = 1.0 / power_of_two(y);
        (self.x.second, self.y.second)
    }

    /// Writes features `[rows, features]`, whose rows are a multiple of [`LANES`], to `tile` column
    /// by column. It reads them in the order in which they lie, as memory is fastest.
    pub(crate) fn transpose(&self, rows: &[f64], tile: &mut [f64]) {
        let (shifts, scale) = (&self.shift[..self.shift.len() - 1], self.x);
        let features = shifts.len();
        let height = rows.len() / features;
        for (at, rows) in rows.chunks_exact(LANES * features).enumerate() {
            let (first, last) = rows.split_at(2 * features);
            let ((a, b), (c, d)) = (first.split_at(features), last.split_at(features));
            let rows = a.iter().zip(b).zip(c.iter().zip(d)).zip(shifts);
            for ((((a, b), (c, d)), &shift), column) in rows.zip(tile.chunks_exact_mut(height)) {
                let units = ColumnUnits { scale, shift };
                let values = &mut column.as_chunks_mut::<LANES>().0[at];
                *values = [*a, *b, *c, *d].map(|raw| units.of(raw));
            }
        }
    }

    pub(crate) fn column(&self, index: usize) -> ColumnUnits {
        let is_target = index + 1 == self.shift.len();
        ColumnUnits {
            scale: if is_target { self.y } else { self.x },
            shift: self.shift[index],
        }
    }

    pub(crate) fn x_scale(&self) -> f64 {
        1.0 / self.x.first / self.x.second
    }

    pub(crate) fn y_scale(&self) -> f64 {
        1.0 / self.y.first / self.y.second
    }

    /// Where the zero of each feature is in its own unit `[features]`.
    pub(crate) fn x_mean(&self) -> Array1<f64> {
        let features = &self.shift[..self.shift.len() - 1];
        features.iter().map(|shift| shift / self.x.first).collect()
    }

    /// The same for the target.
    pub(crate) fn y_mean(&self) -> f64 {
        self.shift[self.shift.len() - 1] / self.y.first
    }
}
