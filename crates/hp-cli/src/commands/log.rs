//! `hp log`: the predictions that were made.

mod export;
mod init;
mod list;
mod prune;
mod replay;
mod show;
mod stats;

#[cfg(all(feature = "pipeline", feature = "monitor"))]
pub(super) use export::parquet_files;

mod filter;
mod pages;

use crate::failure::{Code, Failure};
use crate::settings::{DEFAULT_STORE, LogPlace, open_existing};
use anyhow::anyhow;
use clap::Subcommand;

/// Set up, read, export and clear the prediction log
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
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
    #[command(subcommand)]
    command: Command,
}

/// What can be done with the log.
#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    List(list::Args),
    Show(show::Args),
    Stats(stats::Args),
    Export(export::Args),
    Prune(prune::Args),
    Replay(replay::Args),
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(dispatch(args))
}

async fn dispatch(args: &Args) -> Result<(), Failure> {
    let LogPlace::At(uri) = &args.store else {
        let error = anyhow!("the prediction log is off (`none`)");
        return Err(Failure::new(Code::Usage, error).hint("name a log with --store or HP_STORE"));
    };
    let store = async || open_existing(uri).await;
    match &args.command {
        Command::Init(init) => init::run(init, uri).await,
        Command::List(list) => list::run(list, &*store().await?).await,
        Command::Show(show) => show::run(show, &*store().await?).await,
        Command::Stats(stats) => stats::run(stats, &*store().await?).await,
        Command::Export(export) => export::run(export, &*store().await?).await,
        Command::Prune(prune) => prune::run(prune, &*store().await?).await,
        Command::Replay(replay) => replay::run(replay, uri).await,
    }
}
