//! A loaded model with everything that is prepared once for all its requests.

use crate::metrics::ModelMetrics;
use crate::openapi::{self, Face};
use axum::body::Bytes;
use hp_artifact::{Artifact, Manifest, ServedTrio};
use hp_core::fingerprint::Fingerprint;
use hp_core::prediction::Prediction;
use hp_core::version::ModelVersion;
use std::error::Error;
use std::sync::{Arc, OnceLock};

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
    /// What it is: its columns and all that is known of it.
    pub(crate) manifest: Manifest,
    /// The names of the features, shared with every record.
    pub(crate) names: Arc<[String]>,
    /// What is counted of its predictions.
    pub(crate) metrics: ModelMetrics,
    face: Face,
    /// Made when it is first asked for: the first prediction need not wait for it.
    openapi: OnceLock<Bytes>,
    trio: ServedTrio,
}

impl Model {
    /// Prepares `artifact` for being served; `face` is what the description says beside it.
    pub(crate) fn new(artifact: Artifact, face: Face) -> Self {
        let (manifest, trio) = artifact.into_parts();
        Self {
            version: manifest.model_version,
            data_fingerprint: manifest.data.fingerprint,
            git_commit: manifest.git_commit.as_deref().map(Arc::from),
            names: manifest.schema.feature_names().map(str::to_owned).collect(),
            metrics: ModelMetrics::register(&manifest),
            manifest,
            face,
            openapi: OnceLock::new(),
            trio,
        }
    }

    /// The description of the API as JSON.
    pub(crate) fn openapi(&self) -> Result<Bytes, serde_json::Error> {
        if let Some(made) = self.openapi.get() {
            return Ok(made.clone());
        }
        let made = openapi::render(&self.manifest, self.face)?;
        Ok(self.openapi.get_or_init(|| made.into()).clone())
    }

    /// Predicts a row `[features]` that passed every check.
    pub(crate) fn predict(&self, row: &[f64]) -> Prediction {
        self.trio
            .predict_row(row, &mut Vec::with_capacity(row.len()))
    }
}
