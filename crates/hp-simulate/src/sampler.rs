//! Drawing rows.

mod defect;
mod values;

pub use defect::Defect;

use crate::drift::Drift;
use hp_core::number;
use hp_core::schema::{Column, Schema};
use rand::{Rng, RngExt};
use serde_json::{Map, Value};
use values::{deviation, drawn_deviation, fitted, uniform};

/// What is done to the rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Columns that are shifted. A shifted value stays within the column's range, so that the row
    /// remains valid: it stops at the limit.
    pub drift: Vec<Drift>,
    /// The share of rows, 0 to 1, that the API must refuse.
    pub bad: f64,
}

/// Draws rows for the features of a schema.
#[derive(Debug, Clone)]
pub struct Sampler {
    columns: Vec<Column>,
    rows: Rows,
    /// The shift of each column in its units; `None` leaves its values as they are.
    shifts: Vec<Option<f64>>,
    bad: f64,
}

/// Where values come from.
#[derive(Debug, Clone)]
enum Rows {
    /// Each column's range.
    Uniform,
    /// Given rows `[rows][features]`.
    Given(Vec<Vec<f64>>),
}

/// One row to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedRow {
    /// The fields.
    pub fields: Map<String, Value>,
    /// What was done so that the API must refuse it; `None` for a valid row.
    pub defect: Option<Defect>,
}

/// Rows cannot be drawn like this.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SampleError {
    /// Uniform values need two limits.
    #[error("the column `{column}` has no `min` and `max` to draw values from")]
    NoRange {
        /// The column.
        column: String,
    },
    /// Nothing lies inside the range.
    #[error("the range of the column `{column}` holds no value")]
    EmptyRange {
        /// The column.
        column: String,
    },
    /// The schema has no features.
    #[error("the schema has no features")]
    NoFeatures,
    /// No rows are given.
    #[error("there are no rows to draw from")]
    NoRows,
    /// A given row is of another schema.
    #[error("row {row} has {found} values instead of {expected}")]
    RowLength {
        /// 0-based row.
        row: usize,
        /// Its values.
        found: usize,
        /// The schema's features.
        expected: usize,
    },
    /// A drift names no feature.
    #[error("there is no feature `{column}` that could drift")]
    UnknownColumn {
        /// The name given.
        column: String,
    },
    /// The share of bad rows is no share.
    #[error("the share of bad rows is {share}, which is not between 0 and 1")]
    Share {
        /// The number given.
        share: f64,
    },
}

impl Sampler {
    /// Draws every column on its own, uniformly between `min` and `max` (both included for whole
    /// numbers), or one of its `allowed` values.
    ///
    /// # Errors
    /// A column has neither limits nor allowed values, or `plan` does not fit the schema.
    pub fn uniform(schema: &Schema, plan: Plan) -> Result<Self, SampleError> {
        let deviations = schema.features.iter().map(drawn_deviation);
        let deviations = deviations.collect::<Result<Vec<_>, _>>()?;
        Self::new(schema, Rows::Uniform, &plan, &deviations)
    }

    /// Draws whole rows of `rows` `[rows][features]`, with replacement.
    ///
    /// # Errors
    /// There are no rows, one has not the schema's number of features, or `plan` does not fit the
    /// schema.
    pub fn resample(schema: &Schema, rows: Vec<Vec<f64>>, plan: Plan) -> Result<Self, SampleError> {
        let expected = schema.features.len();
        if rows.is_empty() {
            return Err(SampleError::NoRows);
        }
        if let Some(row) = rows.iter().position(|row| row.len() != expected) {
            let found = rows[row].len();
            return Err(SampleError::RowLength {
                row,
                found,
                expected,
            });
        }
        let column = |index: usize| rows.iter().map(move |row| row[index]);
        let deviations: Vec<_> = (0..expected)
            .map(|index| deviation(column(index)))
            .collect();
        Self::new(schema, Rows::Given(rows), &plan, &deviations)
    }

    fn new(
        schema: &Schema,
        rows: Rows,
        plan: &Plan,
        deviations: &[f64],
    ) -> Result<Self, SampleError> {
        if schema.features.is_empty() {
            return Err(SampleError::NoFeatures);
        }
        if !(0.0..=1.0).contains(&plan.bad) {
            return Err(SampleError::Share { share: plan.bad });
        }
        let mut shifts = vec![None; deviations.len()];
        for Drift { column, by } in &plan.drift {
            let index = schema
                .feature_names()
                .position(|name| name == column)
                .ok_or_else(|| SampleError::UnknownColumn {
                    column: column.clone(),
                })?;
            *shifts[index].get_or_insert(0.0) += by.amount(deviations[index]);
        }
        Ok(Self {
            columns: schema.features.clone(),
            rows,
            shifts,
            bad: plan.bad,
        })
    }

    /// Draws one row as JSON; the share `bad` of them is spoiled.
    pub fn row(&self, rng: &mut impl Rng) -> Map<String, Value> {
        self.simulate(rng).fields
    }

    /// Draws one row and says whether the API must refuse it.
    pub fn simulate(&self, rng: &mut impl Rng) -> SimulatedRow {
        let values = self.values(rng);
        let named = self.columns.iter().zip(values);
        let mut fields = named
            .map(|(column, value)| (column.name.clone(), number::json(value)))
            .collect();
        let bad = rng.random_bool(self.bad);
        let defect = bad.then(|| {
            let column = &self.columns[rng.random_range(0..self.columns.len())];
            Defect::spoil(&mut fields, column, rng)
        });
        SimulatedRow { fields, defect }
    }

    /// Draws rows without end.
    pub fn rows<'a>(&'a self, rng: &'a mut impl Rng) -> impl Iterator<Item = SimulatedRow> + 'a {
        std::iter::repeat_with(move || self.simulate(rng))
    }

    /// The numbers of a row `[features]`.
    fn values(&self, rng: &mut impl Rng) -> Vec<f64> {
        let mut values: Vec<f64> = match &self.rows {
            Rows::Uniform => self.columns.iter().map(|c| uniform(c, rng)).collect(),
            Rows::Given(rows) => rows[rng.random_range(0..rows.len())].clone(),
        };
        for ((value, column), shift) in values.iter_mut().zip(&self.columns).zip(&self.shifts) {
            if let Some(shift) = shift {
                *value = fitted(column, *value + shift);
            }
        }
        values
    }
}
