//! A run while it is at work.

use super::RunStore;
use super::folders::{LOCK_FILE, RUN_FILE, STARTING, text_of};
use crate::error::RegistryError;
use crate::run::{Run, RunStatus};
use hp_durable::{IoError, Lock, StagedFile, fill_folder, sync_folder};
use jiff::Timestamp;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::thread;

/// A run that is at work. Its folder has a lock that others can see until the process dies. Dropped
/// without being finished, the run is FAILED, and KILLED when that is since the program panicked.
#[derive(Debug)]
pub struct ActiveRun {
    /// What is known of it; [`ActiveRun::finish`] writes it down.
    pub run: Run,
    store: RunStore,
    lock: Option<Lock>,
}

/// A run that ended.
#[derive(Debug)]
pub struct Finished {
    /// The run.
    pub run: Run,
    /// What kept the index from learning of it. The run is recorded all the same.
    pub warning: Option<RegistryError>,
}

impl ActiveRun {
    pub(super) fn start(
        store: &RunStore,
        mut run: Run,
        files: &[(&str, &[u8])],
    ) -> Result<Self, RegistryError> {
        files.iter().try_for_each(|(name, _)| check_name(name))?;
        run.status = RunStatus::Running;
        store.folders.create()?;
        let folder = store.folder(run.id);
        let failed = IoError::of("create", &folder);
        if folder.symlink_metadata().is_ok() {
            return Err(failed(io::ErrorKind::AlreadyExists.into()).into());
        }
        // Whoever looks sees no run, or one that is whole and locked.
        let staged = store.folders.path().join(format!("{STARTING}{}", run.id));
        fs::create_dir(&staged).map_err(failed)?;
        let started = Lock::exclusive(&staged.join(LOCK_FILE))
            .map_err(RegistryError::from)
            .and_then(|lock| {
                let text = text_of(&folder, &run)?;
                let own = (RUN_FILE, text.as_slice());
                fill_folder(&staged, &folder, files.iter().copied().chain([own]))?;
                fs::rename(&staged, &folder).map_err(failed)?;
                sync_folder(store.folders.path())?;
                Ok(lock)
            });
        match started {
            Ok(lock) => Ok(Self {
                run,
                store: store.clone(),
                lock: Some(lock),
            }),
            Err(error) => {
                let _ = fs::remove_dir_all(&staged);
                Err(error)
            }
        }
    }

    /// The folder of the run.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.store.folder(self.run.id)
    }

    /// Keeps a file beside `run.json`, in the place of one of this name. Its name outlasts a power
    /// failure once the run is finished.
    ///
    /// # Errors
    /// The name is not a plain one or is taken by hp, or the file cannot be written.
    pub fn add_file(&self, name: &str, bytes: &[u8]) -> Result<(), RegistryError> {
        check_name(name)?;
        let path = self.folder().join(name);
        let mut staged = StagedFile::new(&path)?;
        staged
            .write_all(bytes)
            .map_err(IoError::of("write", &path))?;
        Ok(staged.rename()?)
    }

    /// Ends the run and writes down everything that is known of it.
    ///
    /// # Errors
    /// `run.json` cannot be written; others then see the run as KILLED.
    pub fn finish(
        mut self,
        status: RunStatus,
        ended_at: Timestamp,
    ) -> Result<Finished, RegistryError> {
        self.run.ended_at = Some(ended_at);
        let warning = self.end(status)?;
        let run = self.run.clone();
        Ok(Finished { run, warning })
    }

    fn end(&mut self, status: RunStatus) -> Result<Option<RegistryError>, RegistryError> {
        // Given back only when the last word is written.
        let lock = self.lock.take();
        self.run.status = status;
        self.store.folders.write(&self.run)?;
        let _ = fs::remove_file(self.folder().join(LOCK_FILE));
        drop(lock);
        Ok(self.store.note(&self.run).err())
    }
}

impl Drop for ActiveRun {
    fn drop(&mut self) {
        if self.lock.is_none() {
            return;
        }
        let (status, reason) = if thread::panicking() {
            (RunStatus::Killed, "the program panicked")
        } else {
            (RunStatus::Failed, "it ended without a result")
        };
        self.run.failure.get_or_insert_with(|| reason.to_owned());
        if let Err(error) = self.end(status) {
            tracing::warn!(run = %self.run.id, %error, "the end of a run is not recorded");
        }
    }
}

/// Checks that `name` is that of a file in the folder which is not hp's own.
fn check_name(name: &str) -> Result<(), RegistryError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let allowed = !name.is_empty()
        && name.len() <= 100
        && !name.starts_with('.')
        && name.chars().all(plain)
        && name != RUN_FILE;
    if allowed {
        return Ok(());
    }
    let name = name.chars().take(60).collect();
    Err(RegistryError::FileName { name })
}
