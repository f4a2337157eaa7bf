//! What the report says, section by section: tables, and charts with their words.

mod intervals;
mod methods;
mod served;

mod bar_figure;
mod importances;

use super::ReportError;
use super::chart::{DrawError, Drawing, Tone};
use super::html::{Figure, Key, Symbol, chart_text};
use crate::evaluation::{Evaluation, Observations, Target};
use crate::table::ResultTable;
use hp_core::prediction::Prediction;

/// One section of the page.
pub(super) struct Section {
    /// Its anchor.
    pub(super) id: &'static str,
    /// Its heading.
    pub(super) title: &'static str,
    /// What it is about.
    pub(super) intro: String,
    /// Its tables, each with a note.
    pub(super) tables: Vec<(ResultTable, String)>,
    /// Its charts.
    pub(super) figures: Vec<Figure>,
}

/// What every section is made from.
struct Source<'a> {
    evaluation: &'a Evaluation,
    observations: &'a Observations,
    /// What the served trio says of every row.
    predictions: Vec<Prediction>,
    /// Whether a row is uncertain.
    uncertain: Vec<bool>,
}

/// All sections, in the order of the page.
pub(super) fn all(
    evaluation: &Evaluation,
    observations: &Observations,
) -> Result<Vec<Section>, ReportError> {
    let served = observations
        .served_methods()
        .map_err(ReportError::Observations)?;
    let predictions: Vec<_> = served.predictions().collect();
    let source = Source {
        evaluation,
        observations,
        uncertain: predictions.iter().map(Prediction::is_uncertain).collect(),
        predictions,
    };
    Ok(vec![
        methods::main(&source)?,
        methods::estimators(&source)?,
        served::section(&source)?,
        intervals::section(&source)?,
    ])
}

/// `what` with the unit of the target: `RMSE (1000 dollars)`.
fn with_unit(what: &str, target: &Target) -> String {
    let what = chart_text(what);
    match &target.unit {
        Some(unit) => format!("{what} ({})", chart_text(unit)),
        None => what,
    }
}

/// A note that only `limit` of `rows` are drawn, if so.
fn thinned(rows: usize, limit: usize) -> String {
    if rows > limit {
        format!(" Of {rows} rows, {limit} are drawn, evenly spaced.")
    } else {
        String::new()
    }
}

fn drawn(chart: &str, drawing: Result<Drawing, DrawError>) -> Result<Drawing, ReportError> {
    drawing.map_err(|source| ReportError::Chart {
        chart: chart.to_owned(),
        source,
    })
}

fn key(symbol: Symbol, tone: Tone, meaning: &'static str) -> Key {
    Key {
        symbol,
        tone,
        meaning,
    }
}
