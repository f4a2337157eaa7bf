//! The JSON form of a record.

use super::{Actual, Inputs, PredictionRecord, Source};
use crate::id::PredictionId;
use hp_core::fingerprint::Fingerprint;
use hp_core::number;
use hp_core::prediction::Prediction;
use hp_core::version::ModelVersion;
use jiff::Timestamp;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The object as it is written. `time`, `interval_width` and `is_uncertain` follow from the other
/// fields; they are there for those who read it and ignored when it is read back. A line of before
/// there was a `git_commit` has none.
#[derive(Serialize, Deserialize)]
struct Flat<'a, I> {
    id: PredictionId,
    #[serde(skip_deserializing)]
    time: Timestamp,
    model_version: ModelVersion,
    data_fingerprint: Fingerprint,
    git_commit: Option<Cow<'a, str>>,
    inputs: I,
    #[serde(deserialize_with = "number")]
    lower: f64,
    #[serde(deserialize_with = "number")]
    prediction: f64,
    #[serde(deserialize_with = "number")]
    upper: f64,
    #[serde(skip_deserializing)]
    interval_width: f64,
    #[serde(skip_deserializing)]
    is_uncertain: bool,
    source: Source,
    latency_us: u64,
    actual: Option<f64>,
    actual_time: Option<Timestamp>,
}

impl Serialize for PredictionRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Flat {
            id: self.id,
            time: self.id.time(),
            model_version: self.model_version,
            data_fingerprint: self.data_fingerprint,
            git_commit: self.git_commit.as_deref().map(Cow::Borrowed),
            inputs: &self.inputs,
            lower: self.prediction.lower,
            prediction: self.prediction.prediction,
            upper: self.prediction.upper,
            interval_width: self.prediction.interval_width(),
            is_uncertain: self.prediction.is_uncertain(),
            source: self.source,
            latency_us: u64::try_from(self.latency.as_micros()).unwrap_or(u64::MAX),
            actual: self.actual.map(|actual| actual.value),
            actual_time: self.actual.map(|actual| actual.time),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PredictionRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flat: Flat<'_, Inputs> = Flat::deserialize(deserializer)?;
        let actual = flat.actual.zip(flat.actual_time);
        Ok(Self {
            id: flat.id,
            model_version: flat.model_version,
            data_fingerprint: flat.data_fingerprint,
            git_commit: flat.git_commit.map(Arc::from),
            inputs: flat.inputs,
            prediction: Prediction {
                lower: flat.lower,
                prediction: flat.prediction,
                upper: flat.upper,
            },
            source: flat.source,
            latency: Duration::from_micros(flat.latency_us),
            actual: actual.map(|(value, time)| Actual { value, time }),
        })
    }
}

impl Serialize for Inputs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A whole number has no point, as in the answers of the API.
        serializer.collect_map(self.iter().map(|(name, value)| (name, number::json(value))))
    }
}

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InputsVisitor)
    }
}

struct InputsVisitor;

impl<'de> Visitor<'de> for InputsVisitor {
    type Value = Inputs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the value of each feature")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Inputs, A::Error> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        while let Some((name, value)) = map.next_entry::<String, Option<f64>>()? {
            names.push(name);
            values.push(value.unwrap_or(f64::NAN));
        }
        let names = names.into();
        Ok(Inputs { names, values })
    }
}

/// A number, which JSON writes as `null` when it is not finite. Such a record is read all the same:
/// one that cannot be read would stop the delivery of a spool.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Option::deserialize(deserializer).map(|number| number.unwrap_or(f64::NAN))
}
