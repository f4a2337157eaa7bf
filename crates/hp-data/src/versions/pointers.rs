//! The tags: `versions/<tag>.json` below the data folder, small texts for Git to track.

use super::description::{DataVersion, FORMAT_VERSION};
use super::error::DataVersionError;
use super::small_file;
use super::tag::Tag;
use super::{NewTag, Tagged};
use hp_durable::{Lock, write_file};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// Most bytes of a message.
const LONGEST_MESSAGE: usize = 4000;

/// A tag and what it means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pointer {
    /// The version of this format.
    pub format_version: u32,
    /// The tag.
    pub tag: Tag,
    /// The data.
    #[serde(flatten)]
    pub version: DataVersion,
    /// When the tag was set.
    pub created_at: Timestamp,
    /// What the person who set it had to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The tags of a data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointers {
    data_dir: PathBuf,
}

impl Pointers {
    /// The tags of `data_dir`. Touches nothing.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
        }
    }

    /// Where the pointer of `tag` is.
    #[must_use]
    pub fn path(&self, tag: &Tag) -> PathBuf {
        self.folder().join(format!("{tag}.json"))
    }

    /// What `tag` means, if it exists.
    ///
    /// # Errors
    /// The pointer is not sound.
    pub fn get(&self, tag: &Tag) -> Result<Option<Pointer>, DataVersionError> {
        let path = self.path(tag);
        let Some(pointer) = small_file::read::<Pointer>(&path)? else {
            return Ok(None);
        };
        pointer
            .version
            .check()
            .map_err(|problem| small_file::bad(&path, problem))?;
        if pointer.tag != *tag {
            let problem = format!("it is the pointer of `{}`", pointer.tag);
            return Err(small_file::bad(&path, problem));
        }
        Ok(Some(pointer))
    }

    /// The tags there are, by name.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn tags(&self) -> Result<Vec<Tag>, DataVersionError> {
        let files = small_file::list(&self.folder())?;
        Ok(files
            .into_iter()
            .filter_map(|(name, _)| name.parse().ok())
            .collect())
    }

    /// Every tag with its pointer, by name. A file with another name is no pointer.
    ///
    /// # Errors
    /// The folder cannot be read.
    #[expect(clippy::type_complexity, reason = "each has its own error")]
    pub fn all(&self) -> Result<Vec<(Tag, Result<Pointer, DataVersionError>)>, DataVersionError> {
        let read = |tag: Tag| {
            let removed = || small_file::bad(&self.path(&tag), "it has just been removed");
            let pointer = self.get(&tag).and_then(|found| found.ok_or_else(removed));
            (tag, pointer)
        };
        Ok(self.tags()?.into_iter().map(read).collect())
    }

    /// Writes the pointer of a tag, or finds that it is there with the same data. Of several
    /// processes one writes it.
    ///
    /// # Errors
    /// The tag means other data, or the folder cannot be written.
    pub fn add(&self, new: NewTag, version: DataVersion) -> Result<Tagged, DataVersionError> {
        if new
            .message
            .as_ref()
            .is_some_and(|text| text.len() > LONGEST_MESSAGE)
        {
            return Err(DataVersionError::LongMessage {
                limit: LONGEST_MESSAGE,
            });
        }
        let folder = self.folder();
        fs::create_dir_all(&folder).map_err(DataVersionError::io("create", &folder))?;
        let _lock = Lock::exclusive(&self.lock_path())?;
        if let Some(pointer) = self.get(&new.tag)? {
            let (found, wanted) = (pointer.version.fingerprint, version.fingerprint);
            return if found == wanted && pointer.version.name == version.name {
                let is_new = false;
                Ok(Tagged { pointer, is_new })
            } else {
                let tag = new.tag;
                Err(DataVersionError::Taken { tag, found, wanted })
            };
        }
        let pointer = Pointer {
            format_version: FORMAT_VERSION,
            tag: new.tag,
            version,
            created_at: new.created_at,
            message: new.message,
        };
        let path = self.path(&pointer.tag);
        write_file(&path, &small_file::text(&path, &pointer)?)?;
        let is_new = true;
        Ok(Tagged { pointer, is_new })
    }

    /// Removes the pointer of a tag that could not be shared after all.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove(&self, tag: &Tag) -> Result<(), DataVersionError> {
        let _lock = Lock::exclusive(&self.lock_path())?;
        let path = self.path(tag);
        fs::remove_file(&path).map_err(DataVersionError::io("remove", &path))
    }

    fn folder(&self) -> PathBuf {
        self.data_dir.join("versions")
    }

    /// Outside the folder, where Git would see it.
    fn lock_path(&self) -> PathBuf {
        self.data_dir.join(".versions.lock")
    }
}
