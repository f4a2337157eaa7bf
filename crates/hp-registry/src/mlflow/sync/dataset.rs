//! The data set of a run in MLflow's words.

use crate::mlflow::api::Subject;
use crate::mlflow::mlmodel::column_type;
use crate::run::Run;
use serde_json::{Value, json};

/// Digits of a digest that fit into MLflow's 36 characters.
const DIGEST_DIGITS: usize = 32;

/// Most characters in the name of a data set.
const LONGEST_DATASET: usize = 500;

/// The data set as an input of a run.
pub(super) fn input(run: &Run) -> Value {
    let data = &run.data;
    let (source_type, source) = match data.source.split_once("://") {
        Some(("http" | "https", _)) => ("http", json!({ "url": data.source })),
        _ => ("local", json!({ "uri": data.source })),
    };
    let columns: Vec<_> = data
        .columns
        .iter()
        .map(|(name, dtype)| json!({ "type": column_type(dtype), "name": name, "required": true }))
        .collect();
    let profile = json!({
        "num_rows": data.rows,
        "train_rows": data.train_rows,
        "test_rows": data.test_rows,
    });
    // MLflow wants the last three as text.
    json!({
        "name": name(run),
        "digest": digest(run),
        "source_type": source_type,
        "source": source.to_string(),
        "schema": json!({ "mlflow_colspec": columns }).to_string(),
        "profile": profile.to_string(),
    })
}

/// What the metrics of the model `model_id` are about.
pub(super) fn subject(run: &Run, model_id: &str) -> Subject {
    Subject {
        model_id: model_id.to_owned(),
        dataset_name: name(run),
        dataset_digest: digest(run),
    }
}

/// The digest of the data set, as long as MLflow allows.
pub(super) fn digest(run: &Run) -> String {
    run.data.fingerprint.to_string()[..DIGEST_DIGITS].to_owned()
}

/// Its name, likewise.
fn name(run: &Run) -> String {
    run.data.name.chars().take(LONGEST_DATASET).collect()
}
