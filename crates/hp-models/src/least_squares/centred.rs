//! Training data seen at a harmless scale and around its mean, without a copy of it.

use super::normal::Normal;
use super::units::Units;
use crate::LinearModel;
use crate::tiles::{Products, TILE, Tiles, height, in_parts, tiles_of};
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
    /// Products of the centred and scaled columns, the target last; the lower triangle of
    /// `[features + 1, features + 1]`.
    gram: Array2<f64>,
}

impl<'a> Centred<'a> {
    /// Centres (if there is a constant term to take the means up) and scales `x`
    /// `[rows, features]` and `y` `[rows]`.
    pub(crate) fn new(x: ArrayView2<'a, f64>, y: ArrayView1<'a, f64>, centre: bool) -> Self {
        let features = x.ncols();
        let mut data = Self {
            x,
            y,
            units: Units::plain(features),
            gram: Array2::zeros((0, 0)),
        };
        // Counting from the first row keeps a constant column at exactly zero, where rounding
        // would leave noise that a later division blows up.
        if centre {
            data.units.shift_to(x.row(0), y[0]);
        }
        let mut products = data.products();
        if !data.is_moderate(&products) {
            data.units = Units::of_magnitude(x, y);
            if centre {
                data.units.shift_to(x.row(0), y[0]);
            }
            products = data.products();
        }
        if centre && data.is_far_off(&products) {
            data.units.move_by(&means(&products, y.len()));
            products = data.products();
        }
        if centre {
            data.units.move_by(&means(&products, y.len()));
        }
        data.gram = centred_gram(&products, centre.then_some(y.len()));
        data.scale();
        data
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

    /// Products of the columns, the target last: the lower triangle of
    /// `[features + 1, features + 1]`.
    pub(crate) fn gram(&self) -> &Array2<f64> {
        &self.gram
    }

    /// The normal equations of the features with `penalty` on each squared coefficient, unless
    /// they are too ill-conditioned to be relied upon.
    pub(crate) fn normal(&self, penalty: f64) -> Option<Normal> {
        Normal::new(&self.gram, penalty)
    }

    /// Writes the columns of `rows` to `tile`, the target being the last.
    pub(crate) fn fill(&self, rows: Range<usize>, tile: &mut [f64]) {
        let (height, features) = (height(rows.len()), self.features());
        let rows = Slice::from(rows);
        let x = self.x.slice_axis(Axis(0), rows);
        let y = self.y.slice_axis(Axis(0), rows);
        let in_rows = x.as_slice();
        let columns = x.axis_iter(Axis(1)).chain([y.view()]);
        for (index, (values, column)) in tile.chunks_exact_mut(height).zip(columns).enumerate() {
            let units = self.units.column(index);
            match in_rows {
                // Much faster than to iterate over a column whose entries lie apart.
                Some(x) if index < features => {
                    for (value, row) in values.iter_mut().zip(x.chunks_exact(features)) {
                        *value = units.of(row[index]);
                    }
                }
                _ => {
                    for (value, &raw) in values.iter_mut().zip(column) {
                        *value = units.of(raw);
                    }
                }
            }
            values[y.len()..].fill(0.0);
        }
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

    /// Sums of products of all columns: features, target, and ones for the plain sums.
    fn products(&self) -> Products {
        let columns = self.features() + 2;
        let parts = in_parts(self.rows(), |part| {
            let mut products = Products::zeros(columns, columns);
            let mut scratch = Tiles::zeros(TILE.min(part.len()), columns);
            for rows in tiles_of(part) {
                let tile = scratch.first_mut(rows.len());
                self.fill(rows.clone(), tile);
                let ones = tile.len() - height(rows.len());
                tile[ones..ones + rows.len()].fill(1.0);
                tile[ones + rows.len()..].fill(0.0);
                products.add(tile, tile);
            }
            products
        });
        Products::added(parts).unwrap_or_else(|| Products::zeros(columns, columns))
    }

    fn is_moderate(&self, products: &Products) -> bool {
        let features = self.features();
        let squares = |column: usize| products.of(column, column);
        let widest = (0..features).map(squares).fold(0.0, f64::max);
        MODERATE.contains(&widest) && MODERATE.contains(&squares(features))
    }

    fn is_far_off(&self, products: &Products) -> bool {
        let rows = self.rows();
        let gram = centred_gram(products, Some(rows));
        let means = means(products, rows);
        let mut columns = means.iter().zip(gram.diag());
        columns.any(|(mean, spread)| rows as f64 * mean * mean > FAR * FAR * spread)
    }

    /// Divides the columns by the root mean square of the widest.
    fn scale(&mut self) {
        let (rows, features) = (self.rows() as f64, self.features());
        let diagonal = self.gram.diag();
        let widest = diagonal.iter().take(features).copied().fold(0.0, f64::max);
        let factors = self
            .units
            .divide((widest / rows).sqrt(), (diagonal[features] / rows).sqrt());
        let factor = |column: usize| {
            if column < features {
                factors.0
            } else {
                factors.1
            }
        };
        for ((row, column), sum) in self.gram.indexed_iter_mut() {
            *sum = *sum * factor(row) * factor(column);
        }
    }
}

/// How far each column's mean is from zero `[features + 1]`.
fn means(products: &Products, rows: usize) -> Vec<f64> {
    let ones = products.columns() - 1;
    let sums = products.row(ones).take(ones);
    sums.map(|sum| sum / rows as f64).collect()
}

/// The products around the means if there are `rows` to be centred, else as they are.
fn centred_gram(products: &Products, rows: Option<usize>) -> Array2<f64> {
    let columns = products.columns() - 1;
    let sums: Vec<f64> = products.row(columns).collect();
    Array2::from_shape_fn((columns, columns), |(i, j)| {
        if j > i {
            return 0.0;
        }
        let product = products.of(i, j);
        let centred = rows.map_or(product, |rows| product - sums[i] * (sums[j] / rows as f64));
        if i == j { centred.max(0.0) } else { centred }
    })
}
