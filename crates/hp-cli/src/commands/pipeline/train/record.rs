//! A training as a run: written down when it begins, and however it ends.

use super::{Args, Plan, Training};
use crate::environment;
use crate::failure::{Code, Failure};
use crate::output;
use crate::settings::Tracked;
use hp_artifact::{MANIFEST_FILE, Manifest};
use hp_core::config::{Method, Role};
use hp_core::fingerprint::Fingerprint;
use hp_registry::run::{
    FORMAT_VERSION, GitState, Metrics, Run, RunArtifact, RunData, RunId, RunMethod, RunStatus,
};
use hp_registry::runs::{ActiveRun, RunStore};
use jiff::Timestamp;
use std::path::PathBuf;
use std::time::Instant;

/// A training that goes on.
pub(super) struct Recording {
    active: ActiveRun,
    begun: Instant,
    artifacts: PathBuf,
}

impl Recording {
    /// Writes down that the training begins.
    pub(super) fn begin(args: &Args, plan: &Plan, git: Option<GitState>) -> Result<Self, Failure> {
        let artifacts = args.store.artifacts.clone();
        let files = [
            ("model_config.yaml", plan.model_text.as_bytes()),
            ("data_config.yaml", plan.data_text.as_bytes()),
        ];
        Ok(Self {
            active: RunStore::new(&artifacts).start(new_run(plan, git), &files)?,
            begun: Instant::now(),
            artifacts,
        })
    }

    /// Writes down how the training ended, and tells the tracking server. The training stays what it
    /// is when that does not succeed.
    pub(super) fn end(self, training: &Result<Training, Failure>) -> RunId {
        let id = self.active.run.id;
        let artifacts = self.artifacts.clone();
        if let Err(failure) = self.write(training) {
            let message = failure.message();
            output::say(format!(
                "warning: run {id} is not written down whole: {message}"
            ));
            return id;
        }
        sync(&artifacts, id);
        id
    }

    fn write(mut self, training: &Result<Training, Failure>) -> Result<(), Failure> {
        let seconds = self.begun.elapsed().as_secs_f64();
        let run = &mut self.active.run;
        run.timings.insert("total".to_owned(), seconds);
        let status = match training {
            Ok(training) => {
                let manifest = describe(run, training)?;
                self.active.add_file(MANIFEST_FILE, manifest.as_bytes())?;
                RunStatus::Finished
            }
            Err(failure) => {
                let (status, reason) = match failure.code() {
                    Code::Interrupted => (RunStatus::Killed, "interrupted".to_owned()),
                    _ => (RunStatus::Failed, failure.message()),
                };
                run.failure = Some(reason);
                status
            }
        };
        if let Some(warning) = self.active.finish(status, Timestamp::now())?.warning {
            output::warn(&warning.into());
        }
        Ok(())
    }
}

/// Sends the run to the tracking server, if one is named. It is no failure when the server cannot
/// be told now.
pub(in super::super) fn sync(artifacts: &std::path::Path, id: RunId) {
    let folder = RunStore::new(artifacts).folder(id);
    Tracked::tell(&format!("run {id}"), |tracked| {
        tracked.send_run(&folder, artifacts)
    });
}

/// What is known of the training before it is done.
fn new_run(plan: &Plan, git: Option<GitState>) -> Run {
    let now = Timestamp::now();
    let schema = &plan.data_config.schema;
    let summary = &plan.inputs.data;
    Run {
        format_version: FORMAT_VERSION,
        id: RunId::new(now, rand::random()),
        status: RunStatus::Running,
        started_at: now,
        ended_at: None,
        failure: None,
        hp_version: env!("CARGO_PKG_VERSION").to_owned(),
        user: environment::user(),
        git,
        model_version: plan.model_config.version,
        data: RunData {
            name: summary.name.clone(),
            fingerprint: summary.fingerprint,
            source: plan.data_source.clone(),
            rows: summary.rows,
            train_rows: summary.train_rows,
            test_rows: summary.test_rows,
            columns: schema
                .columns()
                .map(|column| (column.name.clone(), column.dtype.name().to_owned()))
                .collect(),
        },
        methods: plan.model_config.methods.iter().map(new_method).collect(),
        metrics: Metrics::new(),
        timings: Metrics::new(),
        artifact: None,
    }
}

fn new_method(method: &Method) -> RunMethod {
    let parameters = match serde_json::to_value(&method.config) {
        Ok(serde_json::Value::Object(parameters)) => parameters,
        _ => serde_json::Map::new(),
    };
    RunMethod {
        name: method.name.clone(),
        role: method.role,
        served: false,
        parameters,
        cross_validation: None,
        fit_seconds: None,
        metrics: Metrics::new(),
    }
}

/// Adds to `run` what the training made; gives the text of the manifest.
fn describe(run: &mut Run, training: &Training) -> Result<String, Failure> {
    let manifest = &training.manifest;
    let text = manifest.to_json()?;
    for method in &mut run.methods {
        let Some(entry) = manifest.method(&method.name) else {
            continue;
        };
        method.served = manifest.serving.role_of(&method.name).is_some();
        method.cross_validation = Some(entry.cross_validation.clone());
        method.fit_seconds = training.timings.fit(&method.name);
    }
    run.metrics.extend(served_scores(manifest));
    run.artifact = Some(RunArtifact {
        path: manifest.model_version.to_string(),
        manifest_sha256: Fingerprint::of(text.as_bytes()),
    });
    Ok(text)
}

/// The cross-validated scores of the served trio: `cv_rmse`, `cv_pinball_lower`, `cv_pinball_upper`.
fn served_scores(manifest: &Manifest) -> impl Iterator<Item = (String, f64)> {
    Role::ALL.into_iter().filter_map(|role| {
        let served = manifest.method(&manifest.serving.of(role).method)?;
        let score = &served.cross_validation;
        let name = match role {
            Role::Main => format!("cv_{}", score.metric),
            role => format!("cv_{}_{}", score.metric, role.name()),
        };
        Some((name, score.mean))
    })
}
