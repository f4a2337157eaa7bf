//! One folder that appears whole or not at all.

use crate::error::IoError;
use crate::folder::{fill_folder, folder_of, sync_folder, with_prefix};
use crate::lock::Lock;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tempfile::{Builder, TempDir};

/// How the name of an unfinished folder begins.
const PREFIX: &str = ".hp-version-";

/// How the name of a folder begins while its successor takes its place.
const SET_ASIDE: &str = ".hp-replaced-";

/// The name of the file that writers lock.
const LOCK_FILE: &str = ".lock";

/// A folder that is filled beside its target and takes its place when it is committed. Dropped
/// without that, it vanishes. While it lives, other writers of folders beside it wait.
#[derive(Debug)]
pub struct StagedFolder {
    folder: TempDir,
    target: PathBuf,
    // Last, so that it outlives the folder.
    _lock: Lock,
}

impl StagedFolder {
    /// Begins a folder that is going to be at `target`, whose parent is made when it does not
    /// exist. Waits for other writers there, clears away what killed ones left, and brings back a
    /// folder that one of them had set aside.
    ///
    /// # Errors
    /// The parent cannot be made, locked or written.
    pub fn new(target: &Path) -> Result<Self, IoError> {
        let parent = folder_of(target);
        fs::create_dir_all(parent).map_err(IoError::of("create", parent))?;
        let lock = Lock::exclusive(&parent.join(LOCK_FILE))?;
        recover(parent)?;
        let folder = Builder::new().prefix(PREFIX).tempdir_in(parent);
        Ok(Self {
            folder: folder.map_err(IoError::of("create", target))?,
            target: target.to_owned(),
            _lock: lock,
        })
    }

    /// Adds new files, given as name and content.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn fill(
        &self,
        files: impl IntoIterator<Item = (impl AsRef<Path>, impl Read)>,
    ) -> Result<(), IoError> {
        fill_folder(self.folder.path(), &self.target, files)
    }

    /// Puts the folder in the place of its target, which may exist.
    ///
    /// # Errors
    /// The folder cannot be renamed; the target is then as it was. Or the parent cannot be synced:
    /// the new folder is in place, but may not outlast a power failure.
    pub fn commit(self) -> Result<(), IoError> {
        let target = &self.target;
        if target.symlink_metadata().is_ok() {
            // What was at `target` ends in `self.folder`, which is removed on return.
            swap(self.folder.path(), target).map_err(IoError::of("replace", target))?;
        } else {
            fs::rename(self.folder.path(), target).map_err(IoError::of("create", target))?;
            // The folder is finished and no longer there.
            let _ = self.folder.keep();
        }
        sync_folder(folder_of(target))
    }
}

/// Clears away what killed writers left in `parent`, and brings back what they had set aside. The
/// lock must be held.
fn recover(parent: &Path) -> Result<(), IoError> {
    let mut leftovers = with_prefix(parent, PREFIX)?;
    for (name, path) in with_prefix(parent, SET_ASIDE)? {
        let target = parent.join(&name);
        if target.symlink_metadata().is_ok() {
            leftovers.push((name, path));
        } else {
            fs::rename(path, &target).map_err(IoError::of("restore", &target))?;
        }
    }
    for (_, path) in leftovers {
        fs::remove_dir_all(&path).map_err(IoError::of("remove", &path))?;
    }
    Ok(())
}

/// Exchanges two folders, at once where the system can.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn swap(staged: &Path, target: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, staged, CWD, target, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => swap_in_steps(staged, target),
        done => Ok(done?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn swap(staged: &Path, target: &Path) -> io::Result<()> {
    swap_in_steps(staged, target)
}

/// Exchanges two folders with three renames. A kill after the first leaves the old folder under
/// the name that [`recover`] looks for.
fn swap_in_steps(staged: &Path, target: &Path) -> io::Result<()> {
    let aside = set_aside(target);
    fs::rename(target, &aside)?;
    if let Err(error) = fs::rename(staged, target) {
        fs::rename(&aside, target)?;
        return Err(error);
    }
    fs::rename(&aside, staged)
}

fn set_aside(target: &Path) -> PathBuf {
    let mut aside = OsString::from(SET_ASIDE);
    aside.push(target.file_name().unwrap_or_default());
    folder_of(target).join(aside)
}

#[cfg(test)]
mod tests {
    use super::{recover, set_aside, swap_in_steps};
    use std::fs;
    use std::path::PathBuf;

    /// A folder with an old and a new folder in it, each holding a file of its name.
    fn two() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let parent = tempfile::tempdir().unwrap();
        let paths = ["old", "new"].map(|name| {
            let path = parent.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join(name), "").unwrap();
            path
        });
        let [old, new] = paths;
        (parent, old, new)
    }

    #[test]
    fn swaps_without_help_of_the_system() {
        let (parent, old, new) = two();
        swap_in_steps(&new, &old).unwrap();
        assert!(old.join("new").exists() && new.join("old").exists());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_swap_that_fails_changes_nothing() {
        let (parent, old, _) = two();
        swap_in_steps(&parent.path().join("none"), &old).unwrap_err();
        assert!(old.join("old").exists());
    }

    #[test]
    fn a_folder_set_aside_comes_back() {
        let (parent, old, _) = two();
        fs::rename(&old, set_aside(&old)).unwrap();
        recover(parent.path()).unwrap();
        assert!(old.join("old").exists());
    }
}
