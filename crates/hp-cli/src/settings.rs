//! Arguments that several subcommands share, and the files they name.

#[cfg(feature = "pipeline")]
mod configs;
mod period;
mod prediction_log;
mod size;

#[cfg(feature = "pipeline")]
pub(crate) use configs::{DataArgs, DataConfigArgs, ModelArgs};
pub(crate) use period::period;
pub(crate) use prediction_log::{
    DEFAULT_STORE, LogPlace, SpoolArgs, make_folder_of, open_existing, open_store,
    open_store_of_server,
};
pub(crate) use size::size;

use crate::failure::{Code, Failure};
use anyhow::anyhow;
use clap::Args;
use hp_artifact::{Artifact, What, list_versions, load_version, version_path};
use hp_core::version::{ModelVersion, VersionError};
use std::path::{Path, PathBuf};

/// Where model versions are kept.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// Folder of the model versions
    #[arg(
        long,
        value_name = "DIR",
        default_value = "artifacts",
        env = "HP_ARTIFACTS"
    )]
    pub(crate) artifacts: PathBuf,
}

/// Refuses to put a file in the place of a folder or a device, which renaming would do.
pub(crate) fn check_output(path: &Path) -> Result<(), Failure> {
    match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => {
            let error = anyhow!("`{}` is not a file that can be replaced", path.display());
            Err(Failure::new(Code::Failed, error).hint("name another file"))
        }
        _ => Ok(()),
    }
}

/// Which model version to use.
#[derive(Debug, Clone, Args)]
pub(crate) struct VersionArgs {
    /// The version, or `latest` [default: latest]
    #[arg(long, value_name = "VERSION", env = "MODEL_VERSION")]
    pub(crate) model_version: Option<String>,
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

    fn version(&self) -> Result<ModelVersion, Failure> {
        let artifacts = &self.store.artifacts;
        let existing = list_versions(artifacts)?;
        let wanted = self.model_version.as_deref();
        let Some(wanted) = wanted.filter(|text| *text != "latest") else {
            return existing.last().copied().ok_or_else(|| {
                let error = anyhow!("there is no model version in `{}`", artifacts.display());
                Failure::new(Code::Failed, error).hint("run `hp train`")
            });
        };
        let version = wanted
            .parse()
            .map_err(|error: VersionError| Failure::new(Code::Usage, error.into()))?;
        if !existing.contains(&version) {
            let names: Vec<_> = existing.iter().map(ToString::to_string).collect();
            let error = anyhow!("there is no {version} in `{}`", artifacts.display());
            return Err(
                Failure::new(Code::Failed, error).hint(match names.as_slice() {
                    [] => "run `hp train`".to_owned(),
                    names => format!("choose from {}", names.join(", ")),
                }),
            );
        }
        Ok(version)
    }
}
