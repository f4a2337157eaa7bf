//! Bringing a version back.

use super::Versions;
use super::description::{DataFile, DataVersion};
use super::error::DataVersionError;
use super::objects::{self, Object};
use crate::dataset::{DataSet, Seen};
use hp_core::fingerprint::Fingerprint;

/// What to do with data that lies there and cannot be kept, because it is damaged or was changed
/// after publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loose {
    /// Leave it alone.
    Refuse,
    /// Lose it.
    Replace,
}

/// What became of a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedOut {
    /// What was done.
    pub outcome: Outcome,
    /// The files of the version that the store lacks; those that the same rows were kept with last
    /// were taken in their place.
    pub missing: Vec<DataFile>,
}

/// What was done for a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Exactly this version lay there.
    Unchanged,
    /// It was put in place.
    Replaced {
        /// The data that lay there before, which is in the store now; nothing when there was no data
        /// set, or none that could be kept.
        kept: Option<Fingerprint>,
    },
}

/// A version whose bytes can be read.
pub(super) struct Sound {
    version: DataVersion,
    /// The files that were named and are not there, where it stands in for another.
    pub(super) missing: Vec<DataFile>,
}

impl Versions {
    /// Puts the three files of `version` in the place of `data_set`, after keeping what lies there.
    /// Where a file of `version` is missing, as after a clone, those that the same rows were kept
    /// with last are taken, and [`CheckedOut::missing`] names it.
    ///
    /// # Errors
    /// The version is of another data set or contradicts itself, its bytes are missing or damaged,
    /// or the data that lies there cannot be kept. Nothing is changed then.
    pub fn checkout(
        &self,
        version: &DataVersion,
        data_set: &DataSet,
        loose: Loose,
    ) -> Result<CheckedOut, DataVersionError> {
        if version.name != data_set.name() {
            return Err(DataVersionError::OtherName {
                found: version.name.clone(),
                expected: data_set.name().to_owned(),
            });
        }
        let Sound { version, missing } = &self.sound(version)?;
        let checked_out = |outcome| CheckedOut {
            outcome,
            missing: missing.clone(),
        };
        let (kept, seen) = match self.store().keep(data_set) {
            Ok(kept) if kept == *version => return Ok(checked_out(Outcome::Unchanged)),
            Ok(kept) => {
                let seen = Seen::Manifest(kept.files.manifest.sha256);
                (Some(kept.fingerprint), Some(seen))
            }
            Err(_) if data_set.is_absent()? => (None, Some(Seen::Nothing)),
            Err(_) if loose == Loose::Replace => (None, None),
            Err(DataVersionError::Data(source)) => {
                return Err(DataVersionError::Unkept { source });
            }
            Err(error) => return Err(error),
        };
        let [mut csv, mut manifest, mut rejected] = self.objects(version)?;
        data_set.replace([&mut csv, &mut manifest, &mut rejected], seen)?;
        Ok(checked_out(Outcome::Replaced { kept }))
    }

    /// The version, or where a file of it is missing the same rows as they were kept last. What is
    /// there must be as the version says all the same.
    pub(super) fn sound(&self, version: &DataVersion) -> Result<Sound, DataVersionError> {
        let mut missing = Vec::new();
        let mut first = None;
        for file in version.files.all() {
            match objects::check(self.store().folder(), file) {
                Ok(()) => {}
                Err(error @ DataVersionError::Missing { .. }) => {
                    missing.push(file.clone());
                    first.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        let Some(error) = first else {
            self.store().check_manifest(version)?;
            let version = version.clone();
            return Ok(Sound { version, missing });
        };
        match self.store().get(version.fingerprint) {
            Ok(Some(other)) if other.name == version.name && self.store().check(&other).is_ok() => {
                if other.rows != version.rows {
                    return Err(DataVersionError::OtherRows {
                        said: version.rows,
                        found: other.rows,
                        fingerprint: version.fingerprint,
                    });
                }
                let version = other;
                Ok(Sound { version, missing })
            }
            _ => Err(error),
        }
    }

    fn objects(&self, version: &DataVersion) -> Result<[Object; 3], DataVersionError> {
        let open = |file| objects::open(self.store().folder(), file);
        let [csv, manifest, rejected] = version.files.all();
        Ok([open(csv)?, open(manifest)?, open(rejected)?])
    }
}
