//! Runs with their parameters, metrics, tags, inputs and outputs.

use super::{Nothing, Pair, RUN_ID, Texts, pairs, tag_is, texts};
use crate::mlflow::client::{Client, Failure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Runs of one training; one per method is far fewer.
const MOST: u32 = 1000;

/// A run as the server knows it.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::mlflow) struct RemoteRun {
    pub(in crate::mlflow) info: Info,
    #[serde(default)]
    data: Data,
    #[serde(default)]
    inputs: Inputs,
    #[serde(default)]
    outputs: Outputs,
}

/// What identifies a run.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::mlflow) struct Info {
    pub(in crate::mlflow) run_id: String,
    pub(in crate::mlflow) artifact_uri: String,
    #[serde(default)]
    pub(in crate::mlflow) status: String,
    #[serde(default)]
    pub(in crate::mlflow) end_time: Option<Value>,
}

/// A value of a metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::mlflow) struct Metric {
    pub(in crate::mlflow) key: String,
    pub(in crate::mlflow) value: f64,
    /// Milliseconds since 1970.
    pub(in crate::mlflow) timestamp: i64,
    pub(in crate::mlflow) step: i64,
    #[serde(flatten)]
    pub(in crate::mlflow) subject: Option<Subject>,
}

/// Which model was measured, and on which data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::mlflow) struct Subject {
    pub(in crate::mlflow) model_id: String,
    pub(in crate::mlflow) dataset_name: String,
    pub(in crate::mlflow) dataset_digest: String,
}

/// What is added to a run at once.
#[derive(Debug, Default)]
pub(in crate::mlflow) struct Batch {
    pub(in crate::mlflow) metrics: Vec<Metric>,
    pub(in crate::mlflow) params: Texts,
    pub(in crate::mlflow) tags: Texts,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Data {
    #[serde(default)]
    metrics: Vec<Latest>,
    #[serde(default)]
    params: Vec<Pair>,
    #[serde(default)]
    tags: Vec<Pair>,
}

/// The newest value of a metric.
#[derive(Debug, Clone, Deserialize)]
struct Latest {
    key: String,
    // Of one that is no number it is text.
    #[serde(default)]
    value: Value,
    #[serde(default)]
    timestamp: Value,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Inputs {
    #[serde(default)]
    dataset_inputs: Vec<DatasetInput>,
}

#[derive(Debug, Clone, Deserialize)]
struct DatasetInput {
    dataset: DatasetName,
}

#[derive(Debug, Clone, Deserialize)]
struct DatasetName {
    #[serde(default)]
    digest: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Outputs {
    #[serde(default)]
    model_outputs: Vec<ModelOutput>,
}

#[derive(Debug, Clone, Deserialize)]
struct ModelOutput {
    model_id: String,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    runs: Vec<RemoteRun>,
}

#[derive(Deserialize)]
struct One {
    run: RemoteRun,
}

impl RemoteRun {
    pub(in crate::mlflow) fn id(&self) -> &str {
        &self.info.run_id
    }

    pub(in crate::mlflow) fn tags(&self) -> Texts {
        texts(self.data.tags.clone())
    }

    pub(in crate::mlflow) fn tag(&self, key: &str) -> Option<&str> {
        let tag = self.data.tags.iter().find(|tag| tag.key == key)?;
        Some(&tag.value)
    }

    pub(in crate::mlflow) fn params(&self) -> Texts {
        texts(self.data.params.clone())
    }

    /// The newest value of each metric, with its time.
    pub(in crate::mlflow) fn metrics(&self) -> BTreeMap<&str, (Option<f64>, i64)> {
        let latest = |metric: &'_ Latest| (metric.value.as_f64(), integer(&metric.timestamp));
        let metrics = self.data.metrics.iter();
        metrics
            .map(|metric| (metric.key.as_str(), latest(metric)))
            .collect()
    }

    pub(in crate::mlflow) fn has_dataset(&self, digest: &str) -> bool {
        let mut inputs = self.inputs.dataset_inputs.iter();
        inputs.any(|input| input.dataset.digest == digest)
    }

    pub(in crate::mlflow) fn has_output(&self, model_id: &str) -> bool {
        let mut outputs = self.outputs.model_outputs.iter();
        outputs.any(|output| output.model_id == model_id)
    }

    /// When it ended, in milliseconds since 1970.
    pub(in crate::mlflow) fn end_time(&self) -> Option<i64> {
        self.info.end_time.as_ref().map(integer)
    }
}

impl Client {
    /// The runs on the server that belong to the run `id` here: its own and those of its methods.
    pub(in crate::mlflow) async fn runs_of(
        &self,
        experiment_id: &str,
        id: &str,
    ) -> Result<Vec<RemoteRun>, Failure> {
        let body = json!({
            "experiment_ids": [experiment_id],
            "filter": tag_is(RUN_ID, id),
            "max_results": MOST,
        });
        let found: Found = self.post("mlflow/runs/search", &body).await?;
        Ok(found.runs)
    }

    pub(in crate::mlflow) async fn run(&self, run_id: &str) -> Result<RemoteRun, Failure> {
        let query = [("run_id", run_id)];
        let one: One = self.get("mlflow/runs/get", &query).await?;
        Ok(one.run)
    }

    pub(in crate::mlflow) async fn create_run(
        &self,
        experiment_id: &str,
        name: &str,
        started: i64,
        tags: &Texts,
    ) -> Result<RemoteRun, Failure> {
        let body = json!({
            "experiment_id": experiment_id,
            "run_name": name,
            "start_time": started,
            "tags": pairs(tags),
        });
        let one: One = self.post("mlflow/runs/create", &body).await?;
        Ok(one.run)
    }

    pub(in crate::mlflow) async fn log_batch(
        &self,
        run_id: &str,
        batch: &Batch,
    ) -> Result<(), Failure> {
        let body = json!({
            "run_id": run_id,
            "metrics": batch.metrics,
            "params": pairs(&batch.params),
            "tags": pairs(&batch.tags),
        });
        let Nothing {} = self.post("mlflow/runs/log-batch", &body).await?;
        Ok(())
    }

    /// Says what a run was trained on.
    pub(in crate::mlflow) async fn log_input(
        &self,
        run_id: &str,
        dataset: &Value,
    ) -> Result<(), Failure> {
        let tag = Pair {
            key: "mlflow.data.context".to_owned(),
            value: "training".to_owned(),
        };
        let body = json!({ "run_id": run_id, "datasets": [{ "tags": [tag], "dataset": dataset }] });
        let Nothing {} = self.post("mlflow/runs/log-inputs", &body).await?;
        Ok(())
    }

    /// Says which model a run made.
    pub(in crate::mlflow) async fn log_output(
        &self,
        run_id: &str,
        model_id: &str,
    ) -> Result<(), Failure> {
        let models = [json!({ "model_id": model_id, "step": 0 })];
        let body = json!({ "run_id": run_id, "models": models });
        let Nothing {} = self.post("mlflow/runs/outputs", &body).await?;
        Ok(())
    }

    pub(in crate::mlflow) async fn end_run(
        &self,
        run_id: &str,
        status: &str,
        ended: Option<i64>,
    ) -> Result<(), Failure> {
        let mut body = json!({ "run_id": run_id, "status": status });
        if let Some(ended) = ended {
            body["end_time"] = ended.into();
        }
        let _: Value = self.post("mlflow/runs/update", &body).await?;
        Ok(())
    }
}

/// A 64-bit integer, which some servers write as text.
fn integer(value: &Value) -> i64 {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value.as_i64().or(text).unwrap_or_default()
}
