//! Settings for tests, and a run with its version in a folder of its own.

use crate::sample;
use hp_core::config::Role;
use hp_registry::mlflow::{MlflowError, Settings, Tracking};
use hp_registry::run::Run;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The settings of an environment.
pub(crate) fn settings(variables: &[(&str, &str)]) -> Result<Option<Settings>, MlflowError> {
    let variable = |name: &str| {
        let found = variables.iter().find(|(found, _)| *found == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Settings::read(&variable, None)
}

/// Settings for the server `uri` that retry at once.
pub(crate) fn quick(uri: &str, retries: u32) -> Settings {
    let read = settings(&[
        ("MLFLOW_TRACKING_URI", uri),
        ("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0"),
        ("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0"),
        ("MLFLOW_HTTP_REQUEST_TIMEOUT", "20"),
        // No server here has a certificate; reading those of the system takes longer than a test.
        ("MLFLOW_TRACKING_INSECURE_TLS", "true"),
    ]);
    read.unwrap().unwrap().with_retries(retries)
}

pub(crate) fn tracking(uri: &str, retries: u32) -> Tracking {
    Tracking::new(quick(uri, retries)).unwrap()
}

/// Runs a future to its end.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}

/// A finished run with its version.
pub(crate) struct Trained {
    pub(crate) folder: TempDir,
    pub(crate) run: Run,
}

impl Trained {
    pub(crate) fn new(number: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut run = sample::run(number, "v1.0.0");
        run.data
            .columns
            .push(("MEDV".to_owned(), "float".to_owned()));
        run.methods = [
            ("Linear Regression", Role::Main),
            ("Lower", Role::Lower),
            ("Upper", Role::Upper),
        ]
        .map(|(name, role)| sample::method(name, role, &[("alpha", json!(0.5))]))
        .into();
        run.artifact = Some(sample::write(folder.path(), "v1.0.0", 20.0));
        let trained = Self { folder, run };
        fs::create_dir_all(trained.run_folder()).unwrap();
        trained.save();
        let version = trained.artifacts().join("v1.0.0");
        fs::copy(
            version.join("manifest.json"),
            trained.run_folder().join("manifest.json"),
        )
        .unwrap();
        fs::write(
            trained.run_folder().join("model_config.yaml"),
            "Methods: []\n",
        )
        .unwrap();
        fs::write(trained.artifacts().join("v1.0.0.evaluation.json"), "{}\n").unwrap();
        trained
    }

    pub(crate) fn artifacts(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn run_folder(&self) -> PathBuf {
        self.artifacts().join("runs").join(self.run.id.to_string())
    }

    /// Writes the run as it is now.
    pub(crate) fn save(&self) {
        let text = serde_json::to_string_pretty(&self.run).unwrap();
        fs::write(self.run_folder().join("run.json"), text).unwrap();
    }
}
