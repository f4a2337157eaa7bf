//! One file that appears whole or not at all.

use crate::error::{IoError, unless_unsupported};
use crate::folder::{folder_of, sync_folder, with_prefix};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, TempPath};

/// How the name of an unfinished file begins.
const PREFIX: &str = ".hp-file-";

/// A file that is written beside its target and takes its place when it is committed. Dropped
/// without that, it vanishes.
#[derive(Debug)]
pub struct StagedFile {
    file: File,
    path: TempPath,
    target: PathBuf,
}

/// Writes `bytes` to `path`, which another process sees as it was or as it becomes.
///
/// # Errors
/// See [`StagedFile::commit`].
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    let mut staged = StagedFile::new(path)?;
    staged
        .write_all(bytes)
        .map_err(IoError::of("write", path))?;
    staged.commit()
}

impl StagedFile {
    /// Begins a file that is going to be at `target`, with the permissions of any new file. Staged
    /// files whose writer was killed are removed from the folder.
    ///
    /// # Errors
    /// `target` is a folder, or no file can be made beside it.
    pub fn new(target: &Path) -> Result<Self, IoError> {
        let failed = IoError::of("write", target);
        if target.is_dir() {
            // Renaming would say so only after all the work.
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let folder = folder_of(target);
        remove_abandoned(folder);
        let mut builder = Builder::new();
        builder.prefix(PREFIX);
        // The builder's own default would keep other users out of the finished file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        loop {
            let staged = builder.tempfile_in(folder).map_err(failed)?;
            let (file, path) = staged.into_parts();
            // Tells others that it is not abandoned.
            unless_unsupported(file.lock()).map_err(failed)?;
            // One of them may have removed it before it was locked.
            if path.exists() {
                let target = target.to_owned();
                return Ok(Self { file, path, target });
            }
        }
    }

    /// Where the file is until it is committed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A second handle, for an encoder that wants to own the file it writes.
    ///
    /// # Errors
    /// The system has no more handles.
    pub fn handle(&self) -> Result<File, IoError> {
        let handle = self.file.try_clone();
        handle.map_err(IoError::of("write", &self.target))
    }

    /// Waits until the file is on disk and gives it its name, replacing a file that exists.
    ///
    /// # Errors
    /// The file cannot be written or renamed; the target is then as it was. Or the folder cannot be
    /// synced: the new file is in place, but may not outlast a power failure.
    pub fn commit(self) -> Result<(), IoError> {
        let target = self.target.clone();
        self.rename()?;
        sync_folder(folder_of(&target))
    }

    /// Does what [`commit`](Self::commit) does, but for the folder: until that is synced, a power
    /// failure may bring back the file that was replaced. For whoever must know which file is in
    /// place when the folder cannot be synced.
    ///
    /// # Errors
    /// The file cannot be written or renamed; the target is then as it was.
    pub fn rename(self) -> Result<(), IoError> {
        let failed = IoError::of("write", &self.target);
        self.file.sync_all().map_err(failed)?;
        let renamed = self.path.persist(&self.target);
        renamed.map_err(|error| failed(error.error))
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Removes staged files whose writer no longer lives, and so no longer locks them. It is no reason
/// to fail when one of another user stays.
fn remove_abandoned(folder: &Path) {
    for (_, path) in with_prefix(folder, PREFIX).unwrap_or_default() {
        let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
        // A lock over the network needs a file that may be written.
        if is_file
            && let Ok(file) = File::options().write(true).open(&path)
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(&path);
        }
    }
}
