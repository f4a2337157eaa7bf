//! Unpacking an archive in memory, as if someone hostile had made it.

use crate::container;
use crate::error::ArtifactError;
use crate::files;
use crate::manifest::is_plain;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// Most entries of an archive.
const MAX_ENTRIES: usize = 1000;

/// An archive may unpack to this, and to [`MAX_RATIO`] times its own length more.
const FREE_BYTES: u64 = 32 << 20;

/// Models compress two- to tenfold, a bomb thousandfold.
const MAX_RATIO: u64 = 256;

/// Largest power of two that the decoder may reserve for its window.
const MAX_WINDOW_LOG: u32 = 23;

/// How every zstd frame begins.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The regular files of the archive at `path` by name, their common folder left off.
///
/// # Errors
/// When it is no archive, is cut off or damaged, unpacks to too much, or holds anything but regular
/// files with plain, different names in one folder.
pub(crate) fn unpack(path: &Path) -> Result<BTreeMap<String, Vec<u8>>, ArtifactError> {
    let file = files::open_regular(path)?;
    let length = file
        .metadata()
        .map_err(ArtifactError::io(path, "read"))?
        .len();
    let failed = |source| ArtifactError::Archive {
        path: path.to_owned(),
        source,
    };
    let mut reader = BufReader::new(file);
    check_magic(path, &mut reader)?;
    let mut decoder = zstd::Decoder::with_buffer(reader).map_err(failed)?;
    decoder.window_log_max(MAX_WINDOW_LOG).map_err(failed)?;
    let limit = length.saturating_mul(MAX_RATIO).saturating_add(FREE_BYTES);
    let mut archive = tar::Archive::new(Capped {
        inner: decoder,
        left: limit.min(4 * container::MAX_BYTES),
    });
    let mut unpacked = Unpacked::default();
    for entry in archive.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        let kind = entry.header().entry_type();
        let name = entry.path_bytes().into_owned();
        let refused = |problem| ArtifactError::Entry {
            path: path.to_owned(),
            entry: name.escape_ascii().to_string(),
            problem,
        };
        if let Some(name) = unpacked.admit(kind, &name).map_err(refused)? {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(failed)?;
            unpacked.entries.insert(name, bytes);
        }
    }
    // A cut in the padding, or a wrong checksum of the stream, shows only at its very end.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(failed)?;
    Ok(unpacked.entries)
}

fn check_magic(path: &Path, reader: &mut BufReader<std::fs::File>) -> Result<(), ArtifactError> {
    use std::io::BufRead;
    let start = reader.fill_buf().map_err(ArtifactError::io(path, "read"))?;
    if start.starts_with(&ZSTD_MAGIC) {
        return Ok(());
    }
    Err(ArtifactError::Foreign {
        path: path.to_owned(),
    })
}

/// What was admitted so far.
#[derive(Default)]
struct Unpacked {
    /// The folder of all entries, known from the first.
    top: Option<String>,
    entries: BTreeMap<String, Vec<u8>>,
}

impl Unpacked {
    /// The name of the file that an entry called `name` makes; `None` for the folder itself. The
    /// error says why the entry is refused.
    fn admit(&mut self, kind: tar::EntryType, name: &[u8]) -> Result<Option<String>, &'static str> {
        if self.entries.len() == MAX_ENTRIES {
            return Err("more entries than an artifact has");
        }
        let name = std::str::from_utf8(name).map_err(|_| "a name that is not text")?;
        let name = name.strip_prefix("./").unwrap_or(name);
        match kind {
            tar::EntryType::Directory => {
                let folder = name.trim_end_matches('/');
                if !folder.is_empty() {
                    self.enter(folder)?;
                }
                return Ok(None);
            }
            tar::EntryType::Regular => {}
            tar::EntryType::Symlink | tar::EntryType::Link => return Err("a link"),
            _ => return Err("which is not a regular file"),
        }
        let (folder, name) = name.split_once('/').unwrap_or(("", name));
        self.enter(folder)?;
        if !is_plain(name) {
            return Err("a name that is not allowed");
        }
        if self.entries.contains_key(name) {
            return Err("which is there twice");
        }
        Ok(Some(name.to_owned()))
    }

    fn enter(&mut self, folder: &str) -> Result<(), &'static str> {
        if !folder.is_empty() && !is_plain(folder) {
            return Err("a name that is not allowed");
        }
        match &self.top {
            None => self.top = Some(folder.to_owned()),
            Some(top) if top == folder => {}
            Some(_) => return Err("which is not in the same folder as the others"),
        }
        Ok(())
    }
}

/// Reads until the allowance is used up; the next byte is an error.
struct Capped<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::FileTooLarge,
                "it unpacks to far more than models need",
            )
        })?;
        Ok(read)
    }
}
