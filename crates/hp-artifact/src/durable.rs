//! Writing so that a kill or a power failure leaves the old or the new state, never a mixture.

use crate::error::ArtifactError;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::{Builder, TempDir};

/// How the name of an unfinished version folder begins.
const STAGED_FOLDER: &str = ".hp-version-";

/// How the name of an unfinished file begins.
const STAGED_FILE: &str = ".hp-file-";

/// How the name of a version folder begins while its successor takes its place.
const SET_ASIDE: &str = ".hp-replaced-";

/// Writes `bytes` to `path`, which another process sees as it was or as it becomes.
///
/// # Errors
/// When the disk refuses; `path` is then as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ArtifactError> {
    publish_file(path, |file, _| {
        file.write_all(bytes)
            .map_err(ArtifactError::io(path, "write"))
    })
}

/// Makes a hidden folder in `parent` that is removed unless it is renamed.
pub(crate) fn staging_folder(parent: &Path) -> Result<TempDir, ArtifactError> {
    let staged = Builder::new().prefix(STAGED_FOLDER).tempdir_in(parent);
    staged.map_err(ArtifactError::io(parent, "create a folder in"))
}

/// Clears away what killed writers left in `parent`, and brings back a folder that one of them had
/// set aside. The caller must hold the lock of all writers of folders.
pub(crate) fn recover(parent: &Path) -> Result<(), ArtifactError> {
    for (name, path) in hidden(parent)? {
        let target = name.strip_prefix(SET_ASIDE).map(|name| parent.join(name));
        match target {
            Some(target) if target.symlink_metadata().is_err() => {
                fs::rename(&path, &target).map_err(ArtifactError::io(&target, "restore"))?;
            }
            None if !name.starts_with(STAGED_FOLDER) => {}
            _ => fs::remove_dir_all(&path).map_err(ArtifactError::io(&path, "remove"))?,
        }
    }
    Ok(())
}

/// Writes new files into `folder` and waits until they are on disk.
pub(crate) fn fill_folder<'a>(
    folder: &Path,
    files: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<(), ArtifactError> {
    let mut written = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        let mut file = File::create_new(&path).map_err(ArtifactError::io(&path, "create"))?;
        file.write_all(bytes)
            .map_err(ArtifactError::io(&path, "write"))?;
        written.push((path, file));
    }
    // Only now, so that the first call takes the blocks of all of them along.
    for (path, file) in written {
        file.sync_all().map_err(ArtifactError::io(&path, "write"))?;
    }
    sync_folder(folder)
}

/// Writes `path` as a whole: the bytes that `write` produces appear there at once or not at all.
pub(crate) fn publish_file(
    path: &Path,
    write: impl FnOnce(&mut File, &Path) -> Result<(), ArtifactError>,
) -> Result<(), ArtifactError> {
    let folder = folder_of(path);
    remove_abandoned_files(folder)?;
    let mut builder = Builder::new();
    builder.prefix(STAGED_FILE);
    // The builder's own default would keep other users out of the finished file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let staged = builder.tempfile_in(folder);
    let mut staged = staged.map_err(ArtifactError::io(folder, "create a file in"))?;
    // Tells others that this one is not abandoned.
    staged
        .as_file()
        .lock()
        .map_err(ArtifactError::io(path, "lock"))?;
    let staged_path = staged.path().to_owned();
    write(staged.as_file_mut(), &staged_path)?;
    staged
        .as_file()
        .sync_all()
        .map_err(ArtifactError::io(path, "write"))?;
    let renamed = staged.persist(path).map_err(|error| error.error);
    renamed.map_err(ArtifactError::io(path, "write"))?;
    sync_folder(folder)
}

/// Puts the folder `staged` in the place of `target`, which may exist.
pub(crate) fn publish_folder(staged: TempDir, target: &Path) -> Result<(), ArtifactError> {
    let failed = |action| ArtifactError::io(target, action);
    if target.symlink_metadata().is_ok() {
        // What was at `target` ends in `staged`, which is removed on return.
        swap(staged.path(), target).map_err(failed("replace"))?;
    } else {
        fs::rename(staged.path(), target).map_err(failed("create"))?;
        // The folder is finished and no longer there.
        let _ = staged.keep();
    }
    sync_folder(folder_of(target))
}

/// Exchanges two folders, at once where the system can.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn swap(staged: &Path, target: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, staged, CWD, target, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => swap_in_steps(staged, target),
        done => Ok(done?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn swap(staged: &Path, target: &Path) -> std::io::Result<()> {
    swap_in_steps(staged, target)
}

/// Exchanges two folders with three renames. A kill after the first leaves the old folder under
/// the name that [`recover`] looks for.
fn swap_in_steps(staged: &Path, target: &Path) -> std::io::Result<()> {
    let aside = set_aside(target);
    fs::rename(target, &aside)?;
    if let Err(error) = fs::rename(staged, target) {
        fs::rename(&aside, target)?;
        return Err(error);
    }
    fs::rename(&aside, staged)
}

fn set_aside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default();
    let mut aside = std::ffi::OsString::from(SET_ASIDE);
    aside.push(name);
    folder_of(target).join(aside)
}

/// Removes staged files whose writer no longer lives, and so no longer locks them.
fn remove_abandoned_files(folder: &Path) -> Result<(), ArtifactError> {
    for (name, path) in hidden(folder)? {
        let abandoned = |file: File| file.try_lock().is_ok();
        if name.starts_with(STAGED_FILE) && File::open(&path).is_ok_and(abandoned) {
            fs::remove_file(&path).map_err(ArtifactError::io(&path, "remove"))?;
        }
    }
    Ok(())
}

/// Names and paths in `folder` that writers of this module may have made.
fn hidden(folder: &Path) -> Result<Vec<(String, PathBuf)>, ArtifactError> {
    let failed = || ArtifactError::io(folder, "read");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        if let Ok(name) = entry.file_name().into_string()
            && name.starts_with('.')
        {
            found.push((name, entry.path()));
        }
    }
    Ok(found)
}

/// The folder that `path` is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Waits until the names in `folder` are on disk.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> Result<(), ArtifactError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(ArtifactError::io(folder, "write"))
}

/// Other systems keep no handle to a folder that could be synced.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> Result<(), ArtifactError> {
    Ok(())
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
