//! The sections about every method: main regressors, then lower and upper estimators.

use super::bar_figure::BarFigure;
use super::{Section, Source, key, with_unit};
use crate::evaluation::{EstimatorScore, MainScore, Metric};
use crate::report::ReportError;
use crate::report::chart::{Bar, Tone};
use crate::report::html::{Key, Symbol, chart_text};
use crate::table::number;
use hp_core::config::Role;

/// The section about main regressors.
pub(super) fn main(source: &Source<'_>) -> Result<Section, ReportError> {
    let evaluation = source.evaluation;
    let bars = evaluation.main.iter().map(MainScore::bar).collect();
    let figure = BarFigure {
        title: "RMSE by main regressor".to_owned(),
        caption: "Root mean squared error; shorter is better.".to_owned(),
        axis: with_unit("RMSE", &evaluation.target),
        bars,
        legend: best_and_others(),
    }
    .draw()?;
    Ok(Section {
        id: "main",
        title: "Main regressors",
        intro: format!("They predict {} itself.", evaluation.target.name),
        tables: vec![(
            evaluation.main_table(),
            format!("{}; MSE in its square. ★ is the best.", errors_in(source)),
        )],
        figures: vec![figure],
    })
}

/// The section about lower and upper estimators.
pub(super) fn estimators(source: &Source<'_>) -> Result<Section, ReportError> {
    let evaluation = source.evaluation;
    let figure = |role: Role| {
        let of_role = |score: &&EstimatorScore| score.role == role;
        let scores = evaluation.estimators.iter().filter(of_role);
        BarFigure {
            title: format!("Pinball loss by {} estimator", role.name()),
            caption: "At the quantile that each one estimates; shorter is better.".to_owned(),
            axis: with_unit("Pinball loss", &evaluation.target),
            bars: scores.map(EstimatorScore::bar).collect(),
            legend: best_and_others(),
        }
        .draw()
    };
    let note = || format!("{}; MSE in its square. ★ is the best.", errors_in(source));
    Ok(Section {
        id: "estimators",
        title: "Lower and upper estimators",
        intro: "They estimate a low and a high quantile, which together make an interval. \
                A quantile is meant to miss the middle, so the pinball loss decides."
            .to_owned(),
        tables: vec![
            (evaluation.estimator_table(Role::Lower), note()),
            (evaluation.estimator_table(Role::Upper), note()),
        ],
        figures: vec![figure(Role::Lower)?, figure(Role::Upper)?],
    })
}

impl MainScore {
    fn bar(&self) -> Bar {
        bar(&self.name, self.rmse, self.best.contains(&Metric::Rmse))
    }
}

impl EstimatorScore {
    fn bar(&self) -> Bar {
        bar(
            &self.name,
            self.pinball,
            self.best.contains(&Metric::Pinball),
        )
    }
}

fn bar(name: &str, value: f64, best: bool) -> Bar {
    let mark = if best { " ★" } else { "" };
    Bar {
        name: chart_text(name),
        value,
        label: number(value) + mark,
        highlighted: best,
    }
}

fn best_and_others() -> Vec<Key> {
    vec![
        key(Symbol::Bar, Tone::Accent, "best"),
        key(Symbol::Bar, Tone::Quiet, "others"),
    ]
}

/// What the numbers of a table are measured in.
fn errors_in(source: &Source<'_>) -> String {
    match &source.evaluation.target.unit {
        Some(unit) => format!("Errors in units of {unit}"),
        None => "Errors in units of the target".to_owned(),
    }
}
