//! The moves of an alias as people and programs read them.

use crate::output::Sheet;
use hp_core::version::ModelVersion;
use hp_registry::aliases::Move;

/// A table of `moves`, newest first.
pub(super) fn sheet<'a>(moves: impl DoubleEndedIterator<Item = &'a Move>) -> Sheet {
    let columns = ["when (UTC)", "alias", "what", "from", "to", "by", "why"];
    let mut sheet = Sheet::new("History", &columns);
    for step in moves.rev() {
        sheet.push([
            step.at.strftime("%F %T").to_string(),
            step.alias.to_string(),
            step.action.name().to_owned(),
            step.from.map_or_else(String::new, |from| from.to_string()),
            step.to.to_string(),
            step.by.clone().unwrap_or_default(),
            why(step),
        ]);
    }
    sheet
}

/// `champion: v1.0.0 → v1.1.0`.
pub(super) fn sentence(step: &Move) -> String {
    let from = |from: ModelVersion| format!("{from} → ");
    let from = step.from.map(from).unwrap_or_default();
    format!("{}: {from}{}", step.alias, step.to)
}

fn why(step: &Move) -> String {
    let reason = step.reason.clone();
    let gate = step.gate.as_ref().map(|gate| format!("if {gate}"));
    reason
        .into_iter()
        .chain(gate)
        .collect::<Vec<_>>()
        .join("; ")
}
