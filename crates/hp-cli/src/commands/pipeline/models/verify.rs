//! `hp models verify`: whether versions are as they were written.

use crate::failure::{Code, Failure};
use crate::output::{self, Format, Sheet};
use crate::settings::StoreArgs;
use anyhow::anyhow;
use hp_artifact::{list_versions, verify, version_path};
use hp_core::version::ModelVersion;
use hp_registry::reference::Reference;
use serde_json::json;
use std::path::Path;

/// Check every file of a version, or of all versions, against its checksum
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A version, an alias or `latest` [default: all versions]
    version: Option<Reference>,
    #[command(flatten)]
    store: StoreArgs,
    /// How to print the findings
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let artifacts = &args.store.artifacts;
    let versions = match &args.version {
        Some(reference) => vec![hp_registry::resolve(artifacts, reference)?],
        None => list_versions(artifacts)?,
    };
    let findings: Vec<_> = versions
        .iter()
        .map(|&version| Finding::of(artifacts, version))
        .collect();
    let mut sheet = Sheet::new("", &["version", "files", "bytes", "finding"]);
    for finding in &findings {
        sheet.push([
            finding.version.to_string(),
            finding.files.to_string(),
            finding.bytes.to_string(),
            finding
                .problem
                .clone()
                .unwrap_or_else(|| "sound".to_owned()),
        ]);
    }
    let json: Vec<_> = findings.iter().map(Finding::to_json).collect();
    output::print(args.format, &json, &[sheet])?;
    match findings
        .iter()
        .filter(|finding| finding.problem.is_some())
        .count()
    {
        0 => Ok(()),
        damaged => {
            let error = anyhow!("{damaged} of {} versions are damaged", findings.len());
            Err(Failure::new(Code::Failed, error)
                .hint("train it again with --overwrite, or copy it from where it is sound"))
        }
    }
}

/// How a version was found.
struct Finding {
    version: ModelVersion,
    files: usize,
    bytes: u64,
    problem: Option<String>,
}

impl Finding {
    fn of(artifacts: &Path, version: ModelVersion) -> Self {
        let (files, bytes, problem) = match verify(&version_path(artifacts, version)) {
            Ok(manifest) => {
                let bytes = manifest.files.values().map(|file| file.bytes).sum();
                (manifest.files.len() + 1, bytes, None)
            }
            Err(error) => (0, 0, Some(Failure::from(error).message())),
        };
        Self {
            version,
            files,
            bytes,
            problem,
        }
    }

    fn to_json(&self) -> serde_json::Value {
        json!({
            "version": self.version,
            "sound": self.problem.is_none(),
            "files": self.files,
            "bytes": self.bytes,
            "problem": self.problem,
        })
    }
}
