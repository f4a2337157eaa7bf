//! `hp runs list`: the newest trainings.

use super::warn;
use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use crate::settings::StoreArgs;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use hp_core::version::ModelVersion;
use hp_registry::run::RunStatus;
use hp_registry::runs::{RunQuery, RunStore, RunSummary};
use std::num::NonZeroUsize;

/// Print the newest runs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The most that are printed
    #[arg(long, value_name = "N", default_value = "20")]
    limit: NonZeroUsize,
    /// Only runs that stand like this
    #[arg(long, value_name = "STATUS", ignore_case = true, value_parser = status())]
    status: Option<RunStatus>,
    /// Only runs of this version
    #[arg(long, value_name = "VERSION")]
    model_version: Option<ModelVersion>,
    #[command(flatten)]
    store: StoreArgs,
    /// How to print them
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let query = RunQuery {
        limit: Some(args.limit.get()),
        status: args.status,
        version: args.model_version,
    };
    let store = RunStore::new(&args.store.artifacts);
    let listing = store.list(&query)?;
    let runs = listing.runs;
    output::print(args.format, &runs, &[sheet(&runs)])?;
    warn(listing.warnings);
    warn(store.damage(&runs));
    if runs.is_empty() {
        output::say("there is no such run; every `hp train` is one");
    }
    Ok(())
}

fn sheet(runs: &[RunSummary]) -> Sheet {
    let columns = [
        "run",
        "started (UTC)",
        "seconds",
        "status",
        "version",
        "data",
        "commit",
        "cv rmse",
        "rmse",
        "coverage",
        "user",
    ];
    let mut sheet = Sheet::new("", &columns);
    for run in runs {
        let metric = |name: &str| {
            let value = run.metrics.get(name);
            value.map_or_else(String::new, |value| format!("{value:.4}"))
        };
        let seconds = run.duration().map(|duration| duration.as_secs_f64());
        sheet.push([
            run.id.to_string(),
            run.started_at.strftime("%F %T").to_string(),
            seconds.map_or_else(String::new, |seconds| format!("{seconds:.1}")),
            run.status.to_string(),
            run.model_version.to_string(),
            run.data_fingerprint.short(),
            commit(run),
            metric("cv_rmse"),
            metric("rmse"),
            metric("coverage"),
            run.user.clone().unwrap_or_default(),
        ]);
    }
    sheet
}

/// The beginning of the commit, with `+` when tracked files differed from it.
fn commit(run: &RunSummary) -> String {
    let commit = run.git_commit.as_deref().unwrap_or_default();
    let dirty = if run.git_dirty { "+" } else { "" };
    let short: String = commit.chars().take(12).collect();
    short + dirty
}

fn status() -> impl TypedValueParser<Value = RunStatus> {
    let names = RunStatus::ALL.map(RunStatus::name);
    PossibleValuesParser::new(names).try_map(|text| {
        let mut all = RunStatus::ALL.into_iter();
        let found = all.find(|status| status.name().eq_ignore_ascii_case(&text));
        found.ok_or("no such status")
    })
}
