//! Records as JSON: every field comes back to the last bit, but for the sign of zeros.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use hp_core::fingerprint::Fingerprint;
use hp_core::prediction::Prediction;
use hp_core::version::ModelVersion;
use hp_store::{Actual, Inputs, PredictionId, PredictionRecord, Source};
use jiff::Timestamp;
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
use proptest::prelude::*;
use std::time::Duration;

fn number() -> impl Strategy<Value = f64> {
    POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO
}

fn prediction() -> impl Strategy<Value = Prediction> {
    (number(), number(), number()).prop_map(|(lower, prediction, upper)| Prediction {
        lower,
        prediction,
        upper,
    })
}

fn inputs() -> impl Strategy<Value = Inputs> {
    prop::collection::vec((".*", number()), 0..6).prop_map(|pairs| {
        let (names, values): (Vec<String>, _) = pairs.into_iter().unzip();
        let names = names.into();
        Inputs { names, values }
    })
}

fn actual() -> impl Strategy<Value = Actual> {
    let latest = Timestamp::MAX.as_millisecond();
    (number(), 0..=latest).prop_map(|(value, ms)| Actual {
        value,
        time: Timestamp::from_millisecond(ms).unwrap(),
    })
}

prop_compose! {
    fn record()(
        // Ids after the year 9999 have a time that no timestamp holds.
        milliseconds in 0..253_402_207_200_000_i64,
        low in any::<[u8; 10]>(),
        version in any::<(u32, u32, u32)>(),
        digest in any::<u64>(),
        commit in prop::option::of(".*"),
        inputs in inputs(),
        prediction in prediction(),
        source in prop::sample::select(vec![Source::Api, Source::Batch, Source::Simulation]),
        latency in any::<u64>(),
        actual in prop::option::of(actual()),
    ) -> PredictionRecord {
        let time = Timestamp::from_millisecond(milliseconds).unwrap();
        let mut id = PredictionId::first_at(time).to_bytes();
        id[6..].copy_from_slice(&low);
        PredictionRecord {
            id: PredictionId::from_bytes(id),
            model_version: ModelVersion { major: version.0, minor: version.1, patch: version.2 },
            data_fingerprint: Fingerprint::of(&digest.to_le_bytes()),
            git_commit: commit.map(Into::into),
            inputs,
            prediction,
            source,
            latency: Duration::from_micros(latency),
            actual,
        }
    }
}

proptest! {
    #[test]
    fn json_reads_back(record in record()) {
        let text = serde_json::to_string(&record).unwrap();
        prop_assert!(!text.contains('\n'));
        let back: PredictionRecord = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&back, &record);
        let bits = |record: &PredictionRecord| {
            let Prediction { lower, prediction, upper } = record.prediction;
            let mut numbers = record.inputs.values.clone();
            numbers.extend([lower, prediction, upper]);
            numbers.extend(record.actual.map(|actual| actual.value));
            numbers.into_iter().map(|number| (number + 0.0).to_bits()).collect::<Vec<_>>()
        };
        prop_assert_eq!(bits(&back), bits(&record));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".*") {
        let _ = serde_json::from_str::<PredictionRecord>(&text);
    }
}

#[test]
fn the_object_says_what_follows_from_it() {
    let text = r#"{
        "id": "01J79KC90HZZZZZZZZZZZZZZZZ", "model_version": "v1.0.0",
        "data_fingerprint": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "inputs": {"RM": 6.575, "CRIM": null}, "lower": 20.5, "prediction": 24.0, "upper": 22.0,
        "source": "simulation", "latency_us": 15, "actual": null, "actual_time": null
    }"#;
    let record: PredictionRecord = serde_json::from_str(text).unwrap();
    assert!(record.inputs.values[1].is_nan());
    // As in every line that was written before there was one.
    assert_eq!(record.git_commit, None);
    let object = serde_json::to_value(&record).unwrap();
    assert_eq!(object["time"], "2024-09-08T19:57:06.449Z");
    assert_eq!(object["interval_width"], 1.5);
    assert_eq!(object["is_uncertain"], true);
    assert_eq!(object["inputs"]["RM"], 6.575);
}

#[test]
fn a_record_without_a_field_is_refused() {
    for text in [
        "{}",
        "[]",
        "{\"id\": \"01J79KC90HZZZZZZZZZZZZZZZZ\"}",
        "null",
    ] {
        serde_json::from_str::<PredictionRecord>(text).unwrap_err();
    }
}
