//! The linear program of quantile regression.

use crate::least_squares::Centred;
use hp_core::method::QuantileParams;
use ndarray::{Array1, Array2, Axis};

/// A column follows from the others when less than this share of it lies outside their span.
const INDEPENDENT_SHARE: f64 = 1e-10;

/// Minimises over `β` the sum of `aboveᵢ · rᵢ` over rows with a residual `r = target − design·β`
/// above 0 and of `−belowᵢ · rᵢ` over the others. Columns have unit variance. The L1 penalty is
/// one more row for each coefficient, with the target 0.
#[derive(Debug)]
pub(super) struct Program {
    /// `[rows + penalties, columns]`.
    pub(super) design: Array2<f64>,
    /// `[rows + penalties]`.
    pub(super) target: Array1<f64>,
    /// Price of a unit that the target lies above the plane.
    pub(super) above: Array1<f64>,
    /// Price of a unit that it lies below.
    pub(super) below: Array1<f64>,
    columns: Vec<Column>,
    /// Rows that are data.
    rows: usize,
    features: usize,
}

impl Program {
    pub(super) fn new(params: &QuantileParams, data: &Centred) -> Self {
        let rows = data.y.len();
        let columns = columns(params, data);
        let penalised: Vec<usize> = (0..columns.len())
            .filter(|&column| params.alpha > 0.0 && columns[column].feature.is_some())
            .collect();
        let weight = params.alpha * rows as f64 / data.x_scale;
        let steepest = params.quantile.max(1.0 - params.quantile);
        let price = |row: usize| columns[penalised[row - rows]].price(weight, steepest);
        let height = rows + penalised.len();
        let is_data = |row: usize| row < rows;
        Self {
            design: Array2::from_shape_fn((height, columns.len()), |(row, column)| {
                if is_data(row) {
                    columns[column].values[row]
                } else {
                    f64::from(u8::from(penalised[row - rows] == column))
                }
            }),
            target: Array1::from_shape_fn(
                height,
                |row| if is_data(row) { data.y[row] } else { 0.0 },
            ),
            above: Array1::from_shape_fn(height, |row| {
                if is_data(row) {
                    params.quantile
                } else {
                    price(row)
                }
            }),
            below: Array1::from_shape_fn(height, |row| {
                if is_data(row) {
                    1.0 - params.quantile
                } else {
                    price(row)
                }
            }),
            columns,
            rows,
            features: data.x.ncols(),
        }
    }

    pub(super) fn width(&self) -> usize {
        self.design.ncols()
    }

    pub(super) fn height(&self) -> usize {
        self.design.nrows()
    }

    pub(super) fn residuals(&self, beta: &Array1<f64>) -> Array1<f64> {
        &self.target - &self.design.dot(beta)
    }

    /// The column whose coefficient `row` penalises: 0 when the plane passes through the row.
    pub(super) fn penalised_column(&self, row: usize) -> Option<usize> {
        let penalty = self.design.row(row);
        let is_penalty = row >= self.rows;
        is_penalty.then(|| penalty.iter().position(|&value| value != 0.0))?
    }

    /// Coefficients `[features]` and constant term in the units of the centred data.
    pub(super) fn coefficients(&self, beta: &Array1<f64>) -> (Array1<f64>, f64) {
        let mut coef = Array1::zeros(self.features);
        let mut constant = 0.0;
        for (column, value) in self.columns.iter().zip(beta) {
            match column.feature {
                Some(feature) => coef[feature] = value / column.scale,
                None => constant = *value,
            }
        }
        (coef, constant)
    }
}

/// One column of the design.
#[derive(Debug)]
struct Column {
    /// `[rows]`.
    values: Array1<f64>,
    /// `None` for the constant term.
    feature: Option<usize>,
    /// What the feature was divided by.
    scale: f64,
}

impl Column {
    /// The price of the coefficient in units of the scaled column. From a certain one on no gain
    /// in the rows can pay for a coefficient, and more would only unbalance the program; one that
    /// is nothing beside it is still needed to choose between collinear columns.
    fn price(&self, weight: f64, steepest: f64) -> f64 {
        let reach: f64 = self.values.iter().map(|value| value.abs()).sum();
        let prohibitive = 1.0 + steepest * reach;
        (weight / self.scale).clamp(1e-12 * prohibitive, prohibitive)
    }
}

/// The constant term and the features with any spread; without a penalty only those that do not
/// follow from the columns before them.
fn columns(params: &QuantileParams, data: &Centred) -> Vec<Column> {
    let rows = data.y.len();
    let mut span = Span::default();
    let mut columns = Vec::new();
    if params.fit_intercept {
        let values = Array1::ones(rows);
        span.extend(&values);
        columns.push(Column {
            values,
            feature: None,
            scale: 1.0,
        });
    }
    for (index, column) in data.x.axis_iter(Axis(1)).enumerate() {
        let scale = (column.dot(&column) / rows as f64).sqrt();
        if scale == 0.0 {
            continue;
        }
        let values = &column / scale;
        if params.alpha > 0.0 || span.extend(&values) {
            columns.push(Column {
                values,
                feature: Some(index),
                scale,
            });
        }
    }
    columns
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
