//! Records turned into columns of numbers.

use hp_store::PredictionRecord;

/// The values of the input `name`; a record without it has NaN, which counts as missing.
pub(super) fn input(records: &[PredictionRecord], name: &str) -> Vec<f64> {
    let value = |record: &PredictionRecord| {
        let found = record.inputs.iter().find(|(input, _)| *input == name);
        found.map_or(f64::NAN, |(_, value)| value)
    };
    records.iter().map(value).collect()
}

/// The predictions.
pub(super) fn predictions(records: &[PredictionRecord]) -> Vec<f64> {
    let value = |record: &PredictionRecord| record.prediction.prediction;
    records.iter().map(value).collect()
}

/// The interval widths.
pub(super) fn widths(records: &[PredictionRecord]) -> Vec<f64> {
    let width = |record: &PredictionRecord| record.prediction.interval_width();
    records.iter().map(width).collect()
}
