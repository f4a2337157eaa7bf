//! Compressed files by the digest of what they hold: `<aa>/<sha256>.zst`.

use super::description::DataFile;
use super::error::DataVersionError;
use crate::error::DataError;
use hp_core::fingerprint::{Fingerprint, Hasher};
use hp_durable::StagedFile;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// Strong enough for numbers in text, and fast.
const LEVEL: i32 = 3;

/// The decoded bytes of an object. Reading them to their end fails unless they are as described.
pub(super) struct Object {
    decoder: zstd::Decoder<'static, BufReader<File>>,
    hasher: Hasher,
    left: u64,
    expected: Fingerprint,
}

/// Describes the file `name` at `path` by what it holds now.
pub(super) fn describe(name: &str, path: &Path) -> Result<DataFile, DataVersionError> {
    let failed = DataVersionError::io("read", path);
    let mut file = File::open(path).map_err(&failed)?;
    let mut hasher = Hasher::default();
    let bytes = copy(&mut file, &mut io::sink(), &mut hasher).map_err(&failed)?;
    Ok(DataFile {
        name: name.to_owned(),
        sha256: hasher.finish(),
        bytes,
    })
}

/// Puts what `path` holds, which was described as `file`, into `folder`, unless it is there. Tells
/// whether it was put there; the names in `folder` are then still to be synced.
pub(super) fn store(folder: &Path, file: &DataFile, path: &Path) -> Result<bool, DataVersionError> {
    if check(folder, file).is_ok() {
        return Ok(false);
    }
    let object = object_path(folder, file);
    let place = object.parent().unwrap_or(folder);
    fs::create_dir_all(place).map_err(DataVersionError::io("create", place))?;
    let staged = StagedFile::new(&object)?;
    let mut hasher = Hasher::default();
    let mut source = File::open(path).map_err(DataVersionError::io("read", path))?;
    let encoded = zstd::Encoder::new(staged, LEVEL).and_then(|mut encoder| {
        copy(&mut source, &mut encoder, &mut hasher)?;
        encoder.finish()
    });
    let staged = encoded.map_err(DataVersionError::io("write", &object))?;
    if hasher.finish() != file.sha256 {
        let path = path.to_owned();
        return Err(DataError::Overtaken { path }.into());
    }
    staged.commit()?;
    Ok(true)
}

/// Opens the object that holds `file`.
pub(super) fn open(folder: &Path, file: &DataFile) -> Result<Object, DataVersionError> {
    let path = object_path(folder, file);
    let damaged = |source| DataVersionError::Damaged {
        path: path.clone(),
        name: file.name.clone(),
        source,
    };
    match path.symlink_metadata() {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(damaged(io::Error::other("it is not a regular file"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let name = file.name.clone();
            return Err(DataVersionError::Missing { path, name });
        }
        Err(error) => return Err(DataVersionError::io("read", &path)(error)),
    }
    let opened = File::open(&path).map_err(DataVersionError::io("read", &path))?;
    Ok(Object {
        decoder: zstd::Decoder::new(opened).map_err(damaged)?,
        hasher: Hasher::default(),
        left: file.bytes,
        expected: file.sha256,
    })
}

/// Checks that `file` can be read from its object.
pub(super) fn check(folder: &Path, file: &DataFile) -> Result<(), DataVersionError> {
    let mut object = open(folder, file)?;
    match io::copy(&mut object, &mut io::sink()) {
        Ok(_) => Ok(()),
        Err(source) => Err(DataVersionError::Damaged {
            path: object_path(folder, file),
            name: file.name.clone(),
            source,
        }),
    }
}

/// Where the object is that holds `file`.
pub(super) fn object_path(folder: &Path, file: &DataFile) -> PathBuf {
    let digest = file.sha256.to_string();
    folder.join(&digest[..2]).join(format!("{digest}.zst"))
}

impl Read for Object {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.decoder.read(buffer)?;
        let wrong = |problem: &str| io::Error::new(io::ErrorKind::InvalidData, problem);
        match self.left.checked_sub(count as u64) {
            None => return Err(wrong("it holds more bytes than recorded")),
            Some(left) => self.left = left,
        }
        if count > 0 {
            self.hasher.update(&buffer[..count]);
        } else if self.left > 0 {
            return Err(wrong("it holds fewer bytes than recorded"));
        } else if self.hasher.clone().finish() != self.expected {
            return Err(wrong("its bytes have another sha256"));
        }
        Ok(count)
    }
}

/// Copies `from` to `to` and adds its bytes to `hasher`; gives their number.
fn copy(from: &mut impl Read, to: &mut impl Write, hasher: &mut Hasher) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 17];
    let mut total = 0;
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                to.write_all(&buffer[..count])?;
                total += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
