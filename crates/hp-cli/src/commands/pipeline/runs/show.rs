//! `hp runs show`: one training.

use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use crate::settings::{StoreArgs, Tracked};
use hp_registry::run::{Run, RunMethod};
use hp_registry::runs::RunStore;
use std::path::Path;

/// Print a run with the parameters and metrics of every method
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An id, the beginning of one, a version, or `latest`
    #[arg(default_value = "latest")]
    run: String,
    #[command(flatten)]
    store: StoreArgs,
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let store = RunStore::new(&args.store.artifacts);
    let run = store.find(&args.run)?;
    let folder = store.folder(run.id);
    let mut origin = origin(&run);
    if let Some(synced) = synced(&folder) {
        origin.push(["synced".to_owned(), synced.to_owned()]);
    }
    output::print(args.format, &run, &[origin, methods(&run), metrics(&run)])?;
    output::say(format!("its files are in {}", folder.display()));
    Ok(())
}

/// Whether the tracking server knows the run, if one is named.
fn synced(folder: &Path) -> Option<&'static str> {
    match Tracked::open() {
        Ok(tracked) => Some(if tracked?.knows(folder) { "yes" } else { "no" }),
        Err(failure) => {
            output::warn(&failure);
            None
        }
    }
}

fn origin(run: &Run) -> Sheet {
    let git = run.git.as_ref();
    let ended = run.ended_at.map(|end| end.strftime("%F %T").to_string());
    let digest = run
        .artifact
        .as_ref()
        .map(|artifact| artifact.manifest_sha256.to_string());
    let commit = git.map(|git| {
        let dirty = if git.dirty { ", with changes" } else { "" };
        format!("{}{dirty}", git.commit)
    });
    let data = &run.data;
    let mut sheet = Sheet::new(format!("Run {}", run.id), &["field", "value"]);
    for (name, value) in [
        ("status", Some(run.status.to_string())),
        ("failure", run.failure.clone()),
        ("version", Some(run.model_version.to_string())),
        ("manifest sha256", digest),
        (
            "started",
            Some(run.started_at.strftime("%F %T").to_string()),
        ),
        ("ended", ended),
        ("user", run.user.clone()),
        ("hp", Some(run.hp_version.clone())),
        ("git commit", commit),
        ("git branch", git.and_then(|git| git.branch.clone())),
        ("git remote", git.and_then(|git| git.remote.clone())),
        ("data", Some(format!("{}, {} rows", data.name, data.rows))),
        ("data fingerprint", Some(data.fingerprint.to_string())),
        ("data source", Some(data.source.clone())),
    ] {
        if let Some(value) = value {
            sheet.push([name.to_owned(), value]);
        }
    }
    sheet
}

fn methods(run: &Run) -> Sheet {
    let columns = [
        "method",
        "served",
        "cross-validated",
        "held out",
        "fit s",
        "parameters",
    ];
    let mut sheet = Sheet::new("Methods", &columns);
    for method in &run.methods {
        let score = method.cross_validation.as_ref();
        let time = method.fit_seconds;
        sheet.push([
            method.name.clone(),
            if method.served { "*" } else { "" }.to_owned(),
            score.map_or_else(String::new, |score| {
                format!("{} {:.4}", score.metric, score.mean)
            }),
            held_out(method).unwrap_or_default(),
            time.map_or_else(String::new, |seconds| format!("{seconds:.4}")),
            parameters(method),
        ]);
    }
    sheet
}

/// The metric that the method is judged by.
fn held_out(method: &RunMethod) -> Option<String> {
    let name = ["rmse", "pinball"]
        .into_iter()
        .find(|name| method.metrics.contains_key(*name))?;
    Some(format!("{name} {:.4}", method.metrics[name]))
}

fn parameters(method: &RunMethod) -> String {
    let parameters = method.parameters.iter();
    let shown: Vec<_> = parameters
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    shown.join(" ")
}

fn metrics(run: &Run) -> Sheet {
    let mut sheet = Sheet::new("Served trio", &["metric", "value"]);
    for (name, value) in &run.metrics {
        sheet.push([name.clone(), format!("{value:.4}")]);
    }
    sheet
}
