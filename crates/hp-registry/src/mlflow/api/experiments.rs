//! Experiments.

use crate::mlflow::client::{Client, Failure};
use serde::Deserialize;
use serde_json::json;

/// An experiment as the server knows it.
#[derive(Debug, Deserialize)]
pub(in crate::mlflow) struct RemoteExperiment {
    pub(in crate::mlflow) experiment_id: String,
    #[serde(default)]
    lifecycle_stage: String,
}

#[derive(Deserialize)]
struct One {
    experiment: RemoteExperiment,
}

#[derive(Deserialize)]
struct Created {
    experiment_id: String,
}

impl RemoteExperiment {
    pub(in crate::mlflow) fn is_deleted(&self) -> bool {
        self.lifecycle_stage == "deleted"
    }
}

impl Client {
    /// The experiment called `name`; `None` when there is none.
    pub(in crate::mlflow) async fn experiment_named(
        &self,
        name: &str,
    ) -> Result<Option<RemoteExperiment>, Failure> {
        let query = [("experiment_name", name)];
        found(self.get("mlflow/experiments/get-by-name", &query).await)
    }

    /// The experiment with this id; `None` when there is none.
    pub(in crate::mlflow) async fn experiment(
        &self,
        id: &str,
    ) -> Result<Option<RemoteExperiment>, Failure> {
        let query = [("experiment_id", id)];
        found(self.get("mlflow/experiments/get", &query).await)
    }

    /// Creates an experiment and gives its id; `None` when somebody else was faster.
    pub(in crate::mlflow) async fn create_experiment(
        &self,
        name: &str,
    ) -> Result<Option<String>, Failure> {
        let body = json!({ "name": name });
        match self.post("mlflow/experiments/create", &body).await {
            Ok(Created { experiment_id }) => Ok(Some(experiment_id)),
            Err(failure) if failure.error.is_duplicate() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Whether the API answers and lets the caller in.
    pub(in crate::mlflow) async fn search_experiments(&self) -> Result<(), Failure> {
        let body = json!({ "max_results": 1 });
        let answer: serde_json::Value = self.post("mlflow/experiments/search", &body).await?;
        drop(answer);
        Ok(())
    }
}

fn found(answer: Result<One, Failure>) -> Result<Option<RemoteExperiment>, Failure> {
    match answer {
        Ok(One { experiment }) => Ok(Some(experiment)),
        Err(failure) if failure.error.is_missing() && !failure.error.is_unknown_route() => Ok(None),
        Err(failure) => Err(failure),
    }
}
