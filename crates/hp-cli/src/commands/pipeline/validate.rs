//! `hp validate`: the checks of `hp fetch` on any file, changing nothing.

use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use crate::progress;
use crate::settings::DataConfigArgs;
use hp_data::{Batches, Layout, Purpose, ReadOptions, Validated, validate};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Check every cell of a file against the schema and print what is wrong
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A .csv, .csv.gz or .parquet file
    file: PathBuf,
    #[command(flatten)]
    config: DataConfigArgs,
    /// How to print the report
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let config = args.config.read()?;
    let validated = check(
        &args.file,
        &Layout::of(&config),
        &ReadOptions::validating(&config),
    )?;
    let mut sheets = vec![summary(&validated)];
    sheets.extend(faults(&validated));
    sheets.extend(first_rejections(&validated));
    let printed = output::print(args.format, &to_json(&validated), &sheets);
    // The verdict counts even if nobody reads the report to its end.
    validated.verdict(config.max_rejected)?;
    printed
}

/// Validates a labelled file behind a progress bar.
pub(super) fn check(
    file: &Path,
    layout: &Layout<'_>,
    options: &ReadOptions,
) -> Result<Validated, Failure> {
    let batches = Batches::open(file, layout, options)?;
    let bar = progress::bytes("validating");
    let validated = validate(batches, layout, Purpose::Labelled, &mut |position| {
        progress::advance(&bar, position.bytes, Some(position.total_bytes));
    });
    bar.finish_and_clear();
    Ok(validated?)
}

/// The row counts of a report.
pub(super) fn summary(validated: &Validated) -> Sheet {
    let mut sheet = Sheet::new("", &["rows", "count"]);
    for (name, rows) in [
        ("read", validated.rows_read),
        ("valid", validated.rows_valid()),
        ("rejected", validated.rows_rejected),
        ("duplicates, kept", validated.duplicates),
    ] {
        sheet.push([name.to_owned(), rows.to_string()]);
    }
    sheet
}

/// How often each rule was broken; nothing when none was.
pub(super) fn faults(validated: &Validated) -> Option<Sheet> {
    let columns = ["column", "rule", "cells", "first line", "value there"];
    let mut sheet = Sheet::new("What is wrong", &columns);
    for fault in &validated.faults {
        let column = if fault.column.is_empty() {
            "(row)"
        } else {
            &fault.column
        };
        sheet.push([
            column.to_owned(),
            fault.rule.clone(),
            fault.count.to_string(),
            fault.first_line.to_string(),
            fault.first_value.clone(),
        ]);
    }
    (!validated.faults.is_empty()).then_some(sheet)
}

/// The first refused cells; nothing when there are none.
fn first_rejections(validated: &Validated) -> Option<Sheet> {
    const SHOWN: usize = 50;
    let total: u64 = validated.faults.iter().map(|fault| fault.count).sum();
    let title = if total > SHOWN as u64 {
        format!("The first {SHOWN} of {total} refused cells; --format json lists more")
    } else {
        "Refused cells".to_owned()
    };
    let mut sheet = Sheet::new(title, &["line", "column", "value", "why"]);
    for rejection in validated.rejections.iter().take(SHOWN) {
        sheet.push([
            rejection.line.to_string(),
            rejection.column.clone(),
            rejection.value.clone(),
            rejection.fault.to_string(),
        ]);
    }
    (total > 0).then_some(sheet)
}

fn to_json(validated: &Validated) -> Value {
    json!({
        "rows_read": validated.rows_read,
        "rows_valid": validated.rows_valid(),
        "rows_rejected": validated.rows_rejected,
        "duplicates": validated.duplicates,
        "extra_columns": validated.extra_columns,
        "dropped_columns": validated.dropped_columns,
        "faults": validated.faults,
        "rejections": validated.rejections,
    })
}
