//! `mlflow.json` beside the versions: which aliases the server was told, and which version here a
//! reference to the server meant last.

use super::error::MlflowError;
use super::state::{json, read_if_there};
use crate::reference::{Alias, RemoteReference};
use hp_artifact::{MANIFEST_FILE, version_path};
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use hp_durable::{Lock, write_file};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

const MEMORY_FILE: &str = "mlflow.json";
const LOCK_FILE: &str = ".mlflow.lock";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// The server that was told last.
    server: Option<String>,
    /// What it was told.
    aliases: BTreeMap<String, ModelVersion>,
    /// What was fetched, by reference.
    pulled: BTreeMap<String, Remembered>,
}

/// A version that was fetched.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Remembered {
    pub(super) version: ModelVersion,
    pub(super) manifest_sha256: Fingerprint,
    /// The number that the server gave it.
    pub(super) number: u64,
}

impl Memory {
    fn load(artifacts: &Path) -> Result<Self, MlflowError> {
        let path = artifacts.join(MEMORY_FILE);
        match read_if_there(&path)? {
            None => Ok(Self::default()),
            Some(bytes) => serde_json::from_slice(&bytes)
                .map_err(|source| MlflowError::Syntax { path, source }),
        }
    }

    fn change(artifacts: &Path, change: impl FnOnce(&mut Self)) -> Result<(), MlflowError> {
        std::fs::create_dir_all(artifacts).map_err(hp_durable::IoError::of("create", artifacts))?;
        let _lock = Lock::exclusive(&artifacts.join(LOCK_FILE))?;
        let mut memory = Self::load(artifacts)?;
        change(&mut memory);
        let path = artifacts.join(MEMORY_FILE);
        Ok(write_file(&path, json(&path, &memory)?.as_bytes())?)
    }

    /// Remembers that `server` was told what `alias` means.
    pub(super) fn told(
        artifacts: &Path,
        server: &str,
        (alias, version): (&Alias, ModelVersion),
    ) -> Result<(), MlflowError> {
        Self::change(artifacts, |memory| {
            if memory.server.as_deref() != Some(server) {
                memory.aliases.clear();
                memory.server = Some(server.to_owned());
            }
            memory.aliases.insert(alias.to_string(), version);
        })
    }

    /// The version that `server` was told last for `alias`.
    pub(super) fn last_told(artifacts: &Path, server: &str, alias: &Alias) -> Option<ModelVersion> {
        let memory = Self::load(artifacts).ok()?;
        let same = memory.server.as_deref() == Some(server);
        memory.aliases.get(alias.as_str()).copied().filter(|_| same)
    }

    pub(super) fn pulled(
        artifacts: &Path,
        reference: &RemoteReference,
        remembered: Remembered,
    ) -> Result<(), MlflowError> {
        Self::change(artifacts, |memory| {
            memory.pulled.insert(reference.to_string(), remembered);
        })
    }
}

/// The version below `artifacts` that `reference` meant when it was pulled last, if that version
/// is still there: what to use while the server is down.
#[must_use]
pub fn last_pulled(reference: &RemoteReference, artifacts: &Path) -> Option<ModelVersion> {
    let memory = Memory::load(artifacts).ok()?;
    let remembered = memory.pulled.get(&reference.to_string())?;
    let folder = version_path(artifacts, remembered.version);
    let manifest = std::fs::read(folder.join(MANIFEST_FILE)).ok()?;
    (Fingerprint::of(&manifest) == remembered.manifest_sha256).then_some(remembered.version)
}
