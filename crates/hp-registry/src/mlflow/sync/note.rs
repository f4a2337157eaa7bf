//! The results of a run as a table in Markdown, which the server shows on the page of the run.

use crate::run::{Run, RunMethod};
use hp_core::number;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The results of `run`.
pub(super) fn results(run: &Run) -> String {
    let metrics: BTreeSet<&str> = run
        .methods
        .iter()
        .flat_map(|method| method.metrics.keys())
        .map(String::as_str)
        .collect();
    let mut text = format!(
        "**{}** on {} ({} rows, {} held out)\n\n| method | role | cross-validation |",
        run.model_version,
        cell(&run.data.name),
        run.data.rows,
        run.data.test_rows
    );
    // Writing into a text cannot fail.
    for metric in &metrics {
        let _ = write!(text, " {} |", cell(metric));
    }
    text.push_str("\n|---|---|---|");
    text.push_str(&"---|".repeat(metrics.len()));
    text.push('\n');
    for method in &run.methods {
        let _ = write!(text, "| {} | {} |", name(method), method.role.name());
        match &method.cross_validation {
            Some(scores) => {
                let _ = write!(text, " {} {} |", cell(&scores.metric), rounded(scores.mean));
            }
            None => text.push_str(" |"),
        }
        for metric in &metrics {
            match method.metrics.get(*metric) {
                Some(&value) => {
                    let _ = write!(text, " {} |", rounded(value));
                }
                None => text.push_str(" |"),
            }
        }
        text.push('\n');
    }
    if let Some(failure) = &run.failure {
        let _ = write!(text, "\nIt ended with: {}\n", cell(failure));
    }
    text
}

fn name(method: &RunMethod) -> String {
    let name = cell(&method.name);
    if method.served {
        format!("**{name}**")
    } else {
        name
    }
}

fn rounded(value: f64) -> String {
    number::shortest((value * 1e4).round() / 1e4)
}

/// `text` without what would end a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
