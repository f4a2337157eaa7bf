//! `hp runs reindex`: the index made anew from the folders.

use super::warn;
use crate::failure::{Code, Failure};
use crate::output;
use crate::settings::StoreArgs;
use anyhow::anyhow;
use hp_registry::runs::RunStore;

/// Make the index of the runs anew from their folders
///
/// The folders are what counts: the index may be deleted, and folders may be copied from elsewhere.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let reindexed = RunStore::new(&args.store.artifacts).reindex()?;
    output::say(format!("{} runs are in the index", reindexed.runs));
    let count = reindexed.damaged.len();
    warn(reindexed.damaged);
    if count == 0 {
        return Ok(());
    }
    Err(
        Failure::new(Code::Failed, anyhow!("{count} folders hold no run"))
            .hint("restore their `run.json`, or delete the folders"),
    )
}
