//! `hp log stats`: predictions per hour or day.

use super::filter::moment;
use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use clap::ValueEnum;
use hp_core::version::ModelVersion;
use hp_store::{Aggregate, AggregateQuery, Bucket, PredictionStore, Source};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Print counts, interval widths and errors per hour or day
///
/// They are kept apart from the predictions, and stay when old predictions are pruned.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The length of a line's time, in UTC
    #[arg(long, value_enum, default_value = "day")]
    by: By,
    /// From the hour or day of this on: 2024-09-08, or 7d for a week ago [default: 30d, by hour 48h]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Timestamp>,
    /// Up to this [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Option<Timestamp>,
    /// Of this version only
    #[arg(long, value_name = "VERSION")]
    model_version: Option<ModelVersion>,
    /// How to print them
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// What a line stands for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    Hour,
    Day,
}

/// One line.
#[derive(Debug, Serialize)]
struct Line {
    start: Timestamp,
    model_version: ModelVersion,
    source: Source,
    predictions: u64,
    uncertain: u64,
    mean_prediction: Option<f64>,
    mean_width: Option<f64>,
    actuals: u64,
    coverage: Option<f64>,
    mae: Option<f64>,
    rmse: Option<f64>,
}

pub(super) async fn run(args: &Args, store: &dyn PredictionStore) -> Result<(), Failure> {
    let to = args.to.unwrap_or_else(Timestamp::now);
    let (bucket, hours) = match args.by {
        By::Hour => (Bucket::Hour, 48),
        By::Day => (Bucket::Day, 30 * 24),
    };
    let default = || to.saturating_sub(SignedDuration::from_hours(hours));
    let query = AggregateQuery {
        from: args.from.unwrap_or_else(|| default().unwrap_or(to)),
        to,
        bucket,
        model_version: args.model_version,
    };
    let aggregates = store.aggregate(&query).await?;
    let lines: Vec<_> = aggregates.iter().map(Line::of).collect();
    output::print(args.format, &lines, &[sheet(&lines, args.format)])
}

impl Line {
    fn of(aggregate: &Aggregate) -> Self {
        let mean = |sum: f64, count: u64| (count > 0).then(|| sum / count as f64);
        let actuals = aggregate.actuals;
        Self {
            start: aggregate.start,
            model_version: aggregate.model_version,
            source: aggregate.source,
            predictions: aggregate.count,
            uncertain: aggregate.uncertain,
            mean_prediction: mean(aggregate.sum_prediction, aggregate.count),
            mean_width: mean(aggregate.sum_width, aggregate.count),
            actuals,
            coverage: mean(aggregate.covered as f64, actuals),
            mae: mean(aggregate.sum_absolute_error, actuals),
            rmse: mean(aggregate.sum_squared_error, actuals).map(f64::sqrt),
        }
    }
}

fn sheet(lines: &[Line], format: Format) -> Sheet {
    let columns = [
        "start",
        "version",
        "source",
        "predictions",
        "uncertain",
        "mean prediction",
        "mean width",
        "actuals",
        "coverage",
        "mae",
        "rmse",
    ];
    let mut sheet = Sheet::new("", &columns);
    let unknown = if format == Format::Table { "–" } else { "" };
    let number = |value: Option<f64>| value.map_or(unknown.to_owned(), |v| format!("{v:.4}"));
    for line in lines {
        sheet.push([
            line.start.strftime("%F %H:%M").to_string(),
            line.model_version.to_string(),
            line.source.to_string(),
            line.predictions.to_string(),
            line.uncertain.to_string(),
            number(line.mean_prediction),
            number(line.mean_width),
            line.actuals.to_string(),
            number(line.coverage),
            number(line.mae),
            number(line.rmse),
        ]);
    }
    sheet
}
