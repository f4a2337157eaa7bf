//! The model versions in a folder, for the monitor.

use hp_artifact::{Manifest, list_versions, read_manifest, read_reference, version_path};
use hp_core::version::ModelVersion;
use hp_monitor::view::{KnownModel, Models};
use std::error::Error;
use std::path::PathBuf;

/// The versions in a folder.
pub(super) struct Versions {
    artifacts: PathBuf,
}

impl Versions {
    pub(super) fn new(artifacts: PathBuf) -> Self {
        Self { artifacts }
    }
}

impl Models for Versions {
    fn versions(&self) -> Result<Vec<ModelVersion>, Box<dyn Error + Send + Sync>> {
        Ok(list_versions(&self.artifacts)?)
    }

    fn find(
        &self,
        version: ModelVersion,
    ) -> Result<Option<KnownModel>, Box<dyn Error + Send + Sync>> {
        let path = version_path(&self.artifacts, version);
        if !path.exists() {
            return Ok(None);
        }
        let manifest = read_manifest(&path)?;
        Ok(Some(KnownModel {
            nominal_coverage: nominal_coverage(&manifest),
            reference: read_reference(&path)?,
            data_name: manifest.data.name,
            data_fingerprint: manifest.data.fingerprint,
            schema: manifest.schema,
        }))
    }
}

/// The share that lies between the quantiles of the served limits.
fn nominal_coverage(manifest: &Manifest) -> Option<f64> {
    let quantile = |name: &str| {
        let method = manifest.methods.iter().find(|method| method.name == name);
        method?.quantile
    };
    let serving = &manifest.serving;
    let lower = quantile(&serving.lower.method)?;
    let upper = quantile(&serving.upper.method)?;
    Some(upper - lower).filter(|share| (0.0..=1.0).contains(share))
}
