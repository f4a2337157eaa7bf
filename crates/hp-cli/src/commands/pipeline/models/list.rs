//! `hp models list`: the versions with their aliases and how good they are.

use super::scores::scores;
use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use crate::settings::StoreArgs;
use hp_artifact::{list_versions, read_manifest, version_path};
use hp_core::version::ModelVersion;
use hp_registry::aliases::Aliases;
use hp_registry::run::Metrics;
use serde::Serialize;
use std::collections::BTreeSet;

/// Print the versions, newest first, with their aliases and their metrics on the held-out rows
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: StoreArgs,
    /// How to print them
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// A version.
#[derive(Serialize)]
struct Entry {
    version: ModelVersion,
    aliases: Vec<String>,
    /// What the manifest says; absent when it cannot be read.
    #[serde(flatten)]
    origin: Option<Origin>,
    /// Whether an alias means it although its folder is gone.
    missing: bool,
    /// Why the manifest cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    metrics: Metrics,
}

/// Where a version is from.
#[derive(Serialize)]
struct Origin {
    main: String,
    data: String,
    git_commit: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let artifacts = &args.store.artifacts;
    let aliases = Aliases::load(artifacts)?;
    let versions = list_versions(artifacts)?;
    let latest = versions.last().copied();
    let present: BTreeSet<_> = versions.into_iter().collect();
    let named = aliases.all().map(|(_, version)| version);
    let all: BTreeSet<_> = present.iter().copied().chain(named).collect();
    let entries: Vec<_> = all
        .into_iter()
        .rev()
        .map(|version| {
            let named = aliases.of(version).into_iter().map(ToString::to_string);
            let newest = (latest == Some(version)).then(|| "latest".to_owned());
            let aliases = named.chain(newest).collect();
            match read_manifest(&version_path(artifacts, version)) {
                Ok(manifest) => Entry {
                    version,
                    aliases,
                    metrics: scores(artifacts, &manifest).unwrap_or_default(),
                    origin: Some(Origin {
                        main: manifest.serving.main.method.clone(),
                        data: manifest.data.fingerprint.short(),
                        git_commit: manifest.git_commit,
                    }),
                    missing: false,
                    problem: None,
                },
                Err(error) => Entry {
                    version,
                    aliases,
                    metrics: Metrics::new(),
                    origin: None,
                    missing: !present.contains(&version),
                    problem: Some(Failure::from(error).message()),
                },
            }
        })
        .collect();
    output::print(args.format, &entries, &[sheet(&entries)])?;
    if entries.is_empty() {
        output::say(format!(
            "there is no version in `{}`; `hp train` makes one",
            artifacts.display()
        ));
    }
    Ok(())
}

fn sheet(entries: &[Entry]) -> Sheet {
    let columns = [
        "version", "aliases", "main", "rmse", "mae", "coverage", "width", "data", "commit",
    ];
    let mut sheet = Sheet::new("", &columns);
    for entry in entries {
        let metric = |name: &str| {
            let value = entry.metrics.get(name);
            value.map_or_else(String::new, |value| format!("{value:.4}"))
        };
        let origin = entry.origin.as_ref();
        let commit = origin.and_then(|origin| origin.git_commit.as_deref());
        sheet.push([
            entry.version.to_string(),
            entry.aliases.join(", "),
            match (origin, &entry.problem) {
                (Some(origin), _) => origin.main.clone(),
                _ if entry.missing => "MISSING".to_owned(),
                (None, problem) => format!("DAMAGED: {}", problem.as_deref().unwrap_or_default()),
            },
            metric("rmse"),
            metric("mae"),
            metric("coverage"),
            metric("mean_width"),
            origin.map_or_else(String::new, |origin| origin.data.clone()),
            commit.map_or_else(String::new, |commit| commit.chars().take(12).collect()),
        ]);
    }
    sheet
}
