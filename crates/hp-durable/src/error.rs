//! What the operating system refused.

use std::io;
use std::path::{Path, PathBuf};

/// The operating system refused something.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`", path.display())]
pub struct IoError {
    /// What was tried: "read".
    pub action: &'static str,
    /// Where.
    pub path: PathBuf,
    /// Why not.
    pub source: io::Error,
}

impl IoError {
    /// Makes a function that adds action and path to an error.
    pub fn of<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl Fn(io::Error) -> Self + Copy + use<'a> {
        move |source| Self {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// What to do about it, when there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self.source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Some("make room on the disk; nothing was overwritten"),
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Some("choose a place you may read and write, or change its permissions")
            }
            io::ErrorKind::NotFound => Some("check the path"),
            io::ErrorKind::NotADirectory => Some("choose another place"),
            io::ErrorKind::IsADirectory => Some("name a file, not a folder"),
            _ => None,
        }
    }
}

/// Some file systems know neither locks nor the syncing of folders; they are used without.
pub(crate) fn unless_unsupported(result: io::Result<()>) -> io::Result<()> {
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
