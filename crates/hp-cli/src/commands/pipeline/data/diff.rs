//! `hp data diff`: what two versions differ in.

use super::VersionsArgs;
use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use hp_core::fingerprint::Fingerprint;
use hp_core::number::{json as json_number, shortest};
use hp_data::versions::{ColumnShift, Rows, RowsDiff, diff};
use serde_json::{Map, Value, json};

/// Compare two versions: rows added, removed, changed and moved, and how columns shifted
///
/// Rows are compared as a whole, however often each is there. A row that stands elsewhere has only
/// moved. A row that differs in at most half of its columns from one that was in its place has
/// changed. A shift is that of the mean, in standard deviations of the first version.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A tag, the first digits of a fingerprint, or `current` for the data that lies there
    #[arg(value_name = "A")]
    before: String,
    /// The same, to compare with it
    #[arg(value_name = "B")]
    after: String,
    /// The most examples of each kind that are printed
    #[arg(long, value_name = "N", default_value = "5")]
    rows: usize,
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    place: VersionsArgs,
}

/// One of the two versions.
struct Side<'a> {
    name: &'a str,
    fingerprint: Fingerprint,
    rows: Rows,
}

/// The comparison with both sides.
struct Comparison<'a> {
    before: Side<'a>,
    after: Side<'a>,
    diff: RowsDiff,
    /// The most examples of each kind.
    most: usize,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let before = Side::read(&args.before, &args.place)?;
    let after = Side::read(&args.after, &args.place)?;
    let diff = diff(&before.rows, &after.rows);
    let comparison = Comparison {
        before,
        after,
        diff,
        most: args.rows,
    };
    let mut sheets = vec![comparison.counts(), comparison.columns()];
    sheets.extend(comparison.examples());
    output::print(args.format, &comparison.to_json(), &sheets)
}

impl<'a> Side<'a> {
    fn read(name: &'a str, place: &VersionsArgs) -> Result<Self, Failure> {
        let (rows, fingerprint) = if name == "current" {
            Rows::current(&place.data_set()?)?
        } else {
            let versions = place.versions();
            let version = versions.find(name)?;
            (Rows::kept(versions.store(), &version)?, version.fingerprint)
        };
        Ok(Self {
            name,
            fingerprint,
            rows,
        })
    }

    /// The cells of a row by column.
    fn cells(&self, row: usize) -> Map<String, Value> {
        let cells = self.rows.row(row).iter().copied().map(json_number);
        self.rows.columns().iter().cloned().zip(cells).collect()
    }

    /// The cells of a row as they stand in its file.
    fn text(&self, row: usize) -> String {
        let cells: Vec<_> = self.rows.row(row).iter().copied().map(shortest).collect();
        cells.join(",")
    }
}

impl Comparison<'_> {
    fn counts(&self) -> Sheet {
        let (before, after, diff) = (&self.before, &self.after, &self.diff);
        let mut sheet = Sheet::new("", &["rows", "count"]);
        let counts = [
            (format!("in {}", before.name), before.rows.n_rows()),
            (format!("in {}", after.name), after.rows.n_rows()),
            ("equal".to_owned(), diff.equal),
            ("moved".to_owned(), diff.moved),
            ("changed".to_owned(), diff.changed.len()),
            ("removed".to_owned(), diff.removed.len()),
            ("added".to_owned(), diff.added.len()),
        ];
        for (name, count) in counts {
            sheet.push([name, count.to_string()]);
        }
        sheet
    }

    fn columns(&self) -> Sheet {
        let diff = &self.diff;
        let mut title = "Columns, first and second version".to_owned();
        for (what, names) in [
            ("removed", &diff.columns_removed),
            ("added", &diff.columns_added),
        ] {
            if !names.is_empty() {
                title = format!("{title}; {what}: {}", names.join(", "));
            }
        }
        let columns = [
            "column",
            "mean",
            "mean 2",
            "shift",
            "std",
            "std 2",
            "min",
            "min 2",
            "max",
            "max 2",
            "changed cells",
        ];
        let mut sheet = Sheet::new(title, &columns);
        let short = |value: f64| format!("{value:.4}");
        for ColumnShift {
            name,
            before,
            after,
            shift,
            changed_cells,
        } in &diff.columns
        {
            sheet.push([
                name.clone(),
                short(before.mean),
                short(after.mean),
                shift.map_or_else(|| "–".to_owned(), |shift| format!("{shift:+.4}")),
                short(before.std),
                short(after.std),
                shortest(before.min),
                shortest(after.min),
                shortest(before.max),
                shortest(after.max),
                changed_cells.to_string(),
            ]);
        }
        sheet
    }

    /// Some rows of each kind; nothing when no row differs.
    fn examples(&self) -> Option<Sheet> {
        let (before, after, diff) = (&self.before, &self.after, &self.diff);
        let total = diff.changed.len() + diff.removed.len() + diff.added.len();
        let mut sheet = Sheet::new(
            "Rows; --rows N prints more",
            &["row", "line", "line 2", "cells"],
        );
        let line = |row| Rows::line(row).to_string();
        for &(gone, come) in diff.changed.iter().take(self.most) {
            let cells = self.changed_cells(gone, come);
            let cells = cells
                .map(|(name, was, is)| format!("{name}: {} → {}", shortest(was), shortest(is)));
            let cells = cells.collect::<Vec<_>>().join("; ");
            sheet.push(["changed".to_owned(), line(gone), line(come), cells]);
        }
        for &row in diff.removed.iter().take(self.most) {
            sheet.push([
                "removed".to_owned(),
                line(row),
                String::new(),
                before.text(row),
            ]);
        }
        for &row in diff.added.iter().take(self.most) {
            sheet.push([
                "added".to_owned(),
                String::new(),
                line(row),
                after.text(row),
            ]);
        }
        (total > 0 && self.most > 0).then_some(sheet)
    }

    /// The cells of both columns in which a changed row differs: name, before, after.
    fn changed_cells(&self, gone: usize, come: usize) -> impl Iterator<Item = (&str, f64, f64)> {
        let (before, after) = (&self.before.rows, &self.after.rows);
        let columns = before.columns().iter().zip(before.row(gone));
        columns.filter_map(move |(name, &was)| {
            let place = after.columns().iter().position(|column| column == name)?;
            let is = after.row(come)[place];
            (was.to_bits() != is.to_bits()).then_some((name.as_str(), was, is))
        })
    }

    fn to_json(&self) -> Value {
        let (before, after, diff) = (&self.before, &self.after, &self.diff);
        let side = |side: &Side<'_>| {
            json!({
                "version": side.name,
                "fingerprint": side.fingerprint,
                "rows": side.rows.n_rows(),
            })
        };
        let changed = diff.changed.iter().take(self.most).map(|&(gone, come)| {
            let cells = self.changed_cells(gone, come);
            let cells = cells.map(|(name, was, is)| {
                let value = json!([json_number(was), json_number(is)]);
                (name.to_owned(), value)
            });
            json!({
                "line": Rows::line(gone),
                "line_after": Rows::line(come),
                "cells": cells.collect::<Map<_, _>>(),
            })
        });
        let example = |side: &Side<'_>, row: usize| json!({ "line": Rows::line(row), "cells": side.cells(row) });
        let removed = diff.removed.iter().take(self.most);
        let added = diff.added.iter().take(self.most);
        json!({
            "before": side(before),
            "after": side(after),
            "equal": diff.equal,
            "moved": diff.moved,
            "changed": diff.changed.len(),
            "removed": diff.removed.len(),
            "added": diff.added.len(),
            "columns": diff.columns,
            "columns_removed": diff.columns_removed,
            "columns_added": diff.columns_added,
            "changed_rows": changed.collect::<Vec<_>>(),
            "removed_rows": removed.map(|&row| example(before, row)).collect::<Vec<_>>(),
            "added_rows": added.map(|&row| example(after, row)).collect::<Vec<_>>(),
        })
    }
}
