//! scikit-learn's predictions for the held-out rows, under the published names of the methods.

use hp_core::fingerprint::Fingerprint;
use hp_evaluate::evaluation::{
    Dataset, Evaluation, MethodPredictions, Observations, Provenance, Target, Trio,
};
use hp_testkit::{floats, json_fixture};
use serde_json::Value;
use std::collections::BTreeMap;

/// The fixture itself.
pub(crate) fn fixture() -> Value {
    json_fixture(env!("CARGO_MANIFEST_DIR"), "oracle_evaluation.json")
}

/// The fixture as observations; the forest is served with the boosted limits.
pub(crate) fn observations() -> Observations {
    let oracle = fixture();
    let methods = oracle["methods"].as_array().expect("methods");
    let features = oracle["feature_names"].as_array().expect("names");
    Observations {
        target: Target {
            name: "MEDV".to_owned(),
            unit: Some("1000 dollars".to_owned()),
        },
        feature_names: features
            .iter()
            .map(|name| name.as_str().expect("a name").to_owned())
            .collect(),
        y_true: floats(&oracle["y_true"]),
        methods: methods.iter().map(method).collect(),
        served: trio(
            "Random Forest Regressor",
            "Lower Estimator_GBR",
            "Upper Estimator_GBR",
        ),
    }
}

fn method(method: &Value) -> MethodPredictions {
    let importances = &method["feature_importances"];
    MethodPredictions {
        name: method["name"].as_str().expect("a name").to_owned(),
        role: serde_json::from_value(method["role"].clone()).expect("a role"),
        quantile: method["quantile"].as_f64(),
        predictions: floats(&method["predictions"]),
        feature_importances: importances.is_array().then(|| floats(importances)),
    }
}

/// A trio by the names of its methods.
pub(crate) fn trio(main: &str, lower: &str, upper: &str) -> Trio {
    Trio {
        main: main.to_owned(),
        lower: lower.to_owned(),
        upper: upper.to_owned(),
    }
}

/// Where the observations come from.
pub(crate) fn provenance() -> Provenance {
    Provenance {
        model_version: "v1.0.0".parse().expect("a version"),
        data: Dataset {
            name: "boston, held-out rows".to_owned(),
            fingerprint: Fingerprint::of(b"boston"),
            training_rows: Some(404),
        },
        inputs: BTreeMap::from([(
            "manifest.json".to_owned(),
            Fingerprint::of(b"manifest").to_string(),
        )]),
    }
}

/// The evaluation of `observations`.
pub(crate) fn evaluate(observations: &Observations) -> Evaluation {
    Evaluation::new(provenance(), observations).expect("an evaluation")
}
