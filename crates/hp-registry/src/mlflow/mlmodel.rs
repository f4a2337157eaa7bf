//! `MLmodel`, the file by which MLflow knows a folder as a model. It is written as JSON, which
//! every reader of YAML reads.
//!
//! Its only flavor is `hp`: nothing in Python loads the files, so none of Python's is claimed.

use hp_artifact::{Manifest, MethodEntry};
use hp_core::schema::DType;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The name of the file.
pub(super) const MLMODEL_FILE: &str = "MLmodel";

/// Whose model it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) run_id: &'a str,
    /// The logged model, unless the server has none.
    pub(super) model_id: Option<&'a str>,
    pub(super) made_at: Timestamp,
}

/// The file of a whole version.
pub(super) fn of_version(manifest: &Manifest, origin: Origin<'_>) -> Value {
    let flavor = json!({
        "data": ".",
        "model_version": manifest.model_version,
        "hp_version": manifest.hp_version,
    });
    mlmodel(manifest, flavor, &["prediction", "lower", "upper"], origin)
}

/// The file of one method.
pub(super) fn of_method(manifest: &Manifest, method: &MethodEntry, origin: Origin<'_>) -> Value {
    let flavor = json!({
        "data": method.file,
        "method": method.name,
        "model_version": manifest.model_version,
        "hp_version": manifest.hp_version,
    });
    mlmodel(manifest, flavor, &["prediction"], origin)
}

/// The type of a column in MLflow's words.
pub(super) fn column_type(dtype: &str) -> &'static str {
    if dtype == DType::Integer.name() {
        "long"
    } else {
        "double"
    }
}

fn mlmodel(manifest: &Manifest, flavor: Value, outputs: &[&str], origin: Origin<'_>) -> Value {
    let column = |name: &str, kind: &str| json!({ "type": kind, "name": name, "required": true });
    let features = manifest.schema.features.iter();
    let inputs: Vec<_> = features
        .map(|feature| column(&feature.name, column_type(feature.dtype.name())))
        .collect();
    let outputs: Vec<_> = outputs.iter().map(|name| column(name, "double")).collect();
    let mut model = json!({
        "artifact_path": "model",
        "flavors": { "hp": flavor },
        "run_id": origin.run_id,
        // MLflow wants the lists as text.
        "signature": {
            "inputs": Value::from(inputs).to_string(),
            "outputs": Value::from(outputs).to_string(),
            "params": null,
        },
        "utc_time_created": origin.made_at.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string(),
    });
    if let Some(model_id) = origin.model_id {
        model["model_id"] = model_id.into();
    }
    model
}
