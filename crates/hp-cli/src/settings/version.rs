//! Which model version a command works with.

use super::{StoreArgs, Tracked};
use crate::failure::Failure;
use clap::Args;
use hp_artifact::{Artifact, What, load_version, version_path};
use hp_core::version::ModelVersion;
use hp_registry::reference::Reference;
use std::path::{Path, PathBuf};

/// Which model version to use.
#[derive(Debug, Clone, Args)]
pub(crate) struct VersionArgs {
    /// A version, an alias such as `champion`, `latest`, or a version on the tracking server:
    /// `models:/hp@champion`, `models:/hp/3`
    #[arg(
        long,
        value_name = "VERSION",
        default_value = "latest",
        env = "MODEL_VERSION"
    )]
    pub(crate) model_version: Reference,
    /// A version's folder or archive, wherever it is
    #[arg(long, value_name = "PATH")]
    pub(crate) artifact: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

impl VersionArgs {
    /// Loads the version that is meant.
    pub(crate) fn load(&self, what: What) -> Result<Artifact, Failure> {
        match &self.artifact {
            Some(path) => Ok(hp_artifact::load(path, what)?),
            None => Ok(load_version(&self.store.artifacts, self.version()?, what)?),
        }
    }

    /// The folder or archive of the version that is meant.
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        match &self.artifact {
            Some(path) => Ok(path.clone()),
            None => Ok(version_path(&self.store.artifacts, self.version()?)),
        }
    }

    /// The folder for files about the version: beside it, never in it.
    pub(crate) fn folder(&self) -> PathBuf {
        let Some(path) = &self.artifact else {
            return self.store.artifacts.clone();
        };
        // `.` and `..` have the right parent as an absolute path only.
        let absolute = match path.file_name() {
            Some(_) => None,
            None => path.canonicalize().ok(),
        };
        let beside = absolute.as_ref().unwrap_or(path).parent();
        beside.unwrap_or(Path::new("")).to_owned()
    }

    /// The version in the folder that is meant; one on the tracking server is brought there first.
    fn version(&self) -> Result<ModelVersion, Failure> {
        let artifacts = &self.store.artifacts;
        match &self.model_version {
            Reference::Remote(remote) => Tracked::pull_or_last(remote, artifacts),
            reference => Ok(hp_registry::resolve(artifacts, reference)?),
        }
    }
}
