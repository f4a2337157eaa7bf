//! Where predictions are kept.

use crate::failure::{Code, Failure};
use anyhow::anyhow;
use clap::Args;
use hp_durable::IoError;
use hp_store::{Clock, PredictionStore, StoreUri, StoreUriError};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// Where predictions are kept when nobody says otherwise.
pub(crate) const DEFAULT_STORE: &str = "sqlite://data/predictions.db";

/// A log that may be switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LogPlace {
    /// Predictions are given and forgotten.
    Off,
    /// They are kept here.
    At(StoreUri),
}

impl FromStr for LogPlace {
    type Err = StoreUriError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::Off),
            text => text.parse().map(Self::At),
        }
    }
}

/// Where predictions wait for a store that is down.
#[derive(Debug, Clone, Args)]
pub(crate) struct SpoolArgs {
    /// File in which predictions wait while the store is down
    #[arg(
        long,
        value_name = "FILE",
        default_value = "data/predictions.spool",
        env = "HP_SPOOL"
    )]
    pub(crate) spool: PathBuf,
}

/// The store at `uri`, which is made if it can be.
pub(crate) async fn open_store(uri: &StoreUri) -> Result<Arc<dyn PredictionStore>, Failure> {
    make_room_for(uri)?;
    Ok(hp_store::open(uri, clock()).await?)
}

/// The store at `uri` for a server, which answers also while a service is down.
pub(crate) async fn open_store_of_server(
    uri: &StoreUri,
) -> Result<Arc<dyn PredictionStore>, Failure> {
    make_room_for(uri)?;
    Ok(hp_store::open_even_if_down(uri, clock()).await?)
}

/// The store at `uri`, which must have been made before.
pub(crate) async fn open_existing(uri: &StoreUri) -> Result<Arc<dyn PredictionStore>, Failure> {
    if let StoreUri::Sqlite { path, .. } = uri
        && !path.exists()
    {
        let error = anyhow!("there is no prediction log `{}`", path.display());
        return Err(Failure::new(Code::Failed, error)
            .hint("check --store; `hp serve` and `hp log init` make it"));
    }
    open_store(uri).await
}

/// Makes the folder of a store that is a file.
fn make_room_for(uri: &StoreUri) -> Result<(), Failure> {
    match uri {
        StoreUri::Sqlite { path, .. } => make_folder_of(path),
        _ => Ok(()),
    }
}

fn clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// Makes the folder that `file` will be in.
pub(crate) fn make_folder_of(file: &Path) -> Result<(), Failure> {
    match file.parent() {
        Some(folder) if folder != Path::new("") => {
            Ok(std::fs::create_dir_all(folder).map_err(IoError::of("create", folder))?)
        }
        _ => Ok(()),
    }
}
