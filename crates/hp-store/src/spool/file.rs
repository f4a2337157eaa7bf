//! The file of a spool: appended, read from the front, emptied when everything is delivered.

use super::lines;
use crate::error::LogError;
use crate::record::PredictionRecord;
use hp_durable::{IoError, StagedFile, sync_folder, write_file};
use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file, locked against other processes.
#[derive(Debug)]
pub(super) struct SpoolFile {
    path: PathBuf,
    file: File,
    limit: u64,
    /// Bytes that are on disk for certain; what is beyond them is cut off before the next append.
    length: u64,
    torn: bool,
    /// Whether the file took its name without the folder being synced since.
    renamed: bool,
    /// Bytes and lines at the front that the store has.
    delivered: u64,
    delivered_lines: usize,
    // Dropped last.
    _lock: File,
}

/// The oldest records that are not delivered.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) records: Arc<[PredictionRecord]>,
    /// Bytes of their lines.
    pub(super) bytes: u64,
}

impl SpoolFile {
    /// Opens the file, making it if it does not exist, and repairs it.
    pub(super) fn open(path: PathBuf, limit: u64) -> Result<Self, LogError> {
        let lock = lock(&path)?;
        repair(&path)?;
        let failed = IoError::of("open", &path);
        let file = open_to_append(&path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?;
        Ok(Self {
            file,
            limit,
            length: length.len(),
            torn: false,
            renamed: false,
            delivered: 0,
            delivered_lines: 0,
            _lock: lock,
            path,
        })
    }

    /// Bytes that the store does not have.
    pub(super) fn undelivered(&self) -> u64 {
        self.length - self.delivered
    }

    /// Sees to it that `bytes` more fit.
    pub(super) fn make_room(&mut self, bytes: usize) -> Result<(), LogError> {
        let bytes = bytes as u64;
        if self.undelivered() + bytes > self.limit {
            let (path, limit) = (self.path.clone(), self.limit);
            return Err(LogError::SpoolFull { path, limit });
        }
        if self.length + bytes > self.limit {
            self.remove_delivered()?;
        }
        Ok(())
    }

    /// Appends `lines` and waits until they are on disk: all of them, or none.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        if self.renamed {
            self.sync_name().map_err(|error| error.source)?;
        }
        if self.torn {
            self.file.set_len(self.length)?;
        }
        self.torn = true;
        self.file.write_all(lines)?;
        self.file.sync_data()?;
        self.torn = false;
        self.length += lines.len() as u64;
        Ok(())
    }

    /// The oldest records that are not delivered, at most `most`, if there are any.
    pub(super) fn next_slice(&self, most: usize) -> Result<Option<Slice>, LogError> {
        if self.undelivered() == 0 {
            return Ok(None);
        }
        let failed = |error| LogError::Spool(IoError::of("read", &self.path)(error));
        let mut reader = self.undelivered_part().map_err(failed)?;
        let (mut records, mut bytes, mut line) = (Vec::new(), 0, Vec::new());
        while records.len() < most {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(failed)?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            let record = serde_json::from_slice(&line);
            records.push(record.map_err(|source| LogError::NotARecord {
                path: self.path.clone(),
                line: self.delivered_lines + records.len() + 1,
                source,
            })?);
        }
        if records.is_empty() {
            // Somebody else cut the file.
            return Err(failed(io::ErrorKind::UnexpectedEof.into()));
        }
        let records = records.into();
        Ok(Some(Slice { records, bytes }))
    }

    /// Forgets records at the front, which the store has.
    pub(super) fn remove(&mut self, bytes: u64, lines: usize) -> Result<(), LogError> {
        self.delivered += bytes;
        self.delivered_lines += lines;
        if self.undelivered() == 0 {
            let emptied = self.file.set_len(0);
            emptied.map_err(|error| self.failed(error))?;
            self.length = 0;
            self.delivered = 0;
            self.delivered_lines = 0;
        }
        Ok(())
    }

    /// Moves records at the front to the file of rejected lines.
    pub(super) fn reject(&mut self, bytes: u64, lines: usize) -> Result<(), LogError> {
        let mut rejected = Vec::new();
        let read = self
            .undelivered_part()
            .and_then(|part| part.take(bytes).read_to_end(&mut rejected));
        read.map_err(IoError::of("read", &self.path))?;
        set_aside(&self.path, &rejected)?;
        self.remove(bytes, lines)
    }

    pub(super) fn failed(&self, error: io::Error) -> LogError {
        LogError::Spool(IoError::of("write", &self.path)(error))
    }

    /// Replaces the file by one without what is delivered.
    fn remove_delivered(&mut self) -> Result<(), LogError> {
        let mut rest = Vec::new();
        let read = self
            .undelivered_part()
            .and_then(|mut part| part.read_to_end(&mut rest));
        read.map_err(IoError::of("read", &self.path))?;
        let mut staged = StagedFile::new(&self.path)?;
        let written = staged.write_all(&rest);
        written.map_err(|error| self.failed(error))?;
        // Once it has its name nothing may fail before it is known here.
        let file = open_to_append(staged.path()).map_err(|error| self.failed(error))?;
        staged.rename()?;
        self.file = file;
        self.length = rest.len() as u64;
        self.torn = false;
        self.renamed = true;
        self.delivered = 0;
        self.delivered_lines = 0;
        Ok(self.sync_name()?)
    }

    /// Waits until the file has its name on disk, so that a power failure cannot bring back the one
    /// that it replaced.
    fn sync_name(&mut self) -> Result<(), IoError> {
        let folder = self.path.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        sync_folder(folder.unwrap_or(Path::new(".")))?;
        self.renamed = false;
        Ok(())
    }

    fn undelivered_part(&self) -> io::Result<impl BufRead> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.delivered))?;
        Ok(BufReader::new(file).take(self.undelivered()))
    }
}

/// Keeps other processes away from the spool at `path`.
fn lock(path: &Path) -> Result<File, IoError> {
    let failed = IoError::of("lock", path);
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    let file = options.open(beside(path, "lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let kind = io::ErrorKind::WouldBlock;
            Err(failed(io::Error::new(kind, "another process uses it")))
        }
        // Some file systems know no locks.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Cuts off an unfinished last line, which nobody was told of, and moves other lines that are not
/// records to a file beside the spool.
fn repair(path: &Path) -> Result<(), IoError> {
    let found = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return write_file(path, b""),
        found => found.map_err(IoError::of("read", path))?,
    };
    let (mut records, mut rejected) = (Vec::new(), Vec::new());
    for line in found.split_inclusive(|&byte| byte == b'\n') {
        if !line.ends_with(b"\n") {
            continue;
        }
        if lines::is_record(line) {
            records.extend(line);
        } else {
            rejected.extend(line);
        }
    }
    if !rejected.is_empty() {
        let aside = set_aside(path, &rejected)?;
        let file = aside.display();
        tracing::error!(%file, "the spool held lines that are not records");
    }
    if records.len() < found.len() {
        write_file(path, &records)?;
    }
    Ok(())
}

/// Appends lines of the spool at `path` to the file of rejected lines beside it, and names that.
fn set_aside(path: &Path, lines: &[u8]) -> Result<PathBuf, IoError> {
    let aside = rejected(path);
    let written = open_to_append(&aside).and_then(|mut file| {
        file.write_all(lines)?;
        file.sync_all()
    });
    written.map_err(IoError::of("write", &aside))?;
    Ok(aside)
}

fn open_to_append(path: &Path) -> io::Result<File> {
    File::options().append(true).create(true).open(path)
}

/// The file of lines that are not records or that the store does not take.
pub(super) fn rejected(path: &Path) -> PathBuf {
    beside(path, "rejected")
}

/// `path` with an ending added to its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(OsStr::new("."));
    name.push(ending);
    path.with_file_name(name)
}
