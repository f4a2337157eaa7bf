//! `hp data list`: the versions there are.

use super::{VersionsArgs, git_tag};
use crate::failure::Failure;
use crate::git::Repository;
use crate::output::{self, Format, Sheet};
use hp_core::fingerprint::Fingerprint;
use hp_data::versions::{DataVersion, Pointer, Versions};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// Print the data versions, and which of them lies in the data folder
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Also data that was kept without a tag
    #[arg(long)]
    all: bool,
    /// How to print them
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    place: VersionsArgs,
}

/// One version.
#[derive(Debug, Serialize)]
struct Line {
    /// None for data that was kept without one.
    tag: Option<String>,
    name: String,
    fingerprint: Fingerprint,
    rows: u64,
    created_at: Option<Timestamp>,
    /// Whether its bytes are in the store.
    kept: bool,
    /// Whether it lies in the data folder.
    current: bool,
    /// None without the tag in git, or without git.
    git_tag: Option<String>,
    message: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let versions = args.place.versions();
    let current = args.place.current()?;
    let repository = Repository::of(Path::new("."));
    let git_tags = repository.and_then(|repository| repository.tags("data-").ok());
    let git_tags = git_tags.unwrap_or_default();
    let mut lines = Vec::new();
    for (_, pointer) in versions.pointers().all()? {
        match pointer {
            Ok(pointer) => lines.push(Line::tagged(&versions, pointer, &git_tags)),
            Err(error) => output::warn(&error.into()),
        }
    }
    if args.all {
        for (_, version) in versions.store().all()? {
            match version {
                Ok(version)
                    if lines
                        .iter()
                        .any(|line| line.fingerprint == version.fingerprint) => {}
                Ok(version) => lines.push(Line::new(&versions, version)),
                Err(error) => output::warn(&error.into()),
            }
        }
    }
    for line in &mut lines {
        line.current = current == Some(line.fingerprint);
    }
    output::print(args.format, &lines, &[sheet(&lines)])
}

impl Line {
    fn new(versions: &Versions, version: DataVersion) -> Self {
        Self {
            tag: None,
            kept: versions.has(&version),
            name: version.name,
            fingerprint: version.fingerprint,
            rows: version.rows,
            created_at: None,
            current: false,
            git_tag: None,
            message: None,
        }
    }

    fn tagged(versions: &Versions, pointer: Pointer, git_tags: &BTreeSet<String>) -> Self {
        let git_tag = git_tag(&pointer.tag);
        Self {
            tag: Some(pointer.tag.to_string()),
            created_at: Some(pointer.created_at),
            git_tag: git_tags.contains(&git_tag).then_some(git_tag),
            message: pointer.message,
            ..Self::new(versions, pointer.version)
        }
    }
}

fn sheet(lines: &[Line]) -> Sheet {
    let columns = [
        "tag",
        "rows",
        "fingerprint",
        "date",
        "kept",
        "current",
        "git tag",
        "message",
    ];
    let mut sheet = Sheet::new("", &columns);
    for line in lines {
        let day = |time: Timestamp| time.strftime("%F %R").to_string();
        sheet.push([
            line.tag.clone().unwrap_or_else(|| "–".to_owned()),
            line.rows.to_string(),
            line.fingerprint.short(),
            line.created_at.map(day).unwrap_or_default(),
            if line.kept { "yes" } else { "no" }.to_owned(),
            if line.current { "*" } else { "" }.to_owned(),
            line.git_tag.clone().unwrap_or_default(),
            line.message.clone().unwrap_or_default(),
        ]);
    }
    sheet
}
