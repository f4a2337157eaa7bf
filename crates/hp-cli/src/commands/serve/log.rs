//! The prediction log of a server.

use super::blocking;
use crate::failure::Failure;
use crate::settings::{
    DEFAULT_STORE, LogPlace, SpoolArgs, make_folder_of, open_store_of_server, period, size,
};
use hp_store::{LogOptions, PredictionLog};
use std::sync::Arc;
use std::time::Duration;

/// How predictions are kept.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Prediction log")]
pub(super) struct LogArgs {
    /// Where predictions are kept: `sqlite://FILE`, `dynamodb://TABLE?region=REGION`, `memory:` or `none`
    #[arg(long, value_name = "URI", default_value = DEFAULT_STORE, env = "HP_STORE")]
    store: LogPlace,
    /// How long the store may take before a prediction goes to the spool
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = period)]
    store_timeout: Duration,
    #[command(flatten)]
    spool: SpoolArgs,
    /// The most bytes of the spool; when it is full, requests are refused with 503
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "64MiB",
        env = "HP_SPOOL_BYTES",
        value_parser = size
    )]
    spool_bytes: u64,
}

impl LogArgs {
    /// Where predictions are kept, in words.
    pub(super) fn place(&self) -> String {
        match &self.store {
            LogPlace::Off => "none".to_owned(),
            LogPlace::At(uri) => uri.to_string(),
        }
    }

    /// Opens the log, unless it is off.
    pub(super) async fn open(&self) -> Result<Option<Arc<PredictionLog>>, Failure> {
        let LogPlace::At(uri) = &self.store else {
            return Ok(None);
        };
        let store = open_store_of_server(uri).await?;
        make_folder_of(&self.spool.spool)?;
        let options = LogOptions {
            deadline: self.store_timeout,
            spool: self.spool.spool.clone(),
            spool_bytes: self.spool_bytes,
        };
        let log = blocking(|| Ok(PredictionLog::open(store, options)?)).await?;
        Ok(Some(Arc::new(log)))
    }
}
