//! The section about every pair of a lower and an upper estimator.

use super::{Section, Source, drawn, key};
use crate::metrics;
use crate::report::ReportError;
use crate::report::chart::{CoverageChart, CoverageMark, Tone};
use crate::report::html::{Figure, Symbol, chart_text};
use crate::table::percent;

/// The section about every pair of estimators.
pub(super) fn section(source: &Source<'_>) -> Result<Section, ReportError> {
    Ok(Section {
        id: "intervals",
        title: "Intervals",
        intro: "A lower and an upper estimator of the same kind make a pair. Its nominal coverage \
                is the difference of the two quantiles; where limits cross, the lower one is \
                above the upper one."
            .to_owned(),
        tables: vec![(
            source.evaluation.interval_table(),
            "Coverage is the share of observed values within their limits.".to_owned(),
        )],
        figures: vec![coverage(source)?],
    })
}

fn coverage(source: &Source<'_>) -> Result<Figure, ReportError> {
    let title = "Coverage against nominal";
    let rows = source.evaluation.rows;
    let marks: Vec<_> = source
        .evaluation
        .intervals
        .iter()
        .map(|score| CoverageMark {
            name: chart_text(&score.name),
            coverage: score.coverage,
            range: metrics::proportion_interval(score.coverage, rows)
                .unwrap_or((score.coverage, score.coverage)),
            nominal: score.nominal,
        })
        .collect();
    let sentences: Vec<_> = marks.iter().map(CoverageMark::sentence).collect();
    let chart = CoverageChart { marks };
    Ok(Figure {
        title: title.to_owned(),
        caption: format!(
            "{rows} rows cannot tell a coverage exactly: the line is the range that holds the \
             true one with 95 % confidence."
        ),
        description: sentences.join(" "),
        legend: vec![
            key(Symbol::Dot, Tone::Accent, "measured"),
            key(Symbol::Line, Tone::Interval, "95 % range"),
            key(Symbol::Dashes, Tone::Ink, "nominal"),
        ],
        wide: false,
        drawing: drawn(title, chart.draw())?,
    })
}

impl CoverageMark {
    fn sentence(&self) -> String {
        format!(
            "{}: {} measured, {} to {} likely, {} nominal.",
            self.name,
            percent(self.coverage),
            percent(self.range.0),
            percent(self.range.1),
            percent(self.nominal)
        )
    }
}
