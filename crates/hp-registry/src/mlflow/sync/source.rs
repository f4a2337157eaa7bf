//! What is sent: the run and the files around it.

use crate::mlflow::error::MlflowError;
use crate::mlflow::state::{RUN_FILE, read_if_there};
use crate::run::{Run, RunStatus};
use hp_artifact::{MANIFEST_FILE, Manifest, version_path};
use hp_core::fingerprint::Fingerprint;
use hp_durable::IoError;
use std::fs;
use std::path::{Path, PathBuf};

/// What else is in the folder of a run.
const BESIDE: [&str; 4] = [
    "model_config.yaml",
    "data_config.yaml",
    MANIFEST_FILE,
    "failure.txt",
];

/// A run with everything that is sent of it.
pub(super) struct Source {
    pub(super) run: Run,
    /// Digest of `run.json`.
    pub(super) digest: Fingerprint,
    /// Its files by the names they get on the server.
    pub(super) files: Vec<(String, PathBuf)>,
    pub(super) version: Option<Version>,
    /// Why `version` is none.
    pub(super) without_models: Option<String>,
}

/// The version that the run wrote, verified.
pub(super) struct Version {
    pub(super) folder: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) manifest_sha256: Fingerprint,
}

impl Source {
    /// Reads the run in `folder` and what belongs to it below `artifacts`.
    pub(super) fn read(folder: &Path, artifacts: &Path) -> Result<Self, MlflowError> {
        let path = folder.join(RUN_FILE);
        let bytes = fs::read(&path).map_err(IoError::of("read", &path))?;
        let run: Run = serde_json::from_slice(&bytes)
            .map_err(|source| MlflowError::Syntax { path, source })?;
        let mut files = vec![(RUN_FILE.to_owned(), folder.join(RUN_FILE))];
        let beside = BESIDE
            .iter()
            .map(|name| (String::from(*name), folder.join(name)));
        files.extend(beside.filter(|(_, path)| path.is_file()));
        let (version, without_models) = match version(&run, artifacts)? {
            Some(Ok(version)) => (Some(version), None),
            Some(Err(reason)) => (None, Some(reason)),
            None => (None, None),
        };
        if version.is_some() {
            // Those of another version of the same name would speak of another run.
            let name = run.model_version;
            let made = ["evaluation.json", "report.html"].map(|what| {
                let path = artifacts.join(format!("{name}.{what}"));
                (what.to_owned(), path)
            });
            files.extend(made.into_iter().filter(|(_, path)| path.is_file()));
        }
        Ok(Self {
            digest: Fingerprint::of(&bytes),
            run,
            files,
            version,
            without_models,
        })
    }
}

/// The version that `run` wrote, if it wrote one; the inner error says why it cannot be had any more.
fn version(run: &Run, artifacts: &Path) -> Result<Option<Result<Version, String>>, MlflowError> {
    let Some(artifact) = run
        .artifact
        .as_ref()
        .filter(|_| run.status == RunStatus::Finished)
    else {
        return Ok(None);
    };
    let folder = version_path(artifacts, run.model_version);
    let name = run.model_version;
    let Some(bytes) = read_if_there(&folder.join(MANIFEST_FILE))? else {
        return Ok(Some(Err(format!("the version `{name}` is gone"))));
    };
    if Fingerprint::of(&bytes) != artifact.manifest_sha256 {
        let reason = format!("the version `{name}` is of another run by now");
        return Ok(Some(Err(reason)));
    }
    Ok(Some(Ok(Version {
        manifest: hp_artifact::verify(&folder)?,
        manifest_sha256: artifact.manifest_sha256,
        folder,
    })))
}
