//! The published shapes of an answer, written straight into one buffer.

use crate::api::Keeping;
use crate::model::Model;
use crate::predictor::Predicted;
use hp_core::number;
use hp_core::prediction::{Limits, Prediction};
use hp_core::version::ModelVersion;
use hp_store::PredictionId;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// Bytes of an answer apart from its inputs.
const FIXED: usize = 400;

/// Bytes of an input with a name of usual length.
const PER_INPUT: usize = 32;

/// The answer of `POST /predict/`.
#[derive(Debug, Serialize)]
pub(crate) struct LocalAnswer<'a> {
    pub(crate) input_data: InputData<'a>,
    #[serde(serialize_with = "limits")]
    pub(crate) prediction: Prediction,
}

/// The answer of `POST /v1/predict`, and one row of the batch's: the published keys in their order,
/// then what was added to them.
#[derive(Debug, Serialize)]
pub(crate) struct CloudAnswer<'a> {
    pub(crate) input_data: InputData<'a>,
    #[serde(serialize_with = "limits")]
    pub(crate) prediction: Prediction,
    pub(crate) interval_width: f64,
    pub(crate) is_uncertain: bool,
    #[serde(serialize_with = "seconds")]
    pub(crate) timestamp: Timestamp,
    pub(crate) response: &'static str,
    pub(crate) id: PredictionId,
    pub(crate) model_version: ModelVersion,
}

/// A row `[features]` under its names, whole numbers without a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InputData<'a> {
    pub(crate) names: &'a [String],
    pub(crate) values: &'a [f64],
}

impl<'a> CloudAnswer<'a> {
    /// The answer to a row that was predicted by `model` and kept under `id`.
    pub(crate) fn new(
        model: &'a Model,
        predicted: &'a Predicted,
        id: PredictionId,
        keeping: Keeping,
    ) -> Self {
        Self {
            input_data: InputData {
                names: &model.names,
                values: &predicted.values,
            },
            prediction: predicted.prediction,
            interval_width: predicted.prediction.interval_width(),
            is_uncertain: predicted.prediction.is_uncertain(),
            timestamp: id.time(),
            response: keeping.response(),
            id,
            model_version: model.version,
        }
    }
}

impl Serialize for InputData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = self.values.iter().map(|&value| number::json(value));
        serializer.collect_map(self.names.iter().zip(values))
    }
}

/// An answer as JSON; `features` is the number of its inputs.
pub(crate) fn json(answer: &impl Serialize, features: usize) -> Result<Vec<u8>, serde_json::Error> {
    let mut buffer = Vec::with_capacity(FIXED + features * PER_INPUT);
    serde_json::to_writer(&mut buffer, answer)?;
    Ok(buffer)
}

fn limits<S: Serializer>(prediction: &Prediction, serializer: S) -> Result<S::Ok, S::Error> {
    Limits {
        lower: prediction.lower,
        prediction: prediction.prediction,
        upper: prediction.upper,
    }
    .serialize(serializer)
}

/// The published form of a time, `2024-09-08 16:46:02` in UTC.
fn seconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.strftime("%Y-%m-%d %H:%M:%S"))
}
