//! Fetching a registered version.

mod download;

use super::artifacts::store_path;
use super::error::MlflowError;
use super::memory::{Memory, Remembered};
use super::state::read_if_there;
use super::{Tracking, api};
use crate::reference::{RemoteReference, Selector};
use download::Download;
use hp_artifact::{ArtifactError, MANIFEST_FILE, Manifest, version_path};
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use hp_durable::{IoError, StagedFolder};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Where files are collected until a version is complete. Only one process pulls at a time; what a
/// killed one has collected is used by the next that wants the same version.
const COLLECTING: &str = ".pull";

/// More names than this are in no folder of a version.
const MOST_NAMES: usize = 10_000;

/// Largest manifest that is fetched.
const MANIFEST_BYTES: u64 = 16 << 20;

/// A version that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The version, below the folder of all versions.
    pub version: ModelVersion,
    /// Digest of its manifest.
    pub manifest_sha256: Fingerprint,
    /// The number that the server gave it.
    pub number: u64,
    /// How many bytes were fetched.
    pub downloaded_bytes: u64,
    /// Whether it was there already, all of it sound.
    pub was_there: bool,
    /// What was wrong with it where it was there already and had to be fetched again.
    pub repaired: Option<String>,
}

/// What is at the place of a version.
enum Found {
    Nothing,
    Sound,
    /// It has the manifest, but other files than that lists; all of them can be fetched again.
    Damaged(ArtifactError),
}

impl Tracking {
    /// Fetches the version that `reference` means, checks all of it and puts it below `artifacts`.
    /// One that is there already is checked, and fetched again only if it is damaged.
    ///
    /// # Errors
    /// There is no such version, it was not written by hp, what came stays damaged after all
    /// retries, or another version of that name is there.
    pub async fn pull(
        &self,
        reference: &RemoteReference,
        artifacts: &Path,
    ) -> Result<Pulled, MlflowError> {
        let client = &self.client;
        let folder = artifacts.join(COLLECTING);
        fs::create_dir_all(&folder).map_err(IoError::of("create", &folder))?;
        let lock = folder.join("lock");
        let _lock = super::sync::lock(lock).await?;

        let (number, expected) = self.resolve(reference).await?;
        let find = async || client.download_uri(&reference.model, number).await;
        let uri = client.retry(find).await?;
        let store = store_path(&uri, &client.settings().uri)?;
        let names = self.names(reference, &store).await?;
        if !names.contains(MANIFEST_FILE) {
            return Err(foreign(reference, "it has no `manifest.json`"));
        }

        let mut download = Download::new(client, &store);
        let bytes = download.manifest(MANIFEST_BYTES, expected).await?;
        let manifest = Manifest::parse(&PathBuf::from(reference.to_string()), &bytes)?;
        let remembered = Remembered {
            version: manifest.model_version,
            manifest_sha256: Fingerprint::of(&bytes),
            number,
        };
        let target = version_path(artifacts, manifest.model_version);
        let found = found_at(&target, remembered.manifest_sha256)?;
        let was_there = matches!(found, Found::Sound);
        if !was_there {
            if let Some(missing) = manifest.files.keys().find(|name| !names.contains(*name)) {
                return Err(foreign(
                    reference,
                    format!("the file `{missing}` is missing"),
                ));
            }
            let collected = folder.join(remembered.manifest_sha256.to_string());
            forget_others(&folder, &collected)?;
            fs::create_dir_all(&collected).map_err(IoError::of("create", &collected))?;
            download.files(&manifest, &collected).await?;
            let path = collected.join(MANIFEST_FILE);
            fs::write(&path, &bytes).map_err(IoError::of("write", &path))?;
            install(&collected, &manifest, &target, remembered.manifest_sha256)?;
            fs::remove_dir_all(&collected).map_err(IoError::of("remove", &collected))?;
        }
        Memory::pulled(artifacts, reference, remembered)?;
        Ok(Pulled {
            version: remembered.version,
            manifest_sha256: remembered.manifest_sha256,
            number,
            downloaded_bytes: download.bytes(),
            was_there,
            repaired: match found {
                Found::Damaged(error) => Some(error.to_string()),
                Found::Nothing | Found::Sound => None,
            },
        })
    }

    /// The number of the version, and the digest of its manifest where hp registered it.
    async fn resolve(
        &self,
        reference: &RemoteReference,
    ) -> Result<(u64, Option<Fingerprint>), MlflowError> {
        let client = &self.client;
        let model = &reference.model;
        let find = async || match &reference.selector {
            Selector::Alias(alias) => client.version_by_alias(model, alias.as_str()).await,
            Selector::Number(number) => client.version_by_number(model, *number).await,
        };
        let found = client.retry(find).await.map_err(|error| {
            if error.is_missing() && !error.is_unknown_route() {
                let reference = reference.to_string();
                return MlflowError::NoSuchVersion { reference };
            }
            error
        })?;
        let expected = found.manifest().and_then(|text| text.parse().ok());
        Ok((found.number(), expected))
    }

    /// The names in the folder of the version; one that could mean anything but a file or folder
    /// right there is refused, also where nobody would ask for it.
    async fn names(
        &self,
        reference: &RemoteReference,
        store: &str,
    ) -> Result<BTreeSet<String>, MlflowError> {
        let client = &self.client;
        let list = async || api::listing(client, store, MOST_NAMES + 1).await;
        let listing = client.retry(list).await?;
        if listing.len() > MOST_NAMES {
            let problem = format!("it lists more than {MOST_NAMES} names");
            return Err(foreign(reference, problem));
        }
        let mut names = BTreeSet::new();
        let mut folders = BTreeSet::new();
        for file in listing {
            let hostile =
                !is_plain(&file.path) || names.contains(&file.path) || folders.contains(&file.path);
            if hostile {
                let name = file.path.chars().filter(|c| !c.is_control()).take(60);
                return Err(MlflowError::Hostile {
                    reference: reference.to_string(),
                    name: name.collect(),
                });
            }
            if file.is_dir {
                folders.insert(file.path);
            } else {
                names.insert(file.path);
            }
        }
        Ok(names)
    }
}

/// Whether `name` can only mean something directly in a folder, on any system.
fn is_plain(name: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':');
    !name.is_empty() && name != "." && name != ".." && name.len() <= 255 && !name.contains(odd)
}

/// Looks whether the version with this manifest is at `target`; another one is an error, as is a
/// damaged one with files of somebody else, which would be lost.
fn found_at(target: &Path, manifest_sha256: Fingerprint) -> Result<Found, MlflowError> {
    if target.symlink_metadata().is_err() {
        return Ok(Found::Nothing);
    }
    let manifest = read_if_there(&target.join(MANIFEST_FILE))?;
    if manifest.is_none_or(|bytes| Fingerprint::of(&bytes) != manifest_sha256) {
        return Err(MlflowError::Different {
            path: target.to_owned(),
        });
    }
    let Err(error) = hp_artifact::verify(target) else {
        return Ok(Found::Sound);
    };
    let faults = match &error {
        ArtifactError::Unsound { faults, .. } => faults.as_slice(),
        fault => std::slice::from_ref(fault),
    };
    let is_unlisted = |fault: &ArtifactError| matches!(fault, ArtifactError::Unlisted { .. });
    let is_unreadable = |fault: &ArtifactError| matches!(fault, ArtifactError::Io(_));
    if faults.iter().all(is_unlisted) {
        // Its own files are as they should be.
        return Ok(Found::Sound);
    }
    if faults
        .iter()
        .any(|fault| is_unlisted(fault) || is_unreadable(fault))
    {
        return Err(error.into());
    }
    Ok(Found::Damaged(error))
}

/// Removes what was collected of other versions.
fn forget_others(folder: &Path, collected: &Path) -> Result<(), IoError> {
    let failed = IoError::of("read", folder);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() && path != collected {
            fs::remove_dir_all(&path).map_err(IoError::of("remove", &path))?;
        }
    }
    Ok(())
}

/// Checks what was collected and makes a version of it.
fn install(
    collected: &Path,
    manifest: &Manifest,
    target: &Path,
    manifest_sha256: Fingerprint,
) -> Result<(), MlflowError> {
    hp_artifact::verify(collected)?;
    let staged = StagedFolder::new(target)?;
    // Somebody may have been faster; versions do not change.
    if matches!(found_at(target, manifest_sha256)?, Found::Sound) {
        return Ok(());
    }
    let mut files = Vec::new();
    for name in manifest
        .files
        .keys()
        .map(String::as_str)
        .chain([MANIFEST_FILE])
    {
        let path = collected.join(name);
        let file = File::open(&path).map_err(IoError::of("read", &path))?;
        files.push((name, file));
    }
    staged.fill(files)?;
    Ok(staged.commit()?)
}

fn foreign(reference: &RemoteReference, problem: impl Into<String>) -> MlflowError {
    MlflowError::Foreign {
        reference: reference.to_string(),
        problem: problem.into(),
    }
}
