//! One record, and where each of its inputs lies among the training rows.

use super::histogram::Place;
use super::{Answer, Asked, BRIEFLY, Monitor, MonitorError, Row, key};
use crate::view::models::KnownModel;
use hp_core::fingerprint::Fingerprint;
use hp_core::reference::Distribution;
use hp_store::{PredictionId, PredictionRecord};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// One record with what is known about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordDetail {
    /// The record as a row.
    pub record: Row,
    /// The digest of the data set that its version was trained on.
    pub data_fingerprint: Fingerprint,
    /// The commit that its version was trained at.
    pub git_commit: Option<String>,
    /// How long the prediction took, in microseconds.
    pub latency_us: u64,
    /// When the true value came.
    pub actual_time: Option<Timestamp>,
    /// Its inputs in the order of its model.
    pub inputs: Vec<InputDetail>,
}

/// An input, and where it lies among the training rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InputDetail {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Its unit; empty if there is none.
    pub unit: String,
    /// What it means; empty if nobody says.
    pub description: String,
    /// The share of the training rows below it, those equal by half, from 0 to 1.
    pub percentile: Option<f64>,
    /// The smallest value of the training rows.
    pub min: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
    /// Whether it lies outside of these.
    pub out_of_range: bool,
    /// The training rows in bins, and its bin.
    pub histogram: Option<Place>,
}

impl Monitor {
    /// The record `id`.
    ///
    /// # Errors
    /// The store or the models cannot be read, or there is no such record.
    pub async fn record(&self, id: PredictionId) -> Result<Answer<RecordDetail>, MonitorError> {
        let asked = Asked {
            cache: &self.answers.detail,
            key: key(id),
            holds: BRIEFLY,
        };
        let make = async |now: super::Now| {
            let record = self.store.get(id).await?;
            let record = record.ok_or(MonitorError::Unknown(id))?;
            let model = self.shelf.find(record.model_version, now.time).await?;
            Ok(RecordDetail::new(
                &record,
                model.as_deref(),
                self.options.width_threshold,
            ))
        };
        self.ask(asked, make).await
    }
}

impl RecordDetail {
    fn new(record: &PredictionRecord, model: Option<&KnownModel>, threshold: f64) -> Self {
        let inputs = record.inputs.iter();
        Self {
            record: Row::new(record, threshold),
            data_fingerprint: record.data_fingerprint,
            git_commit: record.git_commit.as_deref().map(str::to_owned),
            latency_us: u64::try_from(record.latency.as_micros()).unwrap_or(u64::MAX),
            actual_time: record.actual.map(|actual| actual.time),
            inputs: inputs
                .map(|(name, value)| InputDetail::new(name, value, model))
                .collect(),
        }
    }
}

impl InputDetail {
    fn new(name: &str, value: f64, model: Option<&KnownModel>) -> Self {
        let mut columns = model.into_iter().flat_map(|model| &model.schema.features);
        let column = columns.find(|column| column.name == name);
        let reference = model.and_then(|model| model.reference.as_ref());
        let reference = reference.and_then(|reference| reference.feature(name));
        Self {
            name: name.to_owned(),
            value: hp_core::number::json(value),
            unit: column.map_or_else(String::new, |column| column.unit.clone()),
            description: column.map_or_else(String::new, |column| column.description.clone()),
            percentile: reference.and_then(|reference| percentile(reference, value)),
            min: reference.map(Distribution::min),
            max: reference.map(Distribution::max),
            out_of_range: reference
                .is_some_and(|reference| !(reference.min()..=reference.max()).contains(&value)),
            histogram: reference.map(|reference| Place::of(reference, value)),
        }
    }
}

/// The share of the reference below `value`, those equal by half; none of what is not finite.
fn percentile(reference: &Distribution, value: f64) -> Option<f64> {
    let values = reference.values();
    let below = values.partition_point(|of| *of < value);
    let not_above = values.partition_point(|of| *of <= value);
    let share = (below + not_above) as f64 / (2 * values.len()) as f64;
    value.is_finite().then_some(share)
}

#[cfg(test)]
mod tests {
    use super::percentile;
    use hp_core::reference::Distribution;

    #[test]
    fn equal_values_count_by_half() {
        let reference = Distribution::of("x", &[1.0, 2.0, 2.0, 3.0]).unwrap();
        let of = |value| percentile(&reference, value);
        assert_eq!(of(0.0), Some(0.0));
        assert_eq!(of(2.0), Some(0.5));
        assert_eq!(of(3.0), Some(0.875));
        assert_eq!(of(9.0), Some(1.0));
        assert_eq!(of(f64::NAN), None);
    }
}
