//! Training data seen at a harmless scale and around its mean, without a copy of it.

use super::normal::Normal;
use super::sums::Sums;
use super::units::Units;
use crate::finite;
use crate::tiles::height;
use crate::{FitError, LinearModel};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Slice};
use std::ops::Range;

/// Sums of squares between these lose no digits of the larger ones.
const MODERATE: Range<f64> = 1e-200..1e200;

/// A mean further from where it was looked for than so many deviations is looked for again: the
/// sums of squares around the wrong place have lost the square of that in precision.
const FAR: f64 = 10.0;

/// Features and target, centred when the model has a constant term, and divided by one power of
/// two each so that the root mean square of the widest column lies in `[1, 2)`. Powers of two
/// divide exactly, and no sum of squares can overflow afterwards.
#[derive(Debug)]
pub(crate) struct Centred<'a> {
    x: ArrayView2<'a, f64>,
    y: ArrayView1<'a, f64>,
    units: Units,
    /// Sums of squares of the centred and scaled columns, the target last `[features + 1]`.
    squares: Vec<f64>,
    /// Products of the same columns, of which the lower triangle counts
    /// `[features + 1, features + 1]`; none for wide data.
    gram: Option<Array2<f64>>,
}

impl<'a> Centred<'a> {
    /// Centres (if there is a constant term to take the means up) and scales `x`
    /// `[rows, features]` and `y` `[rows]`.
    ///
    /// # Errors
    /// When a number is not finite.
    pub(crate) fn new(
        x: ArrayView2<'a, f64>,
        y: ArrayView1<'a, f64>,
        centre: bool,
    ) -> Result<Self, FitError> {
        let features = x.ncols();
        let mut data = Self {
            x,
            y,
            units: Units::plain(features),
            squares: Vec::new(),
            gram: None,
        };
        // Counting from the first row keeps a constant column at exactly zero, where rounding
        // would leave noise that a later division blows up.
        if centre {
            data.units.shift_to(x.row(0), y[0]);
        }
        let mut sums = Sums::of(&data);
        // One number that is not finite makes the sum of squares of its column likewise, which
        // spares a pass over all others.
        if !sums.are_finite() {
            finite::check(x, y)?;
        }
        if !data.is_moderate(&sums) {
            data.units = Units::of_magnitude(x, y);
            if centre {
                data.units.shift_to(x.row(0), y[0]);
            }
            sums = Sums::of(&data);
        }
        if centre && data.is_far_off(&sums) {
            data.units.move_by(&sums.means());
            sums = Sums::of(&data);
        }
        if centre {
            data.units.move_by(&sums.means());
        }
        data.squares = sums.squares(centre);
        data.gram = sums.gram(centre);
        data.scale();
        Ok(data)
    }

    pub(crate) fn rows(&self) -> usize {
        self.y.len()
    }

    pub(crate) fn features(&self) -> usize {
        self.x.ncols()
    }

    /// What the features were divided by.
    pub(crate) fn x_scale(&self) -> f64 {
        self.units.x_scale()
    }

    /// What the target was divided by.
    pub(crate) fn y_scale(&self) -> f64 {
        self.units.y_scale()
    }

    /// Mean of each feature in its own unit; 0 without a constant term `[features]`.
    pub(crate) fn x_mean(&self) -> Array1<f64> {
        self.units.x_mean()
    }

    /// Sums of squares of the columns, the target last `[features + 1]`.
    pub(crate) fn squares(&self) -> &[f64] {
        &self.squares
    }

    /// Whether there are no more rows than features, so that these are not independent.
    pub(crate) fn is_wide(&self) -> bool {
        self.rows() <= self.features()
    }

    /// The normal equations of the features with `penalty` on each squared coefficient, unless
    /// the data is wide or they are too ill-conditioned to be relied upon.
    pub(crate) fn normal(&self, penalty: f64) -> Option<Normal> {
        Normal::new(self.gram.as_ref()?, penalty)
    }

    /// Writes the columns of `rows` to `tile`, the target being the last.
    pub(crate) fn fill(&self, rows: Range<usize>, tile: &mut [f64]) {
        let height = height(rows.len());
        let is_whole = rows.len() == height;
        let rows = Slice::from(rows);
        let x = self.x.slice_axis(Axis(0), rows);
        let y = self.y.slice_axis(Axis(0), rows);
        let (features, target) = tile.split_at_mut(self.features() * height);
        match x.as_slice() {
            Some(x) if is_whole => self.units.transpose(x, features),
            _ => {
                let columns = features.chunks_exact_mut(height).zip(x.axis_iter(Axis(1)));
                for (index, (values, column)) in columns.enumerate() {
                    self.units.column(index).fill(column, values);
                }
            }
        }
        self.units.column(self.features()).fill(y, target);
    }

    /// Writes one feature of `rows`, or the target beyond the last feature, to `values`.
    pub(crate) fn gather(&self, rows: &[usize], index: usize, values: &mut [f64]) {
        let units = self.units.column(index);
        let features = self.features();
        for (value, &row) in values.iter_mut().zip(rows) {
            let raw = if index < features {
                self.x[(row, index)]
            } else {
                self.y[row]
            };
            *value = units.of(raw);
        }
    }

    /// One row, the target being the last `[features + 1]`.
    pub(crate) fn row(&self, row: usize) -> impl Iterator<Item = f64> {
        let raw = self.x.row(row).into_iter().chain([&self.y[row]]);
        raw.enumerate()
            .map(|(index, &raw)| self.units.column(index).of(raw))
    }

    /// The model in the units of the data, given coefficients in those of the centred columns.
    pub(crate) fn model(&self, coef: &[f64]) -> LinearModel {
        self.shifted_model(coef, 0.0)
    }

    /// The same with a constant term added to the centred target.
    pub(crate) fn shifted_model(&self, coef: &[f64], constant: f64) -> LinearModel {
        let (x_scale, y_scale) = (self.x_scale(), self.y_scale());
        let in_units = coef.iter().map(|value| value * y_scale / x_scale).collect();
        let means = self.x_mean();
        let at_mean = coef.iter().zip(&means);
        let at_mean: f64 = at_mean
            .map(|(value, mean)| value * y_scale * (mean / x_scale))
            .sum();
        let intercept = self.units.y_mean() + constant * y_scale - at_mean;
        LinearModel::new(in_units, intercept)
    }

    fn is_moderate(&self, sums: &Sums) -> bool {
        let squares = sums.squares(false);
        let (features, target) = squares.split_at(self.features());
        let widest = features.iter().copied().fold(0.0, f64::max);
        MODERATE.contains(&widest) && target.iter().all(|square| MODERATE.contains(square))
    }

    fn is_far_off(&self, sums: &Sums) -> bool {
        let rows = self.rows() as f64;
        let (means, spreads) = (sums.means(), sums.squares(true));
        let mut columns = means.iter().zip(spreads);
        columns.any(|(mean, spread)| rows * mean * mean > FAR * FAR * spread)
    }

    /// Divides the columns by the root mean square of the widest.
    fn scale(&mut self) {
        let (rows, features) = (self.rows() as f64, self.features());
        let squares = self.squares.iter().take(features);
        let widest = squares.copied().fold(0.0, f64::max);
        let factors = self.units.divide(
            (widest / rows).sqrt(),
            (self.squares[features] / rows).sqrt(),
        );
        let factor = |column: usize| {
            if column < features {
                factors.0
            } else {
                factors.1
            }
        };
        for (column, square) in self.squares.iter_mut().enumerate() {
            *square = *square * factor(column) * factor(column);
        }
        if let Some(gram) = &mut self.gram {
            for ((row, column), sum) in gram.indexed_iter_mut() {
                *sum = *sum * factor(row) * factor(column);
            }
        }
    }
}
