//! The metrics of a version on the held-out rows, as its evaluation has them.

use super::super::evaluate;
use crate::failure::{Code, Failure};
use anyhow::anyhow;
use hp_artifact::{Manifest, read_manifest, version_path};
use hp_core::version::ModelVersion;
use hp_registry::gate::Scores;
use hp_registry::run::Metrics;
use std::path::Path;

/// The metrics of the served trio, if this version is evaluated.
pub(super) fn scores(artifacts: &Path, manifest: &Manifest) -> Option<Metrics> {
    let version = manifest.model_version.to_string();
    let evaluation = evaluate::Paths::new(artifacts, &version).current(manifest)?;
    Some(evaluation.served_metrics())
}

/// How good `version` is, without which nothing can be decided.
pub(super) fn required_scores(artifacts: &Path, version: ModelVersion) -> Result<Scores, Failure> {
    let manifest = read_manifest(&version_path(artifacts, version))?;
    let metrics = scores(artifacts, &manifest).ok_or_else(|| {
        let error = anyhow!("{version} is not evaluated");
        Failure::new(Code::Failed, error)
            .hint(format!("run `hp evaluate --model-version {version}`"))
    })?;
    Ok(Scores {
        metrics,
        data: manifest.data.fingerprint,
    })
}
