//! Bringing a version back.

use super::Versions;
use super::description::DataVersion;
use super::error::DataVersionError;
use super::objects::Object;
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
pub enum CheckedOut {
    /// Exactly this version lay there.
    Unchanged,
    /// It was put in place.
    Replaced {
        /// The data that lay there before, which is in the store now; nothing when there was no data
        /// set, or none that could be kept.
        kept: Option<Fingerprint>,
    },
}

impl Versions {
    /// Puts the three files of `version` in the place of `data_set`, after keeping what lies there.
    /// Where a file of `version` is missing, as after a clone, those that the same rows were kept
    /// with last are taken.
    ///
    /// # Errors
    /// The version is of another data set, its bytes are missing or damaged, or the data that lies
    /// there cannot be kept. Nothing is changed then.
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
        let version = &self.sound(version)?;
        let (kept, seen) = match self.store().keep(data_set) {
            Ok(kept) if kept == *version => return Ok(CheckedOut::Unchanged),
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
        Ok(CheckedOut::Replaced { kept })
    }

    /// The version, or where a file of it is missing the same rows as they were kept last.
    pub(super) fn sound(&self, version: &DataVersion) -> Result<DataVersion, DataVersionError> {
        let missing = match self.store().check(version) {
            Err(error @ DataVersionError::Missing { .. }) => error,
            checked => return checked.map(|()| version.clone()),
        };
        match self.store().get(version.fingerprint) {
            Ok(Some(other)) if other.name == version.name && self.store().check(&other).is_ok() => {
                Ok(other)
            }
            _ => Err(missing),
        }
    }

    fn objects(&self, version: &DataVersion) -> Result<[Object; 3], DataVersionError> {
        let open = |file| super::objects::open(self.store().folder(), file);
        let [csv, manifest, rejected] = version.files.all();
        Ok([open(csv)?, open(manifest)?, open(rejected)?])
    }
}
