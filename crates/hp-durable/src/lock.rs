//! Locks between processes.

use crate::error::{IoError, unless_unsupported};
use std::fs::File;
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
}
