//! Locks between processes.

use crate::error::{IoError, unless_unsupported};
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// Keeps other processes away until it is dropped or the process dies. On a file system without
/// locks it keeps nobody away.
#[derive(Debug)]
pub struct Lock {
    _file: Option<File>,
}

impl Lock {
    /// Waits until nobody else holds the lock `path`, a file that is made when it does not exist.
    ///
    /// # Errors
    /// The file cannot be made or locked.
    pub fn exclusive(path: &Path) -> Result<Self, IoError> {
        let failed = IoError::of("lock", path);
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        let file = options.open(path).map_err(failed)?;
        unless_unsupported(file.lock()).map_err(failed)?;
        Ok(Self { _file: Some(file) })
    }

    /// Waits until nobody holds the lock `path` exclusively. Where its file cannot be opened there
    /// is no writer, and nothing is locked.
    ///
    /// # Errors
    /// The file cannot be locked.
    pub fn shared(path: &Path) -> Result<Self, IoError> {
        let file = File::open(path).ok();
        if let Some(file) = &file {
            unless_unsupported(file.lock_shared()).map_err(IoError::of("lock", path))?;
        }
        Ok(Self { _file: file })
    }

    /// Whether somebody holds the lock `path` exclusively, without waiting. Where there is no file
    /// or no locks nobody does.
    ///
    /// # Errors
    /// The file cannot be opened or asked.
    pub fn is_held(path: &Path) -> Result<bool, IoError> {
        let failed = IoError::of("lock", path);
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            file => file.map_err(failed)?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => {
                unless_unsupported(Err(error)).map_err(failed)?;
                Ok(false)
            }
        }
    }
}
