//! A version in memory, read from its folder or archive.

use crate::codec;
use crate::container;
use crate::error::ArtifactError;
use crate::files::Files;
use crate::manifest::{
    FileEntry, MANIFEST_FILE, Manifest, MethodEntry, PREPROCESSOR_FILE, REFERENCE_FILE,
};
use crate::trio::ServedTrio;
use crate::{archive, reference, version};
use hp_core::config::Role;
use hp_core::fingerprint::Fingerprint;
use hp_core::reference::TrainingReference;
use hp_core::version::ModelVersion;
use hp_features::Preprocessor;
use hp_models::{FittedModel, Regressor};
use std::collections::BTreeMap;
use std::path::Path;

/// How often a version may be overwritten while it is read.
const OVERTAKEN: usize = 10;

/// A loaded version. The served trio is always there.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    manifest: Manifest,
    trio: ServedTrio,
    others: BTreeMap<String, FittedModel>,
}

/// Which models to load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Those of the served trio.
    Served,
    /// All of them.
    All,
}

impl Artifact {
    /// What the version contains.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The served trio.
    #[must_use]
    pub fn trio(&self) -> &ServedTrio {
        &self.trio
    }

    /// The fitted preprocessor.
    #[must_use]
    pub fn preprocessor(&self) -> &Preprocessor {
        &self.trio.preprocessor
    }

    /// The model of the method `name`; `None` when there is none or it was not loaded.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&FittedModel> {
        match self.manifest.serving.role_of(name) {
            Some(Role::Main) => Some(&self.trio.main),
            Some(Role::Lower) => Some(&self.trio.lower),
            Some(Role::Upper) => Some(&self.trio.upper),
            None => self.others.get(name),
        }
    }

    /// The loaded models with their entries, in the manifest's order.
    pub fn models(&self) -> impl Iterator<Item = (&MethodEntry, &FittedModel)> {
        let entries = self.manifest.methods.iter();
        entries.filter_map(|entry| Some((entry, self.model(&entry.name)?)))
    }

    /// Takes the artifact apart, for a server that keeps only what it needs.
    #[must_use]
    pub fn into_parts(self) -> (Manifest, ServedTrio) {
        (self.manifest, self.trio)
    }
}

/// Loads the folder or archive at `path`. Every file that is read is checked against the manifest.
///
/// # Errors
/// When a file is missing, truncated, damaged, foreign, newer or does not fit the others, or the
/// archive contains what it should not.
pub fn load(path: &Path, what: What) -> Result<Artifact, ArtifactError> {
    settled(path, |contents| contents.artifact(what))
}

/// Loads `version` from its folder below `artifacts`.
///
/// # Errors
/// As [`load`], and when the folder holds another version than its name says.
pub fn load_version(
    artifacts: &Path,
    version: ModelVersion,
    what: What,
) -> Result<Artifact, ArtifactError> {
    let path = version::version_path(artifacts, version);
    let artifact = load(&path, what)?;
    let found = artifact.manifest.model_version;
    if found == version {
        Ok(artifact)
    } else {
        Err(ArtifactError::OtherVersion { path, found })
    }
}

/// Reads the manifest of the folder or archive at `path` alone; the other files may be anything.
///
/// # Errors
/// When the manifest is missing, damaged, foreign or newer.
pub fn read_manifest(path: &Path) -> Result<Manifest, ArtifactError> {
    Ok(Contents::open(path)?.manifest)
}

/// Reads what the version in the folder or archive at `path` remembers of its training; `None` when
/// an older hp trained it. Models are not read, and [`load`] does not read this.
///
/// # Errors
/// When the manifest or the reference is missing though listed, damaged, foreign or newer, or the
/// reference is not of the features of the schema.
pub fn read_reference(path: &Path) -> Result<Option<TrainingReference>, ArtifactError> {
    settled(path, Contents::reference)
}

/// Checks all of the folder or archive at `path`: every file is there, as it was written and
/// decodes; a folder holds nothing else, and an archive agrees with its checksum file, if any.
///
/// # Errors
/// The only fault, or [`ArtifactError::Unsound`] with all of them.
pub fn verify(path: &Path) -> Result<Manifest, ArtifactError> {
    Ok(verified(path)?.manifest)
}

/// Verifies the archive at `path` and gives all its files by name, unpacked once.
///
/// # Errors
/// As [`verify`], and when `path` is a folder.
pub fn read_archive(path: &Path) -> Result<BTreeMap<String, Vec<u8>>, ArtifactError> {
    match verified(path)?.files {
        Files::Archive { entries, .. } => Ok(entries),
        Files::Folder(path) => Err(ArtifactError::Foreign { path }),
    }
}

/// What `read` finds in the folder or archive at `path`, once again if the version was overwritten
/// meanwhile.
fn settled<T>(
    path: &Path,
    read: impl Fn(&Contents) -> Result<T, ArtifactError>,
) -> Result<T, ArtifactError> {
    let mut contents = Contents::open(path)?;
    for _ in 0..OVERTAKEN {
        let found = read(&contents);
        if found.is_ok() {
            return found;
        }
        // The version may have been overwritten since its manifest was read.
        let now = Contents::open(path)?;
        if now.manifest == contents.manifest {
            return found;
        }
        contents = now;
    }
    read(&contents)
}

/// Opens the folder or archive at `path` and checks all of it.
fn verified(path: &Path) -> Result<Contents, ArtifactError> {
    let contents = Contents::open(path)?;
    let mut faults = contents.faults()?;
    if let Files::Archive { .. } = contents.files {
        faults.extend(archive::check_digest(path).err());
    }
    match faults.pop() {
        None => Ok(contents),
        Some(only) if faults.is_empty() => Err(only),
        Some(last) => {
            faults.push(last);
            Err(ArtifactError::Unsound {
                path: path.to_owned(),
                faults,
            })
        }
    }
}

/// An artifact whose manifest was read.
struct Contents {
    files: Files,
    manifest: Manifest,
}

impl Contents {
    fn open(path: &Path) -> Result<Self, ArtifactError> {
        let files = Files::open(path)?;
        let manifest = Manifest::parse(&files.path_of(MANIFEST_FILE), &files.manifest()?)?;
        Ok(Self { files, manifest })
    }

    fn artifact(&self, what: What) -> Result<Artifact, ArtifactError> {
        let trio = ServedTrio {
            preprocessor: self.preprocessor()?,
            main: self.served(Role::Main)?,
            lower: self.served(Role::Lower)?,
            upper: self.served(Role::Upper)?,
        };
        let mut others = BTreeMap::new();
        if what == What::All {
            for entry in &self.manifest.methods {
                if self.manifest.serving.role_of(&entry.name).is_none() {
                    others.insert(entry.name.clone(), self.model(&entry.file)?);
                }
            }
        }
        Ok(Artifact {
            manifest: self.manifest.clone(),
            trio,
            others,
        })
    }

    fn faults(&self) -> Result<Vec<ArtifactError>, ArtifactError> {
        let mut faults = Vec::new();
        faults.extend(self.preprocessor().err());
        for entry in &self.manifest.methods {
            faults.extend(self.model(&entry.file).err());
        }
        faults.extend(self.reference().err());
        for name in self.files.names_in_folder()? {
            if name != MANIFEST_FILE && !self.manifest.files.contains_key(&name) {
                let path = self.files.path_of(&name);
                faults.push(ArtifactError::Unlisted { path });
            }
        }
        Ok(faults)
    }

    fn served(&self, role: Role) -> Result<FittedModel, ArtifactError> {
        let name = &self.manifest.serving.of(role).method;
        let entry = self.manifest.method(name).ok_or_else(|| {
            let problem = format!("there is no method `{name}`");
            ArtifactError::inconsistent(&self.files.path_of(MANIFEST_FILE), problem)
        })?;
        self.model(&entry.file)
    }

    fn preprocessor(&self) -> Result<Preprocessor, ArtifactError> {
        self.object(
            PREPROCESSOR_FILE,
            codec::preprocessor_of,
            Preprocessor::n_features,
        )
    }

    fn model(&self, file: &str) -> Result<FittedModel, ArtifactError> {
        self.object(file, codec::model_of, FittedModel::n_features)
    }

    fn reference(&self) -> Result<Option<TrainingReference>, ArtifactError> {
        let Some(&entry) = self.manifest.files.get(REFERENCE_FILE) else {
            return Ok(None);
        };
        let path = self.files.path_of(REFERENCE_FILE);
        reference::check_length(&path, entry.bytes)?;
        let bytes = self.files.listed(REFERENCE_FILE, entry)?;
        check_digest(&path, entry, Fingerprint::of(&bytes))?;
        reference::decode(&path, &bytes, &self.manifest.schema).map(Some)
    }

    /// Reads and decodes one file, which must be as listed and fit the schema.
    fn object<T>(
        &self,
        file: &str,
        decode: impl FnOnce(&Path, &container::Opened<'_>) -> Result<T, ArtifactError>,
        n_features: impl FnOnce(&T) -> usize,
    ) -> Result<T, ArtifactError> {
        let path = self.files.path_of(file);
        let entry = self.entry(&path, file)?;
        let bytes = self.files.listed(file, entry)?;
        let opened = container::open(&path, &bytes)?;
        check_digest(&path, entry, opened.digest)?;
        let object = decode(&path, &opened)?;
        let (found, expected) = (n_features(&object), self.manifest.schema.features.len());
        if found != expected {
            let problem = format!("it has {found} features, the schema {expected}");
            return Err(ArtifactError::inconsistent(&path, problem));
        }
        Ok(object)
    }

    fn entry(&self, path: &Path, file: &str) -> Result<FileEntry, ArtifactError> {
        let entry = self.manifest.files.get(file).copied();
        entry.ok_or_else(|| ArtifactError::Unlisted {
            path: path.to_owned(),
        })
    }
}

/// Compares the digest that was `found` with the listed one.
fn check_digest(path: &Path, entry: FileEntry, found: Fingerprint) -> Result<(), ArtifactError> {
    if found == entry.sha256 {
        return Ok(());
    }
    Err(ArtifactError::Damaged {
        path: path.to_owned(),
        expected: entry.sha256.to_string(),
        found,
    })
}
