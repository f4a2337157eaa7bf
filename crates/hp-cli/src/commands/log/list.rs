//! `hp log list`: the newest predictions.

use super::filter::Filter;
use super::pages::{PAGE, Pages};
use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use hp_core::csv;
use hp_store::{Cell, Columns, PredictionRecord, PredictionStore};
use std::num::NonZeroUsize;

/// Print the newest predictions
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    filter: Filter,
    /// The most that are printed
    #[arg(long, value_name = "N", default_value = "20")]
    limit: NonZeroUsize,
    /// How to print them; json and csv have the inputs as well
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) async fn run(args: &Args, store: &dyn PredictionStore) -> Result<(), Failure> {
    let limit = args.limit.get();
    let mut pages = Pages::new(store, args.filter.query(args.limit.min(PAGE)));
    let mut records = Vec::new();
    while records.len() < limit
        && let Some(page) = pages.next().await?
    {
        records.extend(page);
    }
    records.truncate(limit);
    match args.format {
        Format::Csv => output::print_text(&text(&records)),
        format => output::print(format, &records, &[sheet(&records)]),
    }
}

/// What fits on a screen.
fn sheet(records: &[PredictionRecord]) -> Sheet {
    let columns = [
        "id",
        "time",
        "version",
        "source",
        "lower",
        "prediction",
        "upper",
        "uncertain",
        "actual",
    ];
    let mut sheet = Sheet::new("", &columns);
    let short = |number: f64| format!("{number:.4}");
    for record in records {
        let prediction = &record.prediction;
        sheet.push([
            record.id.to_string(),
            record.id.time().strftime("%F %T").to_string(),
            record.model_version.to_string(),
            record.source.to_string(),
            short(prediction.lower),
            short(prediction.prediction),
            short(prediction.upper),
            if prediction.is_uncertain() { "yes" } else { "" }.to_owned(),
            record
                .actual
                .map_or_else(String::new, |actual| short(actual.value)),
        ]);
    }
    sheet
}

/// Everything, with one column for every input that some record has.
fn text(records: &[PredictionRecord]) -> String {
    let columns = Columns::of(records);
    let mut text = csv::line(&columns.names());
    for record in records {
        let cells = columns.cells(record).unwrap_or_default();
        text.push_str(&csv::line(
            &cells.iter().map(Cell::text).collect::<Vec<_>>(),
        ));
    }
    text
}
