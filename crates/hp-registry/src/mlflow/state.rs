//! `mlflow.json` in the folder of a run: how far the run is sent.

use super::error::MlflowError;
use super::settings::Settings;
use hp_core::fingerprint::Fingerprint;
use hp_durable::IoError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The name of the file.
const STATE_FILE: &str = "mlflow.json";

/// Its name until it is whole.
const UNFINISHED_FILE: &str = ".mlflow.json";

/// The name of the file of a run in its folder.
pub(super) const RUN_FILE: &str = "run.json";

/// How far a run is sent. What is on the server decides; this spares asking.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The server that it is sent to.
    pub(super) tracking_uri: String,
    pub(super) experiment_id: Option<String>,
    /// The files in the server's store by their path, each with its digest.
    pub(super) uploaded: BTreeMap<String, Fingerprint>,
    /// Digest of the `run.json` that is there with everything about it.
    pub(super) sent: Option<Fingerprint>,
}

impl State {
    /// What was sent from `folder` to `server`. A file that is missing, damaged or about another
    /// server means nothing was; what is on the server is then found again.
    pub(super) fn load(folder: &Path, server: &str) -> Self {
        let bytes = fs::read(folder.join(STATE_FILE)).unwrap_or_default();
        let state: Self = serde_json::from_slice(&bytes).unwrap_or_default();
        if state.tracking_uri == server {
            state
        } else {
            Self {
                tracking_uri: server.to_owned(),
                ..Self::default()
            }
        }
    }

    /// Writes the file anew, by whoever holds the lock of the run. It is not waited for the disk,
    /// after every file that is sent: what a power failure takes is found again on the server.
    pub(super) fn save(&self, folder: &Path) -> Result<(), MlflowError> {
        let (path, unfinished) = (folder.join(STATE_FILE), folder.join(UNFINISHED_FILE));
        let failed = IoError::of("write", &path);
        fs::write(&unfinished, json(&path, self)?).map_err(failed)?;
        Ok(fs::rename(&unfinished, &path).map_err(failed)?)
    }
}

/// Whether the run in `folder`, as it is now, is on the server of `settings` with all its files.
#[must_use]
pub fn is_synced(folder: &Path, settings: &Settings) -> bool {
    let state = State::load(folder, settings.tracking_uri());
    let run = fs::read(folder.join(RUN_FILE)).ok();
    run.is_some_and(|run| state.sent == Some(Fingerprint::of(&run)))
}

/// What is written to `path` for `value`.
pub(super) fn json(path: &Path, value: &impl Serialize) -> Result<String, MlflowError> {
    let syntax = |source| MlflowError::Syntax {
        path: path.to_owned(),
        source,
    };
    let mut text = serde_json::to_string_pretty(value).map_err(syntax)?;
    text.push('\n');
    Ok(text)
}

/// The bytes of `path`; `None` when it does not exist.
pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, IoError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(IoError::of("read", path)(error)),
    }
}
