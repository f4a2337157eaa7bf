//! `hp runs sync`: what the tracking server does not know yet is sent to it.

use super::warn;
use crate::failure::{Code, Failure};
use crate::output;
use crate::settings::{StoreArgs, Tracked};
use anyhow::anyhow;
use hp_core::version::ModelVersion;
use hp_registry::aliases::Aliases;
use hp_registry::run::{RunId, RunStatus};
use hp_registry::runs::{RunQuery, RunStore};

/// Send runs and aliases that the tracking server does not know yet
///
/// The server is the one that `MLFLOW_TRACKING_URI` names. What was sent before is not sent twice,
/// and what was interrupted is resumed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ids of runs, beginnings of ids, versions, or `latest` [default: all runs]
    #[arg(value_name = "RUN")]
    runs: Vec<String>,
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let artifacts = &args.store.artifacts;
    let tracked = Tracked::required()?;
    let store = RunStore::new(artifacts);
    let mut failed = 0;
    let runs = args.chosen(&store)?;
    for &(id, version) in &runs {
        let folder = store.folder(id);
        if tracked.knows(&folder) {
            continue;
        }
        match tracked.send_run(&folder, artifacts) {
            Ok(()) => output::say(format!("sent run {id} ({version})")),
            // Of a server that is down the others need not be told either.
            Err(failure) if failure.code() == Code::Network => return Err(failure),
            Err(failure) => {
                failed += 1;
                output::warn(&failure.context(format!("run {id} is not sent")));
            }
        }
    }
    let aliases = Aliases::load(artifacts)?;
    let mut total = runs.len();
    for (alias, version) in aliases.all() {
        total += 1;
        if tracked.knows_alias(alias, version, artifacts) {
            continue;
        }
        match tracked.send_alias(alias, version, artifacts) {
            Ok(()) => output::say(format!("the tracking server knows {alias} = {version}")),
            Err(failure) => {
                failed += 1;
                output::warn(&failure.context(format!("{alias} = {version} is not told")));
            }
        }
    }
    if failed == 0 {
        output::say(match runs.len() {
            0 => "no run to send".to_owned(),
            1 => "the tracking server knows the run".to_owned(),
            count => format!("the tracking server knows all of {count} runs"),
        });
        return Ok(());
    }
    Err(Failure::new(
        Code::Failed,
        anyhow!("{failed} of {total} runs and aliases could not be sent"),
    ))
}

impl Args {
    /// The runs to send, oldest first. One that is at work is sent when it ends.
    fn chosen(&self, store: &RunStore) -> Result<Vec<(RunId, ModelVersion)>, Failure> {
        if !self.runs.is_empty() {
            let found = self.runs.iter().map(|text| {
                let run = store.find(text)?;
                Ok((run.id, run.model_version))
            });
            return found.collect();
        }
        let listing = store.list(&RunQuery::default())?;
        warn(listing.warnings);
        let ended = listing.runs.iter().rev();
        let ended = ended.filter(|run| run.status != RunStatus::Running);
        Ok(ended.map(|run| (run.id, run.model_version)).collect())
    }
}
