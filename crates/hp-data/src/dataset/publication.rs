//! Replacing several files at once. They are written to `.<name>.staging`, which is renamed to
//! `.<name>.ready`: from then on the new set counts. Its files then move to their places. Whoever
//! takes the lock next finishes what was interrupted.

use crate::error::DataError;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The publication of the files called `<name>.…` in a folder.
#[derive(Clone, Copy)]
pub(super) struct Publication<'a> {
    pub(super) folder: &'a Path,
    pub(super) name: &'a str,
}

/// Keeps other processes away from the files until it is dropped.
pub(super) struct Lock {
    _file: Option<File>,
}

impl Publication<'_> {
    /// Replaces `files`, given as name and content.
    pub(super) fn publish(&self, files: &[(String, Vec<u8>)]) -> Result<(), DataError> {
        fs::create_dir_all(self.folder).map_err(DataError::io("create", self.folder))?;
        let _lock = self.lock()?;
        self.recover()?;
        self.stage(files).inspect_err(|_| {
            // The first error is the one to report.
            let _ = fs::remove_dir_all(self.staging());
        })?;
        let ready = self.ready();
        fs::rename(self.staging(), &ready).map_err(DataError::io("write", &ready))?;
        sync_folder(self.folder)?;
        self.recover()
    }

    /// Waits for a writer to finish, and finishes for one that could not.
    pub(super) fn lock_for_reading(&self) -> Result<Lock, DataError> {
        if self.is_interrupted() {
            return self.lock_and_recover();
        }
        // Where nothing can be written there may be no lock, and no writer either.
        let path = self.lock_path();
        let file = File::open(&path).ok();
        if let Some(file) = &file {
            unless_unsupported(file.lock_shared()).map_err(DataError::io("lock", &path))?;
        }
        if self.is_interrupted() {
            // A writer was stopped between the question and the lock.
            drop(file);
            return self.lock_and_recover();
        }
        Ok(Lock { _file: file })
    }

    fn lock_and_recover(&self) -> Result<Lock, DataError> {
        let lock = self.lock().and_then(|lock| self.recover().map(|()| lock));
        match lock {
            // The old set is whole, wherever the new one could not be removed.
            Err(_) if !self.ready().exists() => Ok(Lock { _file: None }),
            lock => lock,
        }
    }

    fn is_interrupted(&self) -> bool {
        self.ready().exists() || self.staging().exists()
    }

    fn lock(&self) -> Result<Lock, DataError> {
        let path = self.lock_path();
        let failed = DataError::io("lock", &path);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(&failed)?;
        unless_unsupported(file.lock()).map_err(&failed)?;
        Ok(Lock { _file: Some(file) })
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

    fn stage(&self, files: &[(String, Vec<u8>)]) -> Result<(), DataError> {
        let staging = self.staging();
        fs::create_dir(&staging).map_err(DataError::io("create", &staging))?;
        for (name, content) in files {
            let path = staging.join(name);
            write_synced(&path, content)
                .map_err(DataError::io("write", &self.folder.join(name)))?;
        }
        sync_folder(&staging)
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

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> Result<(), DataError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    unless_unsupported(synced).map_err(DataError::io("write", folder))
}

/// Some file systems know neither locks nor the syncing of folders; they are used without.
fn unless_unsupported(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}
