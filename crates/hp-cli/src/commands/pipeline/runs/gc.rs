//! `hp runs gc`: old runs are deleted.

use super::warn;
use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use crate::settings::{StoreArgs, period};
use hp_registry::runs::{GcPolicy, RunStore};
use jiff::Timestamp;
use std::time::Duration;

/// Delete old runs with their files
///
/// A run whose version is still there is kept whatever its age, and with it every run that an alias
/// depends on. With both options a run goes that is beyond the last N and older than AGE.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("policy").required(true).multiple(true))]
pub(super) struct Args {
    /// Keep the newest N runs
    #[arg(long, value_name = "N", group = "policy")]
    keep_last: Option<usize>,
    /// Keep runs younger than this, such as 90d
    #[arg(long, value_name = "AGE", value_parser = period, group = "policy")]
    older_than: Option<Duration>,
    /// Only say what would be deleted
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    store: StoreArgs,
    /// How to print what is deleted
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let before = args.older_than.map(|age| Timestamp::now() - age);
    let policy = GcPolicy {
        keep_last: args.keep_last,
        older_than: before,
    };
    let collected = RunStore::new(&args.store.artifacts).collect(&policy, args.dry_run)?;
    let removed = collected.removed;
    // Programs read numbers, people sizes.
    let (last, shown): (_, fn(u64) -> String) = match args.format {
        Format::Table => ("size", readable),
        Format::Json | Format::Csv => ("bytes", |bytes| bytes.to_string()),
    };
    let mut sheet = Sheet::new("", &["run", "started (UTC)", "status", "version", last]);
    for run in &removed {
        sheet.push([
            run.id.to_string(),
            run.started_at.strftime("%F %T").to_string(),
            run.status.to_string(),
            run.model_version.to_string(),
            shown(run.bytes),
        ]);
    }
    output::print(args.format, &removed, &[sheet])?;
    let bytes: u64 = removed.iter().map(|run| run.bytes).sum();
    let verb = if args.dry_run {
        "would be deleted"
    } else {
        "deleted"
    };
    let noun = if removed.len() == 1 { "run" } else { "runs" };
    output::say(format!(
        "{} {noun} with {} {verb}",
        removed.len(),
        readable(bytes)
    ));
    warn(collected.damaged);
    Ok(())
}

/// A number of bytes in the largest unit that it fills.
fn readable(bytes: u64) -> String {
    match bytes {
        ..0x400 => format!("{bytes} B"),
        0x400..0x10_0000 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}
