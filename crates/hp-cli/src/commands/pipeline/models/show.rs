//! `hp models show`: one version with everything that is known about it.

use super::moves;
use super::scores::scores;
use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use crate::settings::StoreArgs;
use hp_artifact::{Manifest, read_manifest, version_path};
use hp_core::fingerprint::Fingerprint;
use hp_registry::aliases::{Aliases, Move};
use hp_registry::reference::{Alias, Reference};
use hp_registry::run::{Metrics, Run};
use hp_registry::runs::RunStore;
use serde_json::json;

/// Print what a version is, where it comes from, how good it is and which aliases it had
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A version, an alias or `latest`
    #[arg(default_value = "latest")]
    version: Reference,
    #[command(flatten)]
    store: StoreArgs,
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// What is known of a version.
struct Known<'a> {
    manifest: &'a Manifest,
    aliases: Vec<&'a Alias>,
    run: Option<Run>,
    metrics: Metrics,
    moves: Vec<&'a Move>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let artifacts = &args.store.artifacts;
    let version = hp_registry::resolve(artifacts, &args.version)?;
    let manifest = read_manifest(&version_path(artifacts, version))?;
    let digest = Fingerprint::of(manifest.to_json()?.as_bytes());
    let aliases = Aliases::load(artifacts)?;
    let concerned = |step: &&Move| step.to == version || step.from == Some(version);
    let known = Known {
        manifest: &manifest,
        aliases: aliases.of(version),
        run: RunStore::new(artifacts).made(version, digest)?,
        metrics: scores(artifacts, &manifest).unwrap_or_default(),
        moves: aliases.moves().iter().filter(concerned).collect(),
    };
    let json = json!({
        "version": version,
        "aliases": known.aliases,
        "run": known.run.as_ref().map(|run| run.id),
        "manifest_sha256": digest,
        "metrics": known.metrics,
        "history": known.moves,
        "manifest": manifest,
    });
    output::print(args.format, &json, &known.sheets())
}

impl Known<'_> {
    fn sheets(&self) -> Vec<Sheet> {
        let mut sheets = vec![self.origin(), self.methods()];
        if !self.metrics.is_empty() {
            let mut metrics = Sheet::new("Held-out rows", &["metric", "value"]);
            for (name, value) in &self.metrics {
                metrics.push([name.clone(), format!("{value:.4}")]);
            }
            sheets.push(metrics);
        }
        if !self.moves.is_empty() {
            sheets.push(moves::sheet(self.moves.iter().copied()));
        }
        sheets
    }

    fn origin(&self) -> Sheet {
        let manifest = self.manifest;
        let title = manifest.model_version.to_string();
        let aliases: Vec<_> = self.aliases.iter().map(ToString::to_string).collect();
        let none = |text: String| {
            if text.is_empty() {
                "none".to_owned()
            } else {
                text
            }
        };
        let data = &manifest.data;
        let run = self.run.as_ref();
        let mut sheet = Sheet::new(title, &["field", "value"]);
        for (name, value) in [
            ("aliases", none(aliases.join(", "))),
            (
                "run",
                run.map_or_else(String::new, |run| run.id.to_string()),
            ),
            (
                "trained",
                run.map_or_else(String::new, |run| {
                    run.started_at.strftime("%F %T").to_string()
                }),
            ),
            ("hp", manifest.hp_version.clone()),
            ("git commit", none(self.commit())),
            ("data", format!("{}, {} rows", data.name, data.rows)),
            ("data fingerprint", data.fingerprint.to_string()),
        ] {
            sheet.push([name.to_owned(), value]);
        }
        sheet
    }

    /// The commit, and whether the run knows of changes to it.
    fn commit(&self) -> String {
        let commit = self.manifest.git_commit.clone().unwrap_or_default();
        let git = self.run.as_ref().and_then(|run| run.git.as_ref());
        if git.is_some_and(|git| git.dirty) && !commit.is_empty() {
            return format!("{commit}, with changes");
        }
        commit
    }

    fn methods(&self) -> Sheet {
        let manifest = self.manifest;
        let columns = ["method", "role", "cross-validated", "served"];
        let mut sheet = Sheet::new("Methods", &columns);
        for method in &manifest.methods {
            let score = &method.cross_validation;
            let served = manifest.serving.role_of(&method.name).is_some();
            sheet.push([
                method.name.clone(),
                method.role.name().to_owned(),
                format!("{} {:.4}", score.metric, score.mean),
                if served { "*" } else { "" }.to_owned(),
            ]);
        }
        sheet
    }
}
