//! Whether every version can be brought back.

use super::Versions;
use super::description::{DataFile, DataVersion};
use super::error::DataVersionError;
use super::objects;
use super::tag::Tag;
use hp_core::fingerprint::Fingerprint;
use std::collections::HashSet;

/// What was found out about one version.
#[derive(Debug)]
pub struct Verified {
    /// The tag, or nothing for a set that the store has without one.
    pub tag: Option<Tag>,
    /// The name of its description: the tag or the fingerprint.
    pub name: String,
    /// What it consists of, if that can be read.
    pub version: Option<DataVersion>,
    /// The files of it that the store lacks, where the same rows were kept with those of another
    /// fetch, as after a clone.
    pub missing: Vec<DataFile>,
    /// What is wrong with it.
    pub faults: Vec<DataVersionError>,
}

impl Versions {
    /// Reads every byte of the version `tag`, or of every tag and every set in the store.
    ///
    /// # Errors
    /// There is no such tag, or a folder cannot be read. What is wrong with a version is in its
    /// [`Verified::faults`].
    pub fn verify(&self, tag: Option<&Tag>) -> Result<Vec<Verified>, DataVersionError> {
        let mut sound = HashSet::new();
        let mut found = Vec::new();
        for (name, pointer) in self.pointers().all()? {
            if tag.is_none_or(|wanted| *wanted == name) {
                let text = name.to_string();
                let version = pointer.map(|pointer| pointer.version);
                found.push(self.examine((Some(name), text), version, &mut sound));
            }
        }
        if let Some(tag) = tag
            && found.is_empty()
        {
            return Err(DataVersionError::Unknown {
                text: tag.to_string(),
                tags: self.pointers().tags()?,
            });
        }
        if tag.is_none() {
            for (name, version) in self.store().all()? {
                found.push(self.examine((None, name), version, &mut sound));
            }
        }
        Ok(found)
    }

    /// Checks a version; objects known to be `sound` are not read again.
    fn examine(
        &self,
        (tag, name): (Option<Tag>, String),
        version: Result<DataVersion, DataVersionError>,
        sound: &mut HashSet<(Fingerprint, u64)>,
    ) -> Verified {
        let mut faults = Vec::new();
        let mut missing = Vec::new();
        let version = version.map_err(|error| faults.push(error)).ok();
        let files = version.iter().flat_map(|version| version.files.all());
        for file in files {
            if sound.contains(&(file.sha256, file.bytes)) {
                continue;
            }
            match objects::check(self.store().folder(), file) {
                Ok(()) => {
                    sound.insert((file.sha256, file.bytes));
                }
                Err(error) => faults.push(error),
            }
        }
        if let Some(version) = &version {
            let all_missing = |fault| matches!(fault, &DataVersionError::Missing { .. });
            if faults.is_empty() {
                faults.extend(self.store().check_manifest(version).err());
            } else if faults.iter().all(all_missing) {
                match self.sound(version) {
                    Ok(stand_in) => {
                        missing = stand_in.missing;
                        faults.clear();
                    }
                    Err(DataVersionError::Missing { .. }) => {}
                    Err(error) => faults.push(error),
                }
            }
        }
        Verified {
            tag,
            name,
            version,
            missing,
            faults,
        }
    }
}
