//! `hp data verify`: whether every version can be brought back.

use super::VersionsArgs;
use crate::failure::{Code, Failure};
use crate::output::{self, Format, Sheet};
use anyhow::anyhow;
use hp_core::fingerprint::Fingerprint;
use hp_data::versions::{Tag, Verified};
use serde::Serialize;

/// Read every kept byte and compare it with its digest
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Of this version only; otherwise of all tags and all data kept without one
    tag: Option<Tag>,
    /// How to print what was found
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    place: VersionsArgs,
}

/// One version.
#[derive(Debug, Serialize)]
struct Line {
    version: String,
    rows: Option<u64>,
    fingerprint: Option<Fingerprint>,
    ok: bool,
    /// Files that are not kept here; those of another fetch of the same rows stand in for them.
    missing: Vec<String>,
    faults: Vec<Fault>,
}

/// What is wrong with it.
#[derive(Debug, Serialize)]
struct Fault {
    found: String,
    cure: String,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let current = args.place.current()?;
    let verified = args.place.versions().verify(args.tag.as_ref())?;
    let lines: Vec<_> = verified
        .into_iter()
        .map(|version| Line::of(version, current))
        .collect();
    let printed = output::print(args.format, &lines, &[sheet(&lines)]);
    let bad = lines.iter().filter(|line| !line.ok).count();
    if bad > 0 {
        let error = anyhow!(
            "{bad} of {} data versions cannot be brought back",
            lines.len()
        );
        return Err(Failure::new(Code::Failed, error));
    }
    printed
}

impl Line {
    /// The tag; for data without one the beginning of its fingerprint.
    fn name(&self) -> String {
        let fingerprint = self.version.parse::<Fingerprint>();
        fingerprint.map_or_else(|_| self.version.clone(), |digest| digest.short())
    }

    fn of(verified: Verified, current: Option<Fingerprint>) -> Self {
        let version = verified.version;
        let fingerprint = version.as_ref().map(|version| version.fingerprint);
        let lies_there = fingerprint.is_some() && fingerprint == current;
        let tag = verified.tag.as_ref();
        let faults: Vec<_> = verified
            .faults
            .into_iter()
            .map(|error| {
                let failure = Failure::from(error);
                let cure = match tag {
                    Some(tag) if lies_there => {
                        format!("the data lies here and can be kept again: `hp data tag {tag}`")
                    }
                    _ => failure.cure().unwrap_or("correct it").to_owned(),
                };
                let found = failure.message();
                Fault { found, cure }
            })
            .collect();
        Self {
            version: verified.name,
            rows: version.map(|version| version.rows),
            fingerprint,
            ok: faults.is_empty(),
            missing: verified.missing.into_iter().map(|file| file.name).collect(),
            faults,
        }
    }
}

fn sheet(lines: &[Line]) -> Sheet {
    let mut sheet = Sheet::new("", &["version", "rows", "found", "cure"]);
    for line in lines {
        let rows = line.rows.map(|rows| rows.to_string()).unwrap_or_default();
        let version = line.name();
        if line.ok {
            let found = if line.missing.is_empty() {
                "ok".to_owned()
            } else {
                format!("ok, with {} of another fetch", line.missing.join(", "))
            };
            sheet.push([version, rows, found, String::new()]);
        } else {
            for fault in &line.faults {
                let (found, cure) = (fault.found.clone(), fault.cure.clone());
                sheet.push([version.clone(), rows.clone(), found, cure]);
            }
        }
    }
    sheet
}
