//! What lies in a folder, and whether it is on disk.

use crate::error::{IoError, unless_unsupported};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Writes new files, given as name and content, into `folder` and waits until they are on disk.
/// Errors speak of `target`, where the folder is going to be.
///
/// # Errors
/// A file cannot be written.
pub fn fill_folder(
    folder: &Path,
    target: &Path,
    files: impl IntoIterator<Item = (impl AsRef<Path>, impl Read)>,
) -> Result<(), IoError> {
    let mut written = Vec::new();
    for (name, mut content) in files {
        let path = target.join(&name);
        let copied = File::create_new(folder.join(&name))
            .and_then(|mut file| io::copy(&mut content, &mut file).map(|_| file));
        let file = copied.map_err(IoError::of("write", &path))?;
        written.push((path, file));
    }
    // Only now, so that the first call takes the blocks of all of them along.
    for (path, file) in written {
        file.sync_all().map_err(IoError::of("write", &path))?;
    }
    sync_folder(folder)
}

/// Waits until the names in `folder` are on disk.
///
/// # Errors
/// The folder cannot be opened or written.
pub fn sync_folder(folder: &Path) -> Result<(), IoError> {
    // Other systems keep no handle to a folder that could be synced.
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        unless_unsupported(synced).map_err(IoError::of("write", folder))?;
    }
    Ok(())
}

/// The folder that `path` is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// What lies in `folder` under a name with this `prefix`: the rest of the name, and the path.
pub(crate) fn with_prefix(folder: &Path, prefix: &str) -> Result<Vec<(String, PathBuf)>, IoError> {
    let failed = IoError::of("read", folder);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(prefix)) {
            found.push((rest.to_owned(), entry.path()));
        }
    }
    Ok(found)
}
