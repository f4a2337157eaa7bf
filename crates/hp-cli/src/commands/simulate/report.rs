//! The summary of a simulation as tables.

use crate::output::Sheet;
use hp_simulate::Summary;
use std::time::Duration;

/// The tables of `summary`: answers, latencies and, where there are any, failures.
pub(super) fn sheets(url: &str, summary: &Summary) -> Vec<Sheet> {
    let mut sheets = vec![answers(url, summary)];
    sheets.extend(latencies(summary));
    if !summary.failures.is_empty() {
        sheets.push(failures(summary));
    }
    sheets
}

fn answers(url: &str, summary: &Summary) -> Sheet {
    let mut sheet = Sheet::new(format!("Calls to {url}"), &["outcome", "calls"]);
    let mut push = |outcome: &str, calls: u64| sheet.push([outcome.to_owned(), calls.to_string()]);
    push("sent", summary.sent);
    for (status, calls) in &summary.statuses {
        push(&format!("answered {status}"), *calls);
    }
    if summary.unanswered > 0 {
        push("without answer", summary.unanswered);
    }
    if summary.refused > 0 {
        push("bad rows refused", summary.refused);
    }
    push("failed", summary.failed);
    sheet
}

fn latencies(summary: &Summary) -> Option<Sheet> {
    let latencies = &summary.latencies;
    let columns = ["latency", "min", "mean", "p50", "p95", "p99", "max"];
    let mut sheet = Sheet::new("", &columns);
    let quantile = |q| latencies.quantile(q);
    let cells = [
        latencies.min()?,
        latencies.mean()?,
        quantile(0.5)?,
        quantile(0.95)?,
        quantile(0.99)?,
        latencies.max()?,
    ];
    sheet.push(std::iter::once("ms".to_owned()).chain(cells.map(milliseconds)));
    Some(sheet)
}

fn failures(summary: &Summary) -> Sheet {
    let mut sheet = Sheet::new("Failures", &["reason", "calls"]);
    for failure in &summary.failures {
        sheet.push([failure.reason.clone(), failure.count.to_string()]);
    }
    sheet
}

fn milliseconds(latency: Duration) -> String {
    format!("{:.3}", 1e3 * latency.as_secs_f64())
}
