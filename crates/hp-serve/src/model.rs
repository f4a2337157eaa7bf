//! A loaded model with everything that is prepared once for all its requests.

use crate::metrics::ModelMetrics;
use crate::openapi::{self, Face};
use axum::body::Bytes;
use hp_artifact::{Artifact, ServedTrio};
use hp_core::fingerprint::Fingerprint;
use hp_core::prediction::Prediction;
use hp_core::schema::Schema;
use hp_core::version::ModelVersion;
use std::error::Error;
use std::sync::Arc;

/// Where the model comes from; asked at the start and at every reload.
pub trait ModelSource: Send + Sync {
    /// Loads the model that is to be served now and verifies it. May block.
    ///
    /// # Errors
    /// There is none, or it is not as it was written.
    fn load(&self) -> Result<Artifact, Box<dyn Error + Send + Sync>>;
}

impl<F> ModelSource for F
where
    F: Fn() -> Result<Artifact, Box<dyn Error + Send + Sync>> + Send + Sync,
{
    fn load(&self) -> Result<Artifact, Box<dyn Error + Send + Sync>> {
        self()
    }
}

/// The model that answers requests, until another takes its place.
pub(crate) struct Model {
    /// Its version.
    pub(crate) version: ModelVersion,
    /// The data it was trained on.
    pub(crate) data_fingerprint: Fingerprint,
    /// The commit it was trained at, shared with every record.
    pub(crate) git_commit: Option<Arc<str>>,
    /// Its columns.
    pub(crate) schema: Schema,
    /// The names of the features, shared with every record.
    pub(crate) names: Arc<[String]>,
    /// Its manifest as JSON.
    pub(crate) manifest: Bytes,
    /// The description of the API as JSON.
    pub(crate) openapi: Bytes,
    /// What is counted of its predictions.
    pub(crate) metrics: ModelMetrics,
    trio: ServedTrio,
}

impl Model {
    /// Prepares `artifact` for being served; `face` is what the description says beside it.
    pub(crate) fn new(artifact: Artifact, face: Face) -> Result<Self, serde_json::Error> {
        let (manifest, trio) = artifact.into_parts();
        Ok(Self {
            version: manifest.model_version,
            data_fingerprint: manifest.data.fingerprint,
            git_commit: manifest.git_commit.as_deref().map(Arc::from),
            names: manifest.schema.feature_names().map(str::to_owned).collect(),
            manifest: serde_json::to_vec(&manifest)?.into(),
            openapi: openapi::render(&manifest, face)?.into(),
            metrics: ModelMetrics::register(&manifest),
            schema: manifest.schema,
            trio,
        })
    }

    /// Predicts a row `[features]` that passed every check.
    pub(crate) fn predict(&self, row: &[f64]) -> Prediction {
        self.trio
            .predict_row(row, &mut Vec::with_capacity(row.len()))
    }
}
