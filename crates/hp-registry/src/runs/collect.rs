//! Removing old runs.

use super::RunStore;
use super::folders::{LOCK_FILE, STARTING};
use super::index::Index;
use crate::aliases::Aliases;
use crate::error::RegistryError;
use crate::run::{Run, RunId, RunStatus};
use hp_artifact::{MANIFEST_FILE, version_path};
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use hp_durable::{IoError, Lock, sync_folder};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

/// How the name of a folder begins while it is removed.
const REMOVED: &str = ".hp-removed-";

/// Which runs to remove: those that meet every rule that is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GcPolicy {
    /// Not the newest ones, as many as this.
    pub keep_last: Option<usize>,
    /// Only those that began before this.
    pub older_than: Option<Timestamp>,
}

/// A run that was removed, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Its id.
    pub id: RunId,
    /// How it stood.
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// The version that it was to make.
    pub model_version: ModelVersion,
    /// The length of its files in bytes.
    pub bytes: u64,
}

/// What became of the runs that a policy names.
#[derive(Debug, Default)]
pub struct Collected {
    /// The runs that were removed, or would be, newest first.
    pub removed: Vec<Removed>,
    /// The folders that hold no run, and why; nothing was done to them.
    pub damaged: Vec<RegistryError>,
}

impl RunStore {
    /// Removes the runs that `policy` names, or only tells them in a `dry_run`. What stays in any
    /// case: a run that is at work, one that wrote a version which is there, every finished run of a
    /// version that an alias means or would mean after rollbacks, and a folder that is damaged.
    ///
    /// # Errors
    /// No rule is given; the runs or the aliases cannot be read; or a folder cannot be removed: the
    /// runs before it are gone then.
    pub fn collect(&self, policy: &GcPolicy, dry_run: bool) -> Result<Collected, RegistryError> {
        if policy == &GcPolicy::default() {
            return Err(RegistryError::NoPolicy);
        }
        let mut needed = Needed {
            artifacts: &self.artifacts,
            aliases: Aliases::load(&self.artifacts)?,
            manifests: HashMap::new(),
        };
        let found = self.folders.scan()?;
        let (runs, unreadable) = self.folders.read_all(&found.ids);
        let mut damaged = found.strays;
        damaged.extend(unreadable);
        let newest_first = runs.iter().rev().skip(policy.keep_last.unwrap_or(0));
        let mut removed = Vec::new();
        for run in newest_first {
            let is_old = policy.older_than.is_none_or(|limit| run.started_at < limit);
            if is_old && run.status != RunStatus::Running && !needed.keeps(run) {
                removed.push(Removed {
                    id: run.id,
                    status: run.status,
                    started_at: run.started_at,
                    model_version: run.model_version,
                    bytes: length(&self.folder(run.id))?,
                });
            }
        }
        if !dry_run {
            self.remove(&removed)?;
        }
        Ok(Collected { removed, damaged })
    }

    fn remove(&self, removed: &[Removed]) -> Result<(), RegistryError> {
        let runs = self.folders.path();
        for run in removed {
            // Set aside first, so that whoever looks sees the run whole or not at all.
            let folder = self.folder(run.id);
            let aside = runs.join(format!("{REMOVED}{}", run.id));
            fs::rename(&folder, aside).map_err(IoError::of("remove", &folder))?;
        }
        if !removed.is_empty() {
            sync_folder(runs)?;
            let ids: Vec<_> = removed.iter().map(|run| run.id).collect();
            // The next list notices what an index that cannot be written still has.
            if let Err(error) = self.forget(&ids) {
                tracing::debug!(%error, "runs that were removed stay in the index");
            }
        }
        self.clear_aside()
    }

    fn forget(&self, ids: &[RunId]) -> Result<(), RegistryError> {
        let _lock = self.lock_index()?;
        match Index::open(&self.index_path())? {
            Some(mut index) => index.change(&[], ids),
            None => Ok(()),
        }
    }

    /// Removes what was set aside, also by those that were killed, and runs that were killed
    /// before they started.
    fn clear_aside(&self) -> Result<(), RegistryError> {
        let runs = self.folders.path();
        let failed = IoError::of("read", runs);
        let entries = match fs::read_dir(runs) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let (name, path) = (entry.file_name(), entry.path());
            let begins = |beginning| name.to_string_lossy().starts_with(beginning);
            let abandoned = begins(STARTING) && !Lock::is_held(&path.join(LOCK_FILE))?;
            if begins(REMOVED) || abandoned {
                match fs::remove_dir_all(&path) {
                    // Another process may be clearing as well.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    cleared => cleared.map_err(IoError::of("remove", &path))?,
                }
            }
        }
        Ok(())
    }
}

/// Which runs versions and aliases need.
struct Needed<'a> {
    artifacts: &'a Path,
    aliases: Aliases,
    /// The digests of the manifests that are there.
    manifests: HashMap<ModelVersion, Manifest>,
}

/// The manifest of a version.
#[derive(Clone, Copy)]
enum Manifest {
    /// The version is not there.
    None,
    /// It is, but cannot be read.
    Unreadable,
    /// It is there and has this digest.
    Digest(Fingerprint),
}

impl Needed<'_> {
    fn keeps(&mut self, run: &Run) -> bool {
        let version = run.model_version;
        // An alias was moved for what one of them made, though another replaced it since.
        if run.status == RunStatus::Finished && self.aliases.lead_to(version) {
            return true;
        }
        let Some(wrote) = &run.artifact else {
            return false;
        };
        let artifacts = self.artifacts;
        let manifests = self.manifests.entry(version);
        match manifests.or_insert_with(|| Manifest::of(artifacts, version)) {
            Manifest::Digest(digest) => *digest == wrote.manifest_sha256,
            Manifest::Unreadable => true,
            Manifest::None => false,
        }
    }
}

impl Manifest {
    fn of(artifacts: &Path, version: ModelVersion) -> Self {
        let folder = version_path(artifacts, version);
        if folder.symlink_metadata().is_err() {
            return Self::None;
        }
        let bytes = fs::read(folder.join(MANIFEST_FILE));
        bytes.map_or(Self::Unreadable, |bytes| {
            Self::Digest(Fingerprint::of(&bytes))
        })
    }
}

/// The length of all files in `folder` in bytes; what symlinks lead to does not count.
fn length(folder: &Path) -> Result<u64, RegistryError> {
    let failed = IoError::of("read", folder);
    let mut bytes = 0;
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let found = entry.metadata().map_err(failed)?;
            if found.is_dir() {
                open.push(entry.path());
            } else if found.is_file() {
                bytes += found.len();
            }
        }
    }
    Ok(bytes)
}
