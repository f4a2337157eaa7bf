//! The section about the trio that is served.

use super::{Section, Source, drawn, importances, key, thinned, with_unit};
use crate::report::ReportError;
use crate::report::chart::{
    Guide, Histogram, IntervalChart, MAX_INTERVALS, MAX_POINTS, ScatterChart, Tone,
};
use crate::report::html::{Figure, Key, Symbol};
use crate::table::{number, percent};

/// The section about the trio that is served.
pub(super) fn section(source: &Source<'_>) -> Result<Section, ReportError> {
    let served = &source.evaluation.served;
    let mut figures = vec![
        intervals(source)?,
        predicted_against_actual(source)?,
        residuals(source)?,
        distribution(source)?,
    ];
    figures.extend(importances::figure(source)?);
    Ok(Section {
        id: "served",
        title: "The served trio",
        intro: format!(
            "{} predicts, {} and {} give the limits. A prediction within its own limits is \
             certain, one outside is uncertain: here {} of the rows.",
            served.trio.main,
            served.trio.lower,
            served.trio.upper,
            percent(served.share_uncertain)
        ),
        tables: vec![(
            source.evaluation.served_table(),
            "Errors of the prediction, and coverage of the observed values by its limits."
                .to_owned(),
        )],
        figures,
    })
}

fn intervals(source: &Source<'_>) -> Result<Figure, ReportError> {
    let title = "Intervals sorted by prediction";
    let served = &source.evaluation.served;
    let chart = IntervalChart {
        axis: with_unit(&source.evaluation.target.name, &source.evaluation.target),
        y_true: &source.observations.y_true,
        predictions: &source.predictions,
    };
    Ok(Figure {
        title: title.to_owned(),
        caption: format!(
            "Each line runs from a row's lower to its upper limit.{}",
            thinned(source.predictions.len(), MAX_INTERVALS)
        ),
        description: format!(
            "{} of {} rows are uncertain; {} of the observed values are within their limits, \
             which are {} apart on average.",
            served.uncertain.as_ref().map_or(0, |group| group.rows),
            served.all.rows,
            percent(served.all.coverage),
            number(served.all.mean_width)
        ),
        legend: vec![
            key(Symbol::Line, Tone::Interval, "interval"),
            key(Symbol::Dot, Tone::Accent, "certain prediction"),
            key(Symbol::Triangle, Tone::Uncertain, "uncertain prediction"),
            key(Symbol::Ring, Tone::Muted, "actual value"),
        ],
        wide: true,
        drawing: drawn(title, chart.draw())?,
    })
}

fn predicted_against_actual(source: &Source<'_>) -> Result<Figure, ReportError> {
    let title = "Predicted against actual";
    let target = &source.evaluation.target;
    let actual = source.observations.y_true.iter();
    let chart = ScatterChart {
        x_title: with_unit(&format!("Actual {}", target.name), target),
        y_title: with_unit(&format!("Predicted {}", target.name), target),
        points: actual
            .zip(&source.predictions)
            .map(|(&actual, row)| (actual, row.prediction))
            .collect(),
        uncertain: &source.uncertain,
        guide: Guide::Diagonal,
    };
    let all = &source.evaluation.served.all;
    Ok(Figure {
        title: title.to_owned(),
        caption: format!(
            "On the dashed line a prediction is right.{}",
            thinned(source.predictions.len(), MAX_POINTS)
        ),
        description: format!(
            "Over {} rows the root mean squared error is {} and the mean absolute error {}.",
            all.rows,
            number(all.rmse),
            number(all.mae)
        ),
        legend: row_keys("right prediction"),
        wide: false,
        drawing: drawn(title, chart.draw())?,
    })
}

fn residuals(source: &Source<'_>) -> Result<Figure, ReportError> {
    let title = "Residuals against predictions";
    let target = &source.evaluation.target;
    let residuals = residuals_of(source);
    let largest = residuals
        .iter()
        .map(|residual| residual.abs())
        .fold(0.0, f64::max);
    let rows = source.predictions.iter().zip(residuals);
    let chart = ScatterChart {
        x_title: with_unit(&format!("Predicted {}", target.name), target),
        y_title: with_unit("Actual − predicted", target),
        points: rows
            .map(|(row, residual)| (row.prediction, residual))
            .collect(),
        uncertain: &source.uncertain,
        guide: Guide::Zero,
    };
    Ok(Figure {
        title: title.to_owned(),
        caption: format!(
            "Above the line the prediction was too low, below it too high.{}",
            thinned(source.predictions.len(), MAX_POINTS)
        ),
        description: format!("The largest residual is {} in size.", number(largest)),
        legend: row_keys("no error"),
        wide: false,
        drawing: drawn(title, chart.draw())?,
    })
}

fn distribution(source: &Source<'_>) -> Result<Figure, ReportError> {
    let title = "Distribution of residuals";
    let target = &source.evaluation.target;
    let residuals = residuals_of(source);
    let mean = residuals.iter().sum::<f64>() / residuals.len() as f64;
    let chart = Histogram {
        axis: with_unit("Actual − predicted", target),
        values: residuals,
    };
    Ok(Figure {
        title: title.to_owned(),
        caption: "How many rows have a residual of each size; the dashed line is no error."
            .to_owned(),
        description: format!("The mean of the residuals is {}.", number(mean)),
        legend: Vec::new(),
        wide: false,
        drawing: drawn(title, chart.draw())?,
    })
}

/// Actual − predicted, for every row.
fn residuals_of(source: &Source<'_>) -> Vec<f64> {
    let actual = source.observations.y_true.iter();
    let rows = actual.zip(&source.predictions);
    rows.map(|(actual, row)| actual - row.prediction).collect()
}

fn row_keys(guide: &'static str) -> Vec<Key> {
    vec![
        key(Symbol::Dot, Tone::Accent, "certain"),
        key(Symbol::Triangle, Tone::Uncertain, "uncertain"),
        key(Symbol::Dashes, Tone::Muted, guide),
    ]
}
