//! The only printer: data on stdout, talk on stderr.

use crate::failure::Failure;
use clap::ValueEnum;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use hp_core::csv;
use serde::Serialize;
use std::io::{self, Write};

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// A table for people, or for a spreadsheet.
pub(crate) struct Sheet {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    pub(crate) fn new(title: impl Into<String>, columns: &[&str]) -> Self {
        Self {
            title: title.into(),
            columns: columns.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().collect());
    }

    fn render(&self) -> String {
        let mut table = Table::new();
        table
            .load_style(STYLE)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(&self.columns)
            .add_rows(&self.rows);
        for (index, column) in table.column_iter_mut().enumerate() {
            if index > 0 && self.rows.iter().all(|row| is_number(&row[index])) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let title = if self.title.is_empty() {
            String::new()
        } else {
            format!("{}\n", self.title)
        };
        format!("{title}{}\n", table.trim_fmt())
    }
}

/// One line under the header and nothing else.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Whether a cell holds a number, perhaps with a unit or the mark of a winner, or nothing at all.
fn is_number(cell: &str) -> bool {
    let digits = cell.trim_end_matches([' ', '*', '%']);
    digits.is_empty() || digits == "–" || digits.parse::<f64>().is_ok()
}

/// Prints a result: `json` as it is, or `sheets` as tables or as CSV.
pub(crate) fn print(
    format: Format,
    json: &impl Serialize,
    sheets: &[Sheet],
) -> Result<(), Failure> {
    match format {
        Format::Json => print_json(json),
        Format::Table => {
            let tables: Vec<_> = sheets.iter().map(Sheet::render).collect();
            print_text(&printable(&tables.join("\n")))
        }
        Format::Csv => {
            let mut text = String::new();
            for (index, sheet) in sheets.iter().enumerate() {
                if index > 0 {
                    text.push('\n');
                }
                for row in std::iter::once(&sheet.columns).chain(&sheet.rows) {
                    text.push_str(&csv::line(row));
                }
            }
            print_text(&text)
        }
    }
}

/// Prints `value` as indented JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)?;
    print_text(&(text + "\n"))
}

/// Prints `text` as it is.
pub(crate) fn print_text(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::from(error).context("cannot write to standard output"))
}

/// Shows tables to the person at the terminal.
pub(crate) fn show(sheets: &[Sheet]) {
    for sheet in sheets {
        say(sheet.render());
    }
}

/// Says something to the person at the terminal.
pub(crate) fn say(text: impl AsRef<str>) {
    // Nobody listens when stderr is closed, and the work is still worth doing.
    let _ = writeln!(io::stderr().lock(), "{}", printable(text.as_ref()));
}

/// Says what did not succeed although the command goes on.
pub(crate) fn warn(failure: &Failure) {
    say(format!("warning: {}", failure.message()));
    if let Some(hint) = failure.cure() {
        say(format!("hint: {hint}"));
    }
}

/// The text without what would command a terminal; file names and cells may come from anywhere.
fn printable(text: &str) -> String {
    let harmless = |c: char| {
        if c.is_control() && c != '\n' {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().map(harmless).collect()
}
