//! A record as a row of a table.

use hp_core::number;
use hp_core::version::ModelVersion;
use hp_store::{PredictionId, PredictionRecord, Source};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// A record. The inputs are an object of their own: a feature may have any name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its id.
    pub id: PredictionId,
    /// When it was made.
    pub time: Timestamp,
    /// The version that predicted.
    pub version: ModelVersion,
    /// Where the row came from.
    pub source: Source,
    /// The value of each input.
    pub inputs: Map<String, Value>,
    /// The lower limit.
    pub lower: f64,
    /// The prediction.
    pub prediction: f64,
    /// The upper limit.
    pub upper: f64,
    /// Upper minus lower limit.
    pub width: f64,
    /// Whether the prediction lies outside its limits.
    pub uncertain: bool,
    /// Whether the interval is wider than the threshold.
    pub over: bool,
    /// By how much the prediction lies outside its limits; 0 within.
    pub excess: f64,
    /// The true value, once it is known.
    pub actual: Option<f64>,
    /// `actual − prediction`.
    pub error: Option<f64>,
}

impl Row {
    pub(super) fn new(record: &PredictionRecord, threshold: f64) -> Self {
        let prediction = record.prediction;
        let actual = record.actual.map(|actual| actual.value);
        let inputs = record.inputs.iter();
        let below = prediction.lower - prediction.prediction;
        let above = prediction.prediction - prediction.upper;
        Self {
            id: record.id,
            time: record.id.time(),
            version: record.model_version,
            source: record.source,
            inputs: inputs
                .map(|(name, value)| (name.to_owned(), number::json(value)))
                .collect(),
            lower: prediction.lower,
            prediction: prediction.prediction,
            upper: prediction.upper,
            width: prediction.interval_width(),
            uncertain: prediction.is_uncertain(),
            over: prediction.interval_width() > threshold,
            excess: below.max(above).max(0.0),
            actual,
            error: actual.map(|actual| actual - prediction.prediction),
        }
    }
}
