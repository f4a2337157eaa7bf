//! The envelope of every `.bin`: what the file is, of which format, and whether it is whole.
//!
//! | bytes | content, numbers little-endian |
//! |---|---|
//! | 8 | magic `89 48 50 0d 0a 1a 0a 00`, which a transfer in text mode destroys |
//! | 4 | format version |
//! | 3 × 2 | first version of hp that reads this format: major, minor, patch |
//! | 2 | kind of object |
//! | 8 | length of the payload |
//! | … | payload in bincode's layout |
//! | 64 | sha256 of everything before, in hexadecimal digits |
//!
//! The checksum stands last so that one pass over the file gives both it and the digest of the
//! whole file, which the manifest lists.

use crate::error::ArtifactError;
use hp_core::fingerprint::{Fingerprint, Hasher};
use std::path::Path;

/// The newest format of the container and its payloads.
pub(crate) const FORMAT: u32 = 1;

/// Largest file that is written or read.
pub(crate) const MAX_BYTES: u64 = 1 << 30;

/// First version of hp that reads [`FORMAT`].
const READ_SINCE: [u16; 3] = [0, 1, 0];

const MAGIC: [u8; 8] = *b"\x89HP\r\n\x1a\n\0";
const HEADER: usize = 28;
const CHECKSUM: usize = 64;

/// What a container holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Preprocessor,
    Linear,
    Forest,
    Boosting,
}

impl Kind {
    const ALL: [Self; 4] = [
        Self::Preprocessor,
        Self::Linear,
        Self::Forest,
        Self::Boosting,
    ];

    /// The name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Preprocessor => "preprocessor",
            Self::Linear => "linear model",
            Self::Forest => "random forest",
            Self::Boosting => "gradient boosting model",
        }
    }

    fn code(self) -> u16 {
        match self {
            Self::Preprocessor => 1,
            Self::Linear => 2,
            Self::Forest => 3,
            Self::Boosting => 4,
        }
    }
}

/// The content of a container that passed every check.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opened<'a> {
    pub(crate) kind: Kind,
    pub(crate) payload: &'a [u8],
    /// Digest of the whole file.
    pub(crate) digest: Fingerprint,
}

/// Wraps `payload`.
pub(crate) fn seal(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + payload.len() + CHECKSUM);
    bytes.extend(MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend(READ_SINCE.iter().flat_map(|part| part.to_le_bytes()));
    bytes.extend(kind.code().to_le_bytes());
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(payload);
    let checksum = Fingerprint::of(&bytes).to_string();
    bytes.extend(checksum.as_bytes());
    bytes
}

/// Checks the envelope of `bytes`; `path` is for errors only.
///
/// # Errors
/// When the bytes are foreign, of a newer format, cut off, too long or changed.
pub(crate) fn open<'a>(path: &Path, bytes: &'a [u8]) -> Result<Opened<'a>, ArtifactError> {
    let header = read_header(path, bytes)?;
    let body = &bytes[..bytes.len() - CHECKSUM];
    let written = &bytes[bytes.len() - CHECKSUM..];
    let mut hasher = Hasher::default();
    hasher.update(body);
    let checksum = hasher.clone().finish();
    if checksum.to_string().as_bytes() != written {
        return Err(ArtifactError::Damaged {
            path: path.to_owned(),
            expected: written.escape_ascii().to_string(),
            found: checksum,
        });
    }
    hasher.update(written);
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| kind.code() == header.kind);
    Ok(Opened {
        kind: kind.ok_or_else(|| {
            ArtifactError::inconsistent(path, format!("the kind {} is unknown", header.kind))
        })?,
        payload: &body[HEADER..],
        digest: hasher.finish(),
    })
}

struct Header {
    kind: u16,
}

/// Reads the header and checks that the file is as long as it says.
fn read_header(path: &Path, bytes: &[u8]) -> Result<Header, ArtifactError> {
    let common = bytes.len().min(MAGIC.len());
    if bytes[..common] != MAGIC[..common] {
        return Err(ArtifactError::Foreign {
            path: path.to_owned(),
        });
    }
    let length = |expected: u64| ArtifactError::Length {
        path: path.to_owned(),
        expected,
        found: bytes.len() as u64,
    };
    let shortest = (HEADER + CHECKSUM) as u64;
    let mut fields = Fields(
        bytes
            .get(MAGIC.len()..HEADER)
            .ok_or_else(|| length(shortest))?,
    );
    let format = u32::from_le_bytes(fields.take());
    let since = [(); 3].map(|()| u16::from_le_bytes(fields.take()));
    let kind = u16::from_le_bytes(fields.take());
    let payload = u64::from_le_bytes(fields.take());
    if format > FORMAT {
        let [major, minor, patch] = since;
        return Err(ArtifactError::NewerFormat {
            path: path.to_owned(),
            found: format,
            supported: FORMAT,
            needs: format!("{major}.{minor}.{patch}"),
        });
    }
    if format != FORMAT {
        return Err(ArtifactError::inconsistent(
            path,
            format!("there is no format {format}"),
        ));
    }
    let expected = payload.saturating_add(shortest);
    if bytes.len() as u64 != expected {
        return Err(length(expected));
    }
    Ok(Header { kind })
}

/// The header's fields, taken one after another.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    /// The next `N` bytes; zeros beyond the end.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let Some((field, rest)) = self.0.split_first_chunk() else {
            return [0; N];
        };
        self.0 = rest;
        *field
    }
}
