//! Why a data version could not be kept, found or brought back.

use super::tag::Tag;
use crate::error::DataError;
use hp_core::fingerprint::Fingerprint;
use hp_durable::IoError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a data version could not be kept, found or brought back.
#[derive(Debug, thiserror::Error)]
pub enum DataVersionError {
    /// The data set itself is not in order.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The operating system refused something.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The text is not the name of a version.
    #[error(
        "`{text}` is not a tag: up to 100 letters, digits, `.`, `_` and `-` are expected, as in `v1.0.0`"
    )]
    NotATag {
        /// Its beginning.
        text: String,
    },
    /// The message of a tag is too long for a small text file.
    #[error("the message has more than {limit} bytes")]
    LongMessage {
        /// Most bytes.
        limit: usize,
    },
    /// Neither a tag nor a fingerprint is called so.
    #[error("there is no data version `{text}`")]
    Unknown {
        /// What was asked for.
        text: String,
        /// The tags there are.
        tags: Vec<Tag>,
    },
    /// Several fingerprints begin so.
    #[error("`{text}` is the beginning of {} data versions", fingerprints.len())]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// What it may mean.
        fingerprints: Vec<Fingerprint>,
    },
    /// A tag means one version for ever.
    #[error("the tag `{tag}` exists and means other data: {}, not {}", found.short(), wanted.short())]
    Taken {
        /// The tag.
        tag: Tag,
        /// The data that it means.
        found: Fingerprint,
        /// The data that it was to mean.
        wanted: Fingerprint,
    },
    /// A pointer or a description in the store is not what it should be.
    #[error("`{path}` is no description of a data version: {problem}")]
    BadDescription {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A newer hp wrote it.
    #[error("`{path}` has format {found}, this hp knows up to {supported}")]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that can be read.
        supported: u32,
    },
    /// The bytes are not in the store.
    #[error("`{path}`, which holds `{name}`, does not exist")]
    Missing {
        /// The object.
        path: PathBuf,
        /// The file that it holds.
        name: String,
    },
    /// The bytes in the store are others.
    #[error("`{path}`, which holds `{name}`, is damaged")]
    Damaged {
        /// The object.
        path: PathBuf,
        /// The file that it holds.
        name: String,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The version is of another data set.
    #[error(
        "the version is of the data set `{found}`, the data configuration describes `{expected}`"
    )]
    OtherName {
        /// The data set of the version.
        found: String,
        /// The data set that is worked with.
        expected: String,
    },
    /// The version contradicts itself.
    #[error("the version is said to have {said} rows, but the data {} has {found}", fingerprint.short())]
    OtherRows {
        /// What its description says.
        said: u64,
        /// What the data has.
        found: u64,
        /// The data that it names.
        fingerprint: Fingerprint,
    },
    /// Bringing another version back would lose what lies there.
    #[error("the data that lies there would be lost, as it cannot be kept")]
    Unkept {
        /// Why not.
        source: DataError,
    },
}

impl DataVersionError {
    pub(super) fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl Fn(io::Error) -> Self + use<'a> {
        move |error| IoError::of(action, path)(error).into()
    }

    /// What to do about it, when there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Data(error) => return error.hint(),
            Self::Io(error) => return error.hint().map(str::to_owned),
            Self::Unknown { tags, .. } if tags.is_empty() => "`hp data tag` makes a version",
            Self::Unknown { tags, .. } => {
                let names: Vec<_> = tags.iter().map(Tag::as_str).collect();
                return Some(format!("choose from {}", names.join(", ")));
            }
            Self::Ambiguous { fingerprints, .. } => {
                let names: Vec<_> = fingerprints.iter().map(ToString::to_string).collect();
                return Some(format!("choose from {}", names.join(", ")));
            }
            Self::Taken { .. } => "choose another tag; a tag never changes its meaning",
            Self::BadDescription { .. } | Self::OtherRows { .. } => {
                "take the file from where it is sound, for example with `git restore`, or remove it"
            }
            Self::NewerFormat { .. } => "update hp",
            Self::Missing { .. } | Self::Damaged { .. } => {
                "copy the file from where it is sound; where `hp fetch` gives the same fingerprint, \
                 `hp data tag` after it keeps the bytes again"
            }
            Self::OtherName { .. } => "name the data configuration of that data set",
            Self::Unkept { .. } => "save what you need of it, then give --force",
            Self::NotATag { .. } | Self::LongMessage { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
