//! `hp monitor`: when not to trust the model.

mod check;
mod report;
mod serve;

mod alone;
mod selection;
mod versions;

use super::serve::runtime;
use crate::failure::{Code, Failure};
use crate::settings::{
    DEFAULT_STORE, LogPlace, open_existing, open_store_of_server, period, width,
};
use alone::Alone;
use anyhow::anyhow;
use clap::Subcommand;
use hp_monitor::statistics::DriftSettings;
use hp_monitor::view::{Monitor, MonitorOptions};
use hp_store::StoreUri;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use versions::Versions;

/// Show in a browser how certain the model is and whether its inputs have changed
///
/// The page is on port 8501 of this machine unless told otherwise; `report` prints the same figures
/// and `check` judges them. The prediction log is only read.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    what: Watched,
    #[command(flatten)]
    serve: Alone<serve::Args>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What is monitored.
#[derive(Debug, clap::Args)]
struct Watched {
    /// Where predictions are kept: `sqlite://FILE` or `dynamodb://TABLE?region=REGION`
    #[arg(
        long,
        global = true,
        display_order = 900,
        value_name = "URI",
        default_value = DEFAULT_STORE,
        env = "HP_STORE"
    )]
    store: LogPlace,
    /// How long the prediction log may take for an answer
    #[arg(
        long,
        global = true,
        display_order = 901,
        value_name = "TIME",
        default_value = "10s",
        value_parser = period
    )]
    store_timeout: Duration,
    /// Folder of the model versions, which remember their training rows
    #[arg(
        long,
        global = true,
        display_order = 902,
        value_name = "DIR",
        default_value = "artifacts",
        env = "HP_ARTIFACTS"
    )]
    artifacts: PathBuf,
    /// Interval width above which a prediction is doubtful, in units of the target
    #[arg(
        long,
        global = true,
        display_order = 903,
        value_name = "WIDTH",
        default_value = "22",
        env = "HP_WIDTH_THRESHOLD",
        value_parser = width
    )]
    width_threshold: f64,
    /// The least predictions for a verdict
    #[arg(
        long,
        global = true,
        display_order = 904,
        value_name = "N",
        default_value = "20",
        value_parser = clap::value_parser!(u16).range(1..=2000)
    )]
    min_rows: u16,
}

/// What else can be done.
#[derive(Debug, Subcommand)]
enum Command {
    Report(report::Args),
    Check(check::Args),
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let LogPlace::At(uri) = &args.what.store else {
        let error = anyhow!("the prediction log is off (`none`)");
        return Err(Failure::new(Code::Usage, error).hint("name a log with --store or HP_STORE"));
    };
    match &args.command {
        None => serve::run(&args.serve.0, &args.what, uri),
        Some(Command::Report(report)) => {
            runtime(None)?.block_on(report::run(report, &args.what, uri))
        }
        Some(Command::Check(check)) => runtime(None)?.block_on(check::run(check, &args.what, uri)),
    }
}

impl Watched {
    /// The monitor of the log at `uri`, which must be there.
    async fn monitor(&self, uri: &StoreUri) -> Result<Monitor, Failure> {
        let store = match uri {
            // A service may be down for a while; a file that is missing is a mistake.
            StoreUri::DynamoDb(_) => open_store_of_server(uri).await?,
            _ => open_existing(uri).await?,
        };
        let options = MonitorOptions {
            clock: Arc::new(Timestamp::now),
            store_kind: match uri {
                StoreUri::Sqlite { .. } => "sqlite",
                StoreUri::Memory => "memory",
                StoreUri::DynamoDb(_) => "dynamodb",
            },
            width_threshold: self.width_threshold,
            drift: DriftSettings {
                min_rows: usize::from(self.min_rows),
                ..DriftSettings::default()
            },
            deadline: self.store_timeout,
        };
        let versions = Arc::new(Versions::new(self.artifacts.clone()));
        Ok(Monitor::new(store, versions, options))
    }
}
