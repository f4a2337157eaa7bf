//! The metrics of an evaluation, written to the run that made the version.

use super::super::train;
use crate::failure::Failure;
use crate::output;
use hp_artifact::Manifest;
use hp_core::fingerprint::Fingerprint;
use hp_evaluate::evaluation::Evaluation;
use hp_registry::runs::RunStore;
use std::path::Path;

/// Adds the metrics to the run, if it is known. The evaluation stays what it is when that does not
/// succeed.
pub(super) fn record(artifacts: &Path, manifest: &Manifest, evaluation: &Evaluation) {
    if let Err(failure) = add(artifacts, manifest, evaluation) {
        let message = failure.message();
        output::say(format!(
            "warning: the run does not know these metrics: {message}"
        ));
    }
}

fn add(artifacts: &Path, manifest: &Manifest, evaluation: &Evaluation) -> Result<(), Failure> {
    let store = RunStore::new(artifacts);
    let digest = Fingerprint::of(manifest.to_json()?.as_bytes());
    let Some(mut run) = store.made(manifest.model_version, digest)? else {
        return Ok(());
    };
    let before = run.clone();
    run.metrics.extend(evaluation.served_metrics());
    for method in &mut run.methods {
        method.metrics = evaluation.method_metrics(&method.name);
    }
    if run != before {
        if let Some(warning) = store.update(&run)? {
            output::warn(&warning.into());
        }
        train::sync(artifacts, run.id);
    }
    Ok(())
}
