//! Making an archive: the same folder and extras give the same bytes.

use super::{checksum_path, digest};
use crate::artifact;
use crate::error::ArtifactError;
use crate::files::Files;
use crate::manifest::{MANIFEST_FILE, is_plain};
use hp_core::fingerprint::Fingerprint;
use hp_durable::{IoError, StagedFile, write_file};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Halves a forest in milliseconds.
const LEVEL: i32 = 3;

/// A file that the archive carries along, for example a model card.
#[derive(Debug, Clone, Copy)]
pub struct Extra<'a> {
    /// Its name: letters, digits, `.`, `_` and `-`.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

/// A finished archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packaged {
    /// The archive.
    pub archive: PathBuf,
    /// The file with its digest, in the format of `sha256sum`.
    pub checksum: PathBuf,
    /// The digest of the archive.
    pub sha256: Fingerprint,
    /// The length of the archive.
    pub bytes: u64,
}

/// Verifies the version in `folder` and writes it, with `extras`, as the archive `out`; the digest
/// goes to `<out>.sha256`.
///
/// # Errors
/// When the version is not sound, an extra has an unusable name, or the disk refuses.
pub fn package(folder: &Path, extras: &[Extra<'_>], out: &Path) -> Result<Packaged, ArtifactError> {
    let manifest = artifact::verify(folder)?;
    let files = Files::open(folder)?;
    let mut entries = BTreeMap::new();
    for (name, &entry) in &manifest.files {
        entries.insert(name.clone(), files.listed(name, entry)?.into_owned());
    }
    entries.insert(MANIFEST_FILE.to_owned(), files.manifest()?.into_owned());
    for extra in extras {
        let taken = entries.insert(extra.name.to_owned(), extra.bytes.to_owned());
        if taken.is_some() || !is_plain(extra.name) {
            return Err(ArtifactError::Entry {
                path: out.to_owned(),
                entry: extra.name.to_owned(),
                problem: "a name that is taken or not allowed",
            });
        }
    }
    let mut staged = StagedFile::new(out)?;
    let top = manifest.model_version.to_string();
    write_tar(&mut staged, &top, &entries).map_err(IoError::of("write", out))?;
    // What could not be loaded again must not replace an archive that can.
    artifact::verify(staged.path())?;
    let sha256 = digest(staged.path())?;
    let bytes = fs::metadata(staged.path()).map_err(ArtifactError::io(out, "read"))?;
    let checksum = checksum_path(out);
    // A checksum of an older archive must not stand beside the new one.
    match fs::remove_file(&checksum) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(IoError::of("replace", &checksum)(error).into());
        }
        _ => staged.commit()?,
    }
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    write_file(&checksum, format!("{sha256}  {name}\n").as_bytes())?;
    Ok(Packaged {
        archive: out.to_owned(),
        checksum,
        sha256,
        bytes: bytes.len(),
    })
}

fn write_tar(file: impl Write, top: &str, entries: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let mut encoder = zstd::Encoder::new(BufWriter::new(file), LEVEL)?;
    encoder.include_checksum(true)?;
    let mut archive = tar::Builder::new(encoder);
    for (name, bytes) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_path(format!("{top}/{name}"))?;
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        archive.append(&header, bytes.as_slice())?;
    }
    archive.into_inner()?.finish()?.flush()
}
