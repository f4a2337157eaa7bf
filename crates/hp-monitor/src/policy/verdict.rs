//! A period judged by a policy.

use super::{Condition, Figure, Policy};
use crate::report::Report;
use hp_core::number::shortest;
use serde::Serialize;

/// What became of each condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The conditions in order.
    pub findings: Vec<Finding>,
}

/// What became of a condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The condition.
    pub condition: Condition,
    /// Whether it is met.
    pub what: What,
    /// The figure, if there is one.
    pub value: Option<f64>,
    /// The same in words.
    pub reason: String,
}

/// Whether a condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It is not met: all is well.
    Well,
    /// It is met.
    Met,
    /// There is too little to say.
    NeedsMore,
}

impl Verdict {
    /// Judges the period of `report`. A share or mean of fewer than `min_rows` rows says nothing.
    #[must_use]
    pub fn new(policy: &Policy, report: &Report, min_rows: u64) -> Self {
        let finding = |condition: &Condition| match *condition {
            Condition::Drift => drift(report),
            Condition::Limit { figure, .. } => limit(*condition, report, needed(figure, min_rows)),
        };
        Self {
            findings: policy.conditions().iter().map(finding).collect(),
        }
    }

    /// The conditions that are met.
    pub fn met(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.what == What::Met)
    }

    /// Whether some condition is met.
    #[must_use]
    pub fn is_alert(&self) -> bool {
        self.met().next().is_some()
    }
}

/// The least rows behind a figure.
fn needed(figure: Figure, min_rows: u64) -> u64 {
    match figure {
        Figure::Predictions => 0,
        Figure::Age => 1,
        _ => min_rows,
    }
}

/// A figure, and how many rows it is made from.
fn measured(figure: Figure, report: &Report) -> (Option<f64>, u64, &'static str) {
    let cards = &report.overview.cards;
    let total = report.outcomes.total;
    let outcomes = &report.outcomes;
    let predictions = |value| (value, total, "predictions");
    let true_values = |value| (value, outcomes.actuals, "true values");
    match figure {
        Figure::Uncertain => predictions(cards.share_uncertain.value),
        Figure::Width => predictions(cards.mean_width.value),
        Figure::Over => {
            let share = cards.over_threshold.value.map(|over| over / total as f64);
            predictions(share.filter(|share| share.is_finite()))
        }
        Figure::Predictions => predictions(cards.total.value),
        Figure::Age => {
            let newest = u64::from(report.freshness.newest.is_some());
            (report.freshness.age_seconds, newest, "predictions")
        }
        Figure::Coverage => true_values(outcomes.coverage.map(|coverage| coverage.value)),
        Figure::Mae => true_values(outcomes.all.mae),
        Figure::Rmse => true_values(outcomes.all.rmse),
    }
}

fn limit(condition: Condition, report: &Report, needed: u64) -> Finding {
    let Condition::Limit {
        figure,
        side,
        limit,
    } = condition
    else {
        return drift(report);
    };
    let (value, rows, kind) = measured(figure, report);
    let name = figure.name();
    let value = value.filter(|_| rows >= needed);
    let (what, reason) = match value {
        None => {
            let more = needed.saturating_sub(rows).max(1);
            (What::NeedsMore, format!("{name} needs {more} more {kind}"))
        }
        Some(value) => {
            let what = if side.holds(value, limit) {
                What::Met
            } else {
                What::Well
            };
            let rounded = (value * 10_000.0).round() / 10_000.0;
            (
                what,
                format!("{name} is {} of {rows} {kind}", shortest(rounded)),
            )
        }
    };
    Finding {
        condition,
        what,
        value,
        reason,
    }
}

fn drift(report: &Report) -> Finding {
    let inputs = &report.inputs;
    let (what, reason) = match &inputs.needs {
        Some(needs) => (What::NeedsMore, needs.clone()),
        None if inputs.alarms.is_empty() => (What::Well, "nothing has drifted".to_owned()),
        None => {
            let names = inputs.alarms.join(", ");
            (What::Met, format!("{names} drifted"))
        }
    };
    Finding {
        condition: Condition::Drift,
        what,
        value: (what != What::NeedsMore).then_some(inputs.alarms.len() as f64),
        reason,
    }
}
