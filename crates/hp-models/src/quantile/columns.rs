//! The columns of the program's design: the constant term and the features in unit variance.

use crate::FitError;
use crate::least_squares::{Centred, Triangle};
use crate::tiles::{Tiles, height};
use hp_core::method::QuantileParams;
use ndarray::Array1;
use std::ops::Range;

/// A column follows from the others when less than this share of it lies outside their span.
const INDEPENDENT_SHARE: f64 = 1e-10;

/// The columns that take part, the constant term being the first.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    pub(super) data: &'a Centred<'a>,
    pub(super) quantile: f64,
    fit_intercept: bool,
    features: Vec<Column>,
}

/// A feature that takes part.
#[derive(Debug)]
struct Column {
    feature: usize,
    /// What it is divided by.
    scale: f64,
    /// What a unit of its coefficient costs.
    price: f64,
}

impl<'a> Columns<'a> {
    /// The features with any spread; without a penalty only those that do not follow from the
    /// columns before them.
    ///
    /// # Errors
    /// When a number overflows.
    pub(super) fn new(params: &QuantileParams, data: &'a Centred<'a>) -> Result<Self, FitError> {
        let rows = data.rows() as f64;
        // What lies outside the span of wide data is seen on its own columns as cheaply.
        let triangle = (params.alpha == 0.0 && !data.is_wide())
            .then(|| Triangle::new(data))
            .transpose()?;
        let directions = |feature: usize| {
            if let Some(triangle) = &triangle {
                return triangle.r.column(feature).to_owned();
            }
            let all: Vec<usize> = (0..data.rows()).collect();
            let mut column = vec![0.0; all.len()];
            data.gather(&all, feature, &mut column);
            column.into()
        };
        let mut span = Span::default();
        let mut features = Vec::new();
        for feature in 0..data.features() {
            let scale = (data.squares()[feature] / rows).sqrt();
            // Orthogonal to the constant term, as are all that are centred.
            let mut is_independent = || span.extend(&(directions(feature) / scale));
            if scale > 0.0 && (params.alpha > 0.0 || is_independent()) {
                let price = price(params, rows, params.alpha * rows / data.x_scale() / scale);
                features.push(Column {
                    feature,
                    scale,
                    price,
                });
            }
        }
        Ok(Self {
            data,
            quantile: params.quantile,
            fit_intercept: params.fit_intercept,
            features,
        })
    }

    pub(super) fn width(&self) -> usize {
        self.features.len() + usize::from(self.fit_intercept)
    }

    /// The place of each penalised column and what a unit of its coefficient costs.
    pub(super) fn prices(&self) -> impl Iterator<Item = (usize, f64)> {
        let first = usize::from(self.fit_intercept);
        let features = self.features.iter().enumerate();
        features
            .filter(|(_, column)| column.price > 0.0)
            .map(move |(place, column)| (first + place, column.price))
    }

    /// Writes `rows` to a tile, the target being the last column.
    pub(super) fn fill(&self, rows: Range<usize>, tile: &mut [f64]) {
        let height = height(rows.len());
        let mut plain = Tiles::zeros(rows.len(), self.data.features() + 1);
        let plain = plain.first_mut(rows.len());
        self.data.fill(rows.clone(), plain);
        let mut columns = tile.chunks_exact_mut(height);
        if self.fit_intercept
            && let Some(ones) = columns.next()
        {
            ones[..rows.len()].fill(1.0);
        }
        for (Column { feature, scale, .. }, values) in self.features.iter().zip(&mut columns) {
            let per_scale = 1.0 / scale;
            for (value, plain) in values.iter_mut().zip(&plain[feature * height..]) {
                *value = plain * per_scale;
            }
        }
        columns.for_each(|last| last.copy_from_slice(&plain[plain.len() - height..]));
    }

    /// Writes `rows`, wherever they are, to a tile.
    pub(super) fn gather(&self, rows: &[usize], tile: &mut [f64]) {
        let mut columns = tile.chunks_exact_mut(height(rows.len()));
        if self.fit_intercept
            && let Some(ones) = columns.next()
        {
            ones[..rows.len()].fill(1.0);
        }
        for (Column { feature, scale, .. }, values) in self.features.iter().zip(&mut columns) {
            self.data.gather(rows, *feature, values);
            let per_scale = 1.0 / scale;
            for value in values {
                *value *= per_scale;
            }
        }
        columns.for_each(|last| self.data.gather(rows, self.data.features(), last));
    }

    /// Features and target `[features + 1]` as a row of the design, the target being the last.
    pub(super) fn in_columns(&self, plain: &[f64]) -> Vec<f64> {
        let constant = self.fit_intercept.then_some(1.0);
        let features = self
            .features
            .iter()
            .map(|column| plain[column.feature] / column.scale);
        let target = plain.last().copied();
        constant.into_iter().chain(features).chain(target).collect()
    }

    /// Coefficients `[features]` and constant term in the units of the centred data.
    pub(super) fn coefficients(&self, beta: &[f64]) -> (Vec<f64>, f64) {
        let (constants, slopes) = beta.split_at(usize::from(self.fit_intercept));
        let mut coef = vec![0.0; self.data.features()];
        for (column, value) in self.features.iter().zip(slopes) {
            coef[column.feature] = value / column.scale;
        }
        (coef, constants.first().copied().unwrap_or_default())
    }

    /// The constant entry of every row, 0 if there is none.
    pub(super) fn constant(&self) -> f64 {
        f64::from(u8::from(self.fit_intercept))
    }

    /// The weight of each feature's square in the squared length of a row, 0 where it takes no
    /// part `[features]`.
    pub(super) fn square_weights(&self) -> Vec<f64> {
        let mut weights = vec![0.0; self.data.features()];
        for Column { feature, scale, .. } in &self.features {
            weights[*feature] = 1.0 / (scale * scale);
        }
        weights
    }
}

/// The price of a coefficient. From a certain one on no gain in the rows can pay for a coefficient,
/// and more would only unbalance the program; one that is nothing beside it is still needed to
/// choose between collinear columns.
fn price(params: &QuantileParams, rows: f64, wanted: f64) -> f64 {
    if params.alpha == 0.0 {
        return 0.0;
    }
    // The absolute values of a column of unit variance sum to no more than the rows.
    let prohibitive = 1.0 + params.quantile.max(1.0 - params.quantile) * rows;
    wanted.clamp(1e-12 * prohibitive, prohibitive)
}

/// An orthonormal basis of the columns so far.
#[derive(Default)]
struct Span(Vec<Array1<f64>>);

impl Span {
    /// Takes `column` in, unless it lies in the span already.
    fn extend(&mut self, column: &Array1<f64>) -> bool {
        let mut outside = column.clone();
        // The second round removes what rounding left in the first.
        for direction in self.0.iter().chain(&self.0) {
            let share = direction.dot(&outside);
            outside.scaled_add(-share, direction);
        }
        let length = outside.dot(&outside).sqrt();
        let independent = length > INDEPENDENT_SHARE * column.dot(column).sqrt();
        if independent {
            self.0.push(outside / length);
        }
        independent
    }
}
