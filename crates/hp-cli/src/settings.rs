//! Arguments that several subcommands share, and the files they name.

#[cfg(feature = "pipeline")]
mod configs;
mod period;
mod prediction_log;
mod size;
mod tracking;
mod version;
mod width;

#[cfg(feature = "pipeline")]
pub(crate) use configs::{DataArgs, DataConfigArgs, ModelArgs};
pub(crate) use period::period;
pub(crate) use prediction_log::{
    DEFAULT_STORE, LogPlace, SpoolArgs, make_folder_of, open_existing, open_store,
    open_store_of_server,
};
pub(crate) use size::size;
pub(crate) use tracking::Tracked;
pub(crate) use version::VersionArgs;
pub(crate) use width::width;

use crate::failure::{Code, Failure};
use anyhow::anyhow;
use clap::Args;
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
