//! `hp doctor`: is everything in place, and what to do where it is not.

use super::models::conditions;
use crate::failure::{Code, Failure};
use crate::output::{self, Format, Sheet};
use crate::settings::{DataArgs, ModelArgs, StoreArgs, Tracked};
use anyhow::anyhow;
use hp_artifact::{list_versions, verify, version_path};
use hp_registry::aliases::Aliases;
use hp_registry::mlflow::Tracking;
use hp_registry::reference::Reference;
use hp_registry::runs::{RunQuery, RunStore};
use serde::Serialize;
use std::path::Path;

/// Check configuration, data, model versions and disk, with the cure of what is wrong
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    store: StoreArgs,
    /// How to print the findings
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// What one check found.
#[derive(Debug, Serialize)]
struct Finding {
    check: String,
    ok: bool,
    found: String,
    cure: String,
}

impl Finding {
    fn good(check: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            check: check.into(),
            ok: true,
            found: found.into(),
            cure: String::new(),
        }
    }

    fn bad(check: impl Into<String>, failure: &Failure) -> Self {
        Self {
            check: check.into(),
            ok: false,
            found: failure.message(),
            cure: failure.cure().unwrap_or("correct it").to_owned(),
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut findings = vec![
        model_config(args),
        data_config(args),
        data(args),
        writable("data folder", &args.data.data_dir),
        writable("artifacts folder", &args.store.artifacts),
    ];
    findings.extend(versions(args));
    findings.push(aliases(args));
    findings.push(runs(args));
    findings.extend(tracking());
    let mut sheet = Sheet::new("", &["check", "", "found", "cure"]);
    for finding in &findings {
        sheet.push([
            finding.check.clone(),
            if finding.ok { "ok" } else { "BAD" }.to_owned(),
            finding.found.clone(),
            finding.cure.clone(),
        ]);
    }
    let printed = output::print(args.format, &findings, &[sheet]);
    match findings.iter().filter(|finding| !finding.ok).count() {
        0 => printed,
        1 => Err(Failure::new(Code::Failed, anyhow!("one check failed"))),
        n => Err(Failure::new(Code::Failed, anyhow!("{n} checks failed"))),
    }
}

fn model_config(args: &Args) -> Finding {
    let check = args.model.config.display().to_string();
    let read = || -> Result<_, Failure> {
        let config = args.model.config()?;
        conditions(&args.model.config, &config)?;
        Ok(config)
    };
    match read() {
        Ok(config) => Finding::good(
            check,
            format!("{}, {} methods", config.version, config.methods.len()),
        ),
        Err(failure) => Finding::bad(check, &failure),
    }
}

fn data_config(args: &Args) -> Finding {
    let check = args.data.config.data_config.display().to_string();
    match args.data.config() {
        Ok(config) => {
            let features = config.schema.features.len();
            Finding::good(check, format!("{}, {features} features", config.name))
        }
        Err(failure) => Finding::bad(check, &failure),
    }
}

fn data(args: &Args) -> Finding {
    let check = "data set";
    let load = || -> Result<Finding, Failure> {
        let config = args.data.config()?;
        let manifest = args.data.data_set(&config).status(&config)?;
        Ok(Finding::good(
            check,
            format!(
                "{} rows, fingerprint {}",
                manifest.rows_valid,
                manifest.fingerprint.short()
            ),
        ))
    };
    load().unwrap_or_else(|failure| Finding::bad(check, &failure))
}

/// Tries to write into `folder`, or where it would be made, as only that tells for sure.
fn writable(check: &str, folder: &Path) -> Finding {
    const ENOUGH: u64 = 64 << 20;
    let mut existing = folder;
    while let (false, Some(parent)) = (existing.exists(), existing.parent()) {
        existing = parent;
    }
    let existing = if existing == Path::new("") {
        Path::new(".")
    } else {
        existing
    };
    let name = existing.display();
    if let Err(error) = tempfile::tempfile_in(existing) {
        let failure = Failure::from(error).context(format!("cannot write in `{name}`"));
        return Finding::bad(
            check,
            &failure.hint("choose another folder, or change its permissions"),
        );
    }
    match rustix::fs::statvfs(existing) {
        Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < ENOUGH => {
            let failure = Failure::new(Code::Failed, anyhow!("less than 64 MiB left for `{name}`"));
            Finding::bad(check, &failure.hint("make room on the disk"))
        }
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
            Finding::good(
                check,
                format!("{}: writable, {free} MiB free", folder.display()),
            )
        }
        Err(_) => Finding::good(check, format!("{}: writable", folder.display())),
    }
}

fn versions(args: &Args) -> Vec<Finding> {
    let artifacts = &args.store.artifacts;
    let versions = match list_versions(artifacts) {
        Ok(versions) if versions.is_empty() => {
            let failure =
                Failure::new(Code::Failed, anyhow!("there is none")).hint("run `hp train`");
            return vec![Finding::bad("model versions", &failure)];
        }
        Ok(versions) => versions,
        Err(error) => return vec![Finding::bad("model versions", &error.into())],
    };
    let check = |version| {
        let name = format!("model {version}");
        match verify(&version_path(artifacts, version)) {
            Ok(manifest) => Finding::good(
                name,
                format!("{} files, all sound", manifest.files.len() + 1),
            ),
            Err(error) => {
                let failure = Failure::from(error);
                Finding::bad(name, &failure.hint("train it again with --overwrite"))
            }
        }
    };
    versions.into_iter().map(check).collect()
}

fn aliases(args: &Args) -> Finding {
    let check = "aliases";
    let artifacts = &args.store.artifacts;
    let look = || -> Result<String, Failure> {
        let aliases = Aliases::load(artifacts)?;
        let mut found = Vec::new();
        for (alias, _) in aliases.all() {
            let version = hp_registry::resolve(artifacts, &Reference::Alias(alias.clone()))?;
            found.push(format!("{alias} = {version}"));
        }
        Ok(found.join(", "))
    };
    match look() {
        Ok(found) if found.is_empty() => Finding::good(check, "none"),
        Ok(found) => Finding::good(check, found),
        Err(failure) => Finding::bad(check, &failure),
    }
}

fn runs(args: &Args) -> Finding {
    let check = "runs";
    let store = RunStore::new(&args.store.artifacts);
    match store.list(&RunQuery::default()) {
        Ok(mut listing) => {
            listing.warnings.extend(store.damage(&listing.runs));
            match listing.warnings.pop() {
                Some(warning) => Finding::bad(check, &warning.into()),
                None => Finding::good(check, listing.runs.len().to_string()),
            }
        }
        Err(error) => Finding::bad(check, &error.into()),
    }
}

/// Asks the tracking server a question of its API, as its health may be fine although it refuses
/// every question.
fn tracking() -> Option<Finding> {
    let check = "tracking server";
    let tracked = match Tracked::open() {
        Ok(tracked) => tracked?,
        Err(failure) => return Some(Finding::bad(check, &failure)),
    };
    Some(match tracked.wait(Tracking::probe) {
        Ok(probe) => {
            let version = probe.version.map(|version| format!("MLflow {version}, "));
            let latency = probe.latency.as_secs_f64() * 1e3;
            Finding::good(
                check,
                format!("{}answers in {latency:.0} ms", version.unwrap_or_default()),
            )
        }
        Err(failure) => Finding::bad(check, &failure),
    })
}
