//! Logged models, which servers have from MLflow 3 on, and what older ones have in their place.

use super::{METHOD, Nothing, Pair, RUN_ID, Texts, pairs, tag_is};
use crate::mlflow::client::{Client, Failure};
use serde::Deserialize;
use serde_json::{Value, json};

/// A logged model as the server knows it.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::mlflow) struct RemoteModel {
    pub(in crate::mlflow) info: ModelInfo,
    #[serde(default)]
    data: ModelData,
}

/// What identifies a model.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::mlflow) struct ModelInfo {
    pub(in crate::mlflow) model_id: String,
    pub(in crate::mlflow) artifact_uri: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    tags: Vec<Pair>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct ModelData {
    #[serde(default)]
    metrics: Vec<Measured>,
}

/// A value of a metric, of all that were ever told.
#[derive(Debug, Clone, Deserialize)]
struct Measured {
    key: String,
    // Of one that is no number it is text.
    #[serde(default)]
    value: Value,
}

/// A model that is to be logged.
#[derive(Debug)]
pub(in crate::mlflow) struct NewModel<'a> {
    pub(in crate::mlflow) experiment_id: &'a str,
    pub(in crate::mlflow) name: &'a str,
    pub(in crate::mlflow) source_run_id: &'a str,
    pub(in crate::mlflow) tags: &'a Texts,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    models: Vec<RemoteModel>,
}

#[derive(Deserialize)]
struct One {
    model: RemoteModel,
}

impl RemoteModel {
    pub(in crate::mlflow) fn is_ready(&self) -> bool {
        self.info.status == "LOGGED_MODEL_READY"
    }

    /// The method it is of; `None` for the model of a whole version.
    pub(in crate::mlflow) fn method(&self) -> Option<&str> {
        let tag = self.info.tags.iter().find(|tag| tag.key == METHOD)?;
        Some(&tag.value)
    }

    /// The values of a metric that the server was told of this model.
    pub(in crate::mlflow) fn measured(&self, key: &str) -> impl Iterator<Item = f64> {
        let metrics = self.data.metrics.iter();
        metrics
            .filter(move |metric| metric.key == key)
            .filter_map(|metric| metric.value.as_f64())
    }
}

impl Client {
    /// The logged models of the run `id` here; `None` when the server has no logged models.
    pub(in crate::mlflow) async fn models_of(
        &self,
        experiment_id: &str,
        id: &str,
    ) -> Result<Option<Vec<RemoteModel>>, Failure> {
        let body = json!({
            "experiment_ids": [experiment_id],
            "filter": tag_is(RUN_ID, id),
            "max_results": 50,
        });
        match self.post("mlflow/logged-models/search", &body).await {
            Ok(Found { models }) => Ok(Some(models)),
            Err(failure) if failure.error.is_unknown_route() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    pub(in crate::mlflow) async fn create_model(
        &self,
        new: &NewModel<'_>,
    ) -> Result<RemoteModel, Failure> {
        let body = json!({
            "experiment_id": new.experiment_id,
            "name": new.name,
            "model_type": "hp",
            "source_run_id": new.source_run_id,
            "tags": pairs(new.tags),
        });
        let one: One = self.post("mlflow/logged-models", &body).await?;
        Ok(one.model)
    }

    /// Says whether the files of a model are all there.
    pub(in crate::mlflow) async fn finish_model(
        &self,
        model_id: &str,
        uploaded: bool,
    ) -> Result<(), Failure> {
        let status = if uploaded {
            "LOGGED_MODEL_READY"
        } else {
            "LOGGED_MODEL_UPLOAD_FAILED"
        };
        let body = json!({ "model_id": model_id, "status": status });
        let route = format!("mlflow/logged-models/{model_id}");
        let _: Value = self.patch(&route, &body).await?;
        Ok(())
    }

    /// Says, to a server without logged models, that a run has a model among its artifacts.
    pub(in crate::mlflow) async fn log_run_model(
        &self,
        run_id: &str,
        mlmodel: &Value,
    ) -> Result<(), Failure> {
        let body = json!({ "run_id": run_id, "model_json": mlmodel.to_string() });
        let Nothing {} = self.post("mlflow/runs/log-model", &body).await?;
        Ok(())
    }
}
