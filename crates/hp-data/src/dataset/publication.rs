//! Replacing several files at once. They are written to `.<name>.staging`, which is renamed to
//! `.<name>.ready`: from then on the new set counts. Its files then move to their places. Whoever
//! takes the lock next finishes what was interrupted.

use crate::error::DataError;
use hp_durable::{Lock, fill_folder, sync_folder};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The publication of the files called `<name>.…` in a folder.
#[derive(Clone, Copy)]
pub(super) struct Publication<'a> {
    pub(super) folder: &'a Path,
    pub(super) name: &'a str,
}

impl Publication<'_> {
    /// Replaces `files`, given as name and content, if `check` allows it once no other process
    /// can get in between.
    pub(super) fn publish(
        &self,
        files: [(String, &mut dyn Read); 3],
        check: &dyn Fn() -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        fs::create_dir_all(self.folder).map_err(DataError::io("create", self.folder))?;
        let _lock = self.lock_and_recover()?;
        check()?;
        self.stage(files).inspect_err(|_| {
            // The first error is the one to report.
            let _ = fs::remove_dir_all(self.staging());
        })?;
        let ready = self.ready();
        fs::rename(self.staging(), &ready).map_err(DataError::io("write", &ready))?;
        sync_folder(self.folder)?;
        self.recover()
    }

    /// Waits for a writer to finish, and finishes for one that could not. There is no lock where
    /// nothing can be written.
    pub(super) fn lock_for_reading(&self) -> Result<Option<Lock>, DataError> {
        if !self.is_interrupted() {
            let lock = Lock::shared(&self.lock_path())?;
            // A writer may have been stopped between the question and the lock.
            if !self.is_interrupted() {
                return Ok(Some(lock));
            }
        }
        match self.lock_and_recover() {
            // The old set is whole, wherever the new one could not be removed.
            Err(_) if !self.ready().exists() => Ok(None),
            lock => lock.map(Some),
        }
    }

    fn lock_and_recover(&self) -> Result<Lock, DataError> {
        let lock = Lock::exclusive(&self.lock_path())?;
        self.recover()?;
        Ok(lock)
    }

    fn is_interrupted(&self) -> bool {
        self.ready().exists() || self.staging().exists()
    }

    /// Moves the files of a complete set into place and removes those of an incomplete one. The
    /// lock must be held.
    fn recover(&self) -> Result<(), DataError> {
        let ready = self.ready();
        if ready.exists() {
            let failed = DataError::io("write", self.folder);
            for entry in fs::read_dir(&ready).map_err(&failed)? {
                let entry = entry.map_err(&failed)?;
                let target = self.folder.join(entry.file_name());
                fs::rename(entry.path(), &target).map_err(DataError::io("write", &target))?;
            }
            sync_folder(self.folder)?;
            fs::remove_dir(&ready).map_err(DataError::io("remove", &ready))?;
        }
        let staging = self.staging();
        match fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(DataError::io("remove", &staging)(error))
            }
            _ => Ok(()),
        }
    }

    fn stage(&self, files: [(String, &mut dyn Read); 3]) -> Result<(), DataError> {
        let staging = self.staging();
        fs::create_dir(&staging).map_err(DataError::io("create", &staging))?;
        Ok(fill_folder(&staging, self.folder, files)?)
    }

    fn staging(&self) -> PathBuf {
        self.folder.join(format!(".{}.staging", self.name))
    }

    fn ready(&self) -> PathBuf {
        self.folder.join(format!(".{}.ready", self.name))
    }

    fn lock_path(&self) -> PathBuf {
        self.folder.join(format!(".{}.lock", self.name))
    }
}
