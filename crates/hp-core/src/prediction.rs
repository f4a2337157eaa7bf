//! A prediction with its interval, and the published shape of an answer.

use crate::csv;
use crate::number;
use crate::schema::Schema;
use crate::version::ModelVersion;
use serde::Serialize;

/// What the served trio says of one row, in units of the target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Estimate of the lower limit.
    pub lower: f64,
    /// The predicted value.
    pub prediction: f64,
    /// Estimate of the upper limit.
    pub upper: f64,
}

impl Prediction {
    /// `upper − lower`; negative when the two estimators cross.
    #[must_use]
    pub fn interval_width(&self) -> f64 {
        self.upper - self.lower
    }

    /// Whether all three numbers and the interval's width are; far outside the ranges of training
    /// they can overflow, and two finite limits can lie further apart than the largest number.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        // A width is finite only if both limits are.
        self.prediction.is_finite() && self.interval_width().is_finite()
    }

    /// Whether the prediction lies outside its own limits.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        !(self.lower <= self.prediction && self.prediction <= self.upper)
    }
}

/// The published answer to one row, with the version of the model that gave it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The row as it was understood.
    pub input_data: serde_json::Map<String, serde_json::Value>,
    /// The prediction and its limits.
    pub prediction: Limits,
    /// `upper − lower`.
    pub interval_width: f64,
    /// Whether the prediction lies outside its limits.
    pub is_uncertain: bool,
    /// The version of the model.
    pub model_version: ModelVersion,
}

/// The three numbers of an [`Answer`], under their published names.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Limits {
    /// The lower limit.
    #[serde(rename = "Lower_Interval")]
    pub lower: f64,
    /// The predicted value.
    pub prediction: f64,
    /// The upper limit.
    #[serde(rename = "Upper_Interval")]
    pub upper: f64,
}

impl Answer {
    /// The answer to `row` `[features]`, given in the schema's order.
    #[must_use]
    pub fn new(
        schema: &Schema,
        row: &[f64],
        prediction: Prediction,
        version: ModelVersion,
    ) -> Self {
        let input_data = schema
            .features
            .iter()
            .zip(row)
            .map(|(column, &value)| (column.name.clone(), number::json(value)))
            .collect();
        Self {
            input_data,
            prediction: Limits {
                lower: prediction.lower,
                prediction: prediction.prediction,
                upper: prediction.upper,
            },
            interval_width: prediction.interval_width(),
            is_uncertain: prediction.is_uncertain(),
            model_version: version,
        }
    }
}

/// What a row of CSV has after its features.
const CSV_COLUMNS: [&str; 6] = [
    "lower",
    "prediction",
    "upper",
    "interval_width",
    "is_uncertain",
    "model_version",
];

/// The header of answers as CSV: the names of the features, the columns of every answer, then those
/// that the caller has `beside` them.
#[must_use]
pub fn csv_header<'a>(features: impl IntoIterator<Item = &'a str>, beside: &[&'a str]) -> String {
    let names = features.into_iter().chain(CSV_COLUMNS);
    let names = names.chain(beside.iter().copied());
    csv::line(&names.map(str::to_owned).collect::<Vec<_>>())
}

/// The answer to `row` `[features]` under [`csv_header`], with the cells of the columns `beside`.
#[must_use]
pub fn csv_row(
    row: &[f64],
    prediction: Prediction,
    version: ModelVersion,
    beside: &[String],
) -> String {
    let numbers = [
        prediction.lower,
        prediction.prediction,
        prediction.upper,
        prediction.interval_width(),
    ];
    let numbers = row.iter().copied().chain(numbers);
    let mut cells: Vec<_> = numbers.map(number::shortest).collect();
    cells.push(prediction.is_uncertain().to_string());
    cells.push(version.to_string());
    cells.extend_from_slice(beside);
    csv::line(&cells)
}

#[cfg(test)]
mod tests {
    use super::Prediction;

    #[test]
    fn limits_too_far_apart_are_not_finite() {
        let is_finite = |lower, prediction, upper| {
            let prediction = Prediction {
                lower,
                prediction,
                upper,
            };
            prediction.is_finite()
        };
        assert!(is_finite(-1.0, 0.0, 1.0));
        assert!(!is_finite(-1.0, f64::NAN, 1.0));
        assert!(!is_finite(f64::NEG_INFINITY, 0.0, 1.0));
        assert!(!is_finite(f64::MIN, 0.0, f64::MAX));
    }
}
