//! `hp data`: versions of the data set.

mod checkout;
mod diff;
mod list;
mod tag;
mod verify;

use crate::failure::Failure;
use crate::settings::{DataArgs, StoreArgs};
use clap::Subcommand;
use hp_core::fingerprint::Fingerprint;
use hp_data::DataSet;
use hp_data::versions::{Tag, Versions};
use std::path::{Path, PathBuf};

/// Tag, list, compare, check and bring back versions of the data set
///
/// The bytes are kept by their digest, each once; a tag is a small text file for Git to track. The
/// data of every training is kept as well.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What can be done with versions.
#[derive(Debug, Subcommand)]
enum Command {
    Tag(tag::Args),
    List(list::Args),
    Checkout(checkout::Args),
    Diff(diff::Args),
    Verify(verify::Args),
}

/// Where the bytes of data sets are kept.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DataStoreArgs {
    /// Folder of kept data [default: `data` in the folder of the model versions]
    #[arg(long, value_name = "DIR", env = "HP_DATA_STORE")]
    pub(crate) data_store: Option<PathBuf>,
}

/// The data set and its versions.
#[derive(Debug, clap::Args)]
struct VersionsArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    artifacts: StoreArgs,
    #[command(flatten)]
    store: DataStoreArgs,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::Tag(args) => tag::run(args),
        Command::List(args) => list::run(args),
        Command::Checkout(args) => checkout::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Verify(args) => verify::run(args),
    }
}

impl DataStoreArgs {
    /// The folder, beside model versions below `artifacts` unless told otherwise.
    pub(crate) fn folder(&self, artifacts: &Path) -> PathBuf {
        let default = || artifacts.join("data");
        self.data_store.clone().unwrap_or_else(default)
    }
}

impl VersionsArgs {
    fn versions(&self) -> Versions {
        let store = self.store.folder(&self.artifacts.artifacts);
        Versions::new(store, &self.data.data_dir)
    }

    fn data_set(&self) -> Result<DataSet, Failure> {
        Ok(self.data.data_set(&self.data.config()?))
    }

    /// The data that lies there now, if it is as it was published.
    fn current(&self) -> Result<Option<Fingerprint>, Failure> {
        let manifest = self.data_set()?.check().ok();
        Ok(manifest.map(|manifest| manifest.fingerprint))
    }
}

/// What git calls a data version.
fn git_tag(tag: &Tag) -> String {
    format!("data-{tag}")
}
