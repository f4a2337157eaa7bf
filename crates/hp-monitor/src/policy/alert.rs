//! What others are told when the state of the predictions changes.

use super::{Condition, Finding, Verdict};
use crate::report::Report;
use crate::view::Period;
use jiff::Timestamp;
use serde::Serialize;

/// A change of state.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alert {
    /// `alert` when conditions are met, `resolved` when none is any more.
    pub state: &'static str,
    /// The name of the data set.
    pub title: String,
    /// In a line.
    pub text: String,
    /// When it was found.
    pub time: Timestamp,
    /// The period that was judged.
    pub window: Period,
    /// The conditions that are met.
    pub met: Vec<Finding>,
    /// All conditions.
    pub findings: Vec<Finding>,
}

impl Alert {
    /// What to tell of `verdict` at `time`, if the conditions that are met are not those of
    /// `before`: the state that was told last.
    #[must_use]
    pub fn new(
        report: &Report,
        verdict: &Verdict,
        before: &[String],
        time: Timestamp,
    ) -> Option<Self> {
        if conditions(verdict) == before {
            return None;
        }
        let met: Vec<_> = verdict.met().cloned().collect();
        let reasons: Vec<_> = met.iter().map(|finding| finding.reason.as_str()).collect();
        let text = if met.is_empty() {
            format!("{}: all is well again", report.title)
        } else {
            format!("{}: {}", report.title, reasons.join("; "))
        };
        Some(Self {
            state: if met.is_empty() { "resolved" } else { "alert" },
            title: report.title.clone(),
            text,
            time,
            window: report.window,
            met,
            findings: verdict.findings.clone(),
        })
    }
}

/// The conditions that are met, as they are remembered.
pub(super) fn conditions(verdict: &Verdict) -> Vec<String> {
    let conditions = verdict.met().map(|finding| finding.condition);
    conditions
        .map(|condition| Condition::to_string(&condition))
        .collect()
}
