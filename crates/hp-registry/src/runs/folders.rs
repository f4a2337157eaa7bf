//! The folders of the runs on disk, which may have been copied in from anywhere.

use crate::error::RegistryError;
use crate::json_file::{self, Limits};
use crate::run::{FORMAT_VERSION, Run, RunId, RunStatus};
use hp_durable::{IoError, Lock, write_file};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file that says all about the run.
pub(super) const RUN_FILE: &str = "run.json";

/// The file that the process of the run keeps locked.
pub(super) const LOCK_FILE: &str = ".lock";

/// How the name of a folder begins before its run starts.
pub(super) const STARTING: &str = ".hp-starting-";

/// A run of many methods has some tens of kilobytes.
const LIMITS: Limits = Limits {
    bytes: 4 << 20,
    format: FORMAT_VERSION,
};

/// The folder of all run folders.
#[derive(Debug, Clone)]
pub(super) struct RunFolders {
    path: PathBuf,
}

/// What lies in it.
pub(super) struct Found {
    /// The runs by the names of their folders; whether they are sound is not known yet.
    pub(super) ids: BTreeSet<RunId>,
    /// Folders with other names.
    pub(super) strays: Vec<RegistryError>,
}

impl RunFolders {
    pub(super) fn new(artifacts: &Path) -> Self {
        let path = artifacts.join("runs");
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn of(&self, id: RunId) -> PathBuf {
        self.path.join(id.to_string())
    }

    pub(super) fn create(&self) -> Result<(), RegistryError> {
        let created = fs::create_dir_all(&self.path);
        Ok(created.map_err(IoError::of("create", &self.path))?)
    }

    /// Looks at the names in the folder; hidden ones and files mean nothing.
    pub(super) fn scan(&self) -> Result<Found, RegistryError> {
        let failed = IoError::of("read", &self.path);
        let mut found = Found {
            ids: BTreeSet::new(),
            strays: Vec::new(),
        };
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let id = name.parse::<RunId>().ok();
            if let Some(id) = id.filter(|id| id.to_string() == name) {
                found.ids.insert(id);
            } else if !name.starts_with('.') && entry.path().is_dir() {
                found.strays.push(RegistryError::NotRun {
                    path: entry.path(),
                    problem: "its name is no id",
                });
            }
        }
        Ok(found)
    }

    /// The run `id` as it stands; `None` when it has no folder.
    pub(super) fn read(&self, id: RunId) -> Result<Option<Run>, RegistryError> {
        let Some(run) = self.written(id)? else {
            return Ok(None);
        };
        if run.status != RunStatus::Running || self.lives(id)? {
            return Ok(Some(run));
        }
        // It may have ended between the two looks.
        let again = self.written(id)?;
        Ok(again.map(|mut run| {
            if run.status == RunStatus::Running {
                run.status = RunStatus::Killed;
                let reason = || "its process is gone".to_owned();
                run.failure.get_or_insert_with(reason);
            }
            run
        }))
    }

    /// The runs of `ids`, and what keeps others from being read. A folder that vanished meanwhile is
    /// neither.
    pub(super) fn read_all(&self, ids: &BTreeSet<RunId>) -> (Vec<Run>, Vec<RegistryError>) {
        let (mut runs, mut damaged) = (Vec::new(), Vec::new());
        for &id in ids {
            match self.read(id) {
                Ok(run) => runs.extend(run),
                Err(error) => damaged.push(error),
            }
        }
        (runs, damaged)
    }

    /// Writes down that the run `id` was KILLED, if it says RUNNING and its process is gone. Gives
    /// the run as it is then, unless it is at work.
    pub(super) fn bury(&self, id: RunId) -> Result<Option<Run>, RegistryError> {
        let Some(run) = self.read(id)? else {
            return Ok(None);
        };
        if run.status == RunStatus::Killed {
            let written = self.written(id)?;
            if written.is_some_and(|run| run.status == RunStatus::Running) {
                self.write(&run)?;
            }
        }
        Ok((run.status != RunStatus::Running).then_some(run))
    }

    /// Writes the `run.json` of a run that has its folder.
    pub(super) fn write(&self, run: &Run) -> Result<(), RegistryError> {
        let folder = self.of(run.id);
        Ok(write_file(&folder.join(RUN_FILE), &text_of(&folder, run)?)?)
    }

    /// Whether the process of the run is at work.
    fn lives(&self, id: RunId) -> Result<bool, RegistryError> {
        Ok(Lock::is_held(&self.of(id).join(LOCK_FILE))?)
    }

    /// The run `id` as `run.json` has it; `None` when it has no folder.
    fn written(&self, id: RunId) -> Result<Option<Run>, RegistryError> {
        let folder = self.of(id);
        let found = match fs::symlink_metadata(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found.map_err(IoError::of("read", &folder))?,
        };
        if !found.is_dir() {
            return Err(RegistryError::NotRun {
                path: folder,
                problem: "it is a file or a symlink",
            });
        }
        let path = folder.join(RUN_FILE);
        let Some(run) = json_file::read::<Run>(&path, LIMITS)? else {
            // It may have been removed since the look at the folder.
            if folder.symlink_metadata().is_err() {
                return Ok(None);
            }
            return Err(RegistryError::NotRun {
                path: folder,
                problem: "there is no `run.json`",
            });
        };
        if run.id != id {
            let found = run.id;
            return Err(RegistryError::OtherRun { path, found });
        }
        Ok(Some(run))
    }
}

/// The text of the `run.json` in `folder`, without the numbers that JSON does not know.
pub(super) fn text_of(folder: &Path, run: &Run) -> Result<Vec<u8>, RegistryError> {
    json_file::text(&folder.join(RUN_FILE), &finite(run), LIMITS)
}

/// `run` without numbers that are infinite or none at all: written as JSON they could not be read.
fn finite(run: &Run) -> Run {
    let mut run = run.clone();
    run.metrics.retain(|_, value| value.is_finite());
    run.timings.retain(|_, value| value.is_finite());
    for method in &mut run.methods {
        method.metrics.retain(|_, value| value.is_finite());
        method.fit_seconds = method.fit_seconds.filter(|value| value.is_finite());
        let scores = method.cross_validation.take();
        method.cross_validation = scores.filter(|scores| {
            scores.mean.is_finite() && scores.scores.iter().all(|score| score.is_finite())
        });
    }
    run
}
