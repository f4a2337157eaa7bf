//! Versions of a data set: the bytes in an object store, a small text pointer for every tag, and
//! what two versions differ in.
//!
//! ```no_run
//! # fn run(now: jiff::Timestamp) -> Result<(), hp_data::versions::DataVersionError> {
//! use hp_data::DataSet;
//! use hp_data::versions::{Loose, NewTag, Versions};
//! let data_set = DataSet::new("data", "boston");
//! let versions = Versions::new("artifacts/data", "data".as_ref());
//! let tag = "v1.0.0".parse()?;
//! versions.tag(NewTag { tag, created_at: now, message: None }, &data_set)?;
//! versions.checkout(&versions.find("v1.0.0")?, &data_set, Loose::Refuse)?;
//! # Ok(()) }
//! ```

mod checkout;
mod description;
mod diff;
mod error;
mod objects;
mod pointers;
mod small_file;
mod store;
mod tag;
mod verify;

pub use checkout::{CheckedOut, Loose, Outcome};
pub use description::{DataFile, DataFiles, DataVersion};
pub use diff::{ColumnShift, Rows, RowsDiff, Statistics, diff};
pub use error::DataVersionError;
pub use pointers::{Pointer, Pointers};
pub use store::ObjectStore;
pub use tag::Tag;
pub use verify::Verified;

use crate::dataset::DataSet;
use hp_core::fingerprint::Fingerprint;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// Fewest digits that name a fingerprint.
const FEWEST_DIGITS: usize = 6;

/// All versions of the data sets of a folder.
#[derive(Debug, Clone)]
pub struct Versions {
    store: ObjectStore,
    pointers: Pointers,
}

/// What a tag is to say.
#[derive(Debug, Clone)]
pub struct NewTag {
    /// Its name.
    pub tag: Tag,
    /// When it is set.
    pub created_at: Timestamp,
    /// What the person who sets it has to say.
    pub message: Option<String>,
}

/// What became of a [`NewTag`].
#[derive(Debug, Clone, PartialEq)]
pub struct Tagged {
    /// The pointer that is in place.
    pub pointer: Pointer,
    /// Whether it was written just now, and not before with the same data.
    pub is_new: bool,
}

impl Versions {
    /// The versions whose bytes are in the folder `store`, with their pointers below `data_dir`.
    /// Touches nothing.
    #[must_use]
    pub fn new(store: impl Into<PathBuf>, data_dir: &Path) -> Self {
        Self {
            store: ObjectStore::new(store),
            pointers: Pointers::new(data_dir),
        }
    }

    /// Where the bytes are.
    #[must_use]
    pub fn store(&self) -> &ObjectStore {
        &self.store
    }

    /// Where the tags are.
    #[must_use]
    pub fn pointers(&self) -> &Pointers {
        &self.pointers
    }

    /// Keeps the bytes of `data_set` and lets a tag point at them.
    ///
    /// # Errors
    /// There is no data set or it was changed by hand, the tag means other data, or a folder cannot
    /// be written.
    pub fn tag(&self, new: NewTag, data_set: &DataSet) -> Result<Tagged, DataVersionError> {
        let version = self.store.keep(data_set)?;
        self.pointers.add(new, version)
    }

    /// The version that `text` means: a tag, or at least six first digits of a fingerprint.
    ///
    /// # Errors
    /// There is none, or several; the error lists them.
    pub fn find(&self, text: &str) -> Result<DataVersion, DataVersionError> {
        if let Ok(tag) = text.parse()
            && let Some(pointer) = self.pointers.get(&tag)?
        {
            return Ok(pointer.version);
        }
        let digits = text.to_ascii_lowercase();
        let is_beginning = (FEWEST_DIGITS..=64).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut found: Vec<DataVersion> = Vec::new();
        if is_beginning {
            for version in self.known() {
                let fingerprint = version.fingerprint;
                if fingerprint.to_string().starts_with(&digits)
                    && found.iter().all(|other| other.fingerprint != fingerprint)
                {
                    found.push(version);
                }
            }
        }
        match <[DataVersion; 1]>::try_from(found) {
            Ok([version]) => Ok(version),
            Err(none) if none.is_empty() => Err(DataVersionError::Unknown {
                text: text.chars().take(100).collect(),
                tags: self.pointers.tags()?,
            }),
            Err(several) => Err(DataVersionError::Ambiguous {
                text: digits,
                fingerprints: several.iter().map(|version| version.fingerprint).collect(),
            }),
        }
    }

    /// The version with this fingerprint, as it was kept last or else tagged.
    ///
    /// # Errors
    /// There is none.
    pub fn with_fingerprint(
        &self,
        fingerprint: Fingerprint,
    ) -> Result<DataVersion, DataVersionError> {
        self.find(&fingerprint.to_string())
    }

    /// Whether `version` is in the store, damaged or not, perhaps with the files of another fetch.
    #[must_use]
    pub fn has(&self, version: &DataVersion) -> bool {
        let other = || self.store.get(version.fingerprint).ok().flatten();
        self.store.has(version) || other().is_some_and(|other| self.store.has(&other))
    }

    /// Every readable version, those in the store first.
    fn known(&self) -> Vec<DataVersion> {
        let kept = self.store.all().unwrap_or_default();
        let tagged = self.pointers.all().unwrap_or_default();
        let kept = kept.into_iter().filter_map(|(_, version)| version.ok());
        let tagged = tagged.into_iter().filter_map(|(_, pointer)| pointer.ok());
        kept.chain(tagged.map(|pointer| pointer.version)).collect()
    }
}
