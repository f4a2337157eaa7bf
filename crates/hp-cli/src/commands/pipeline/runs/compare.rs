//! `hp runs compare`: two trainings side by side.

use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use crate::settings::StoreArgs;
use hp_registry::compare::{Change, Comparison, MetricPair, Side, compare};
use hp_registry::runs::RunStore;

/// Print the metrics of two runs side by side, and what they were made from differently
///
/// The better value of a metric has a star. Metrics that are equal are left out.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The first run: an id, the beginning of one, a version, or `latest`
    a: String,
    /// The second run
    b: String,
    /// Print metrics that are equal, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    store: StoreArgs,
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let store = RunStore::new(&args.store.artifacts);
    let (a, b) = (store.find(&args.a)?, store.find(&args.b)?);
    let comparison = compare(&a, &b);
    let title = |side: &str, run: &hp_registry::run::Run| format!("{side} {}", run.model_version);
    let names = [title("A", &a), title("B", &b)];
    let shown: Vec<_> = comparison
        .metrics
        .iter()
        .filter(|pair| args.all || pair.a != pair.b)
        .collect();
    let hidden = comparison.metrics.len() - shown.len();
    let sheets = [metrics(&comparison, &shown, &names), changes(&comparison)];
    output::print(args.format, &comparison, &sheets)?;
    if !comparison.same_data {
        output::say(
            "note: the held-out rows are of other data, so that none of their metrics is the better one",
        );
    }
    if hidden > 0 && args.format != Format::Json {
        let noun = if hidden == 1 {
            "metric is"
        } else {
            "metrics are"
        };
        output::say(format!("{hidden} {noun} equal; --all prints them too"));
    }
    Ok(())
}

fn metrics(comparison: &Comparison, pairs: &[&MetricPair], [a, b]: &[String; 2]) -> Sheet {
    let title = format!("A is run {}, B is run {}", comparison.a, comparison.b);
    let mut sheet = Sheet::new(title, &["method", "metric", a, b, "B − A"]);
    for pair in pairs {
        sheet.push([
            pair.method
                .clone()
                .unwrap_or_else(|| "served trio".to_owned()),
            pair.metric.clone(),
            value(pair, Side::A),
            value(pair, Side::B),
            pair.difference
                .map_or_else(String::new, |by| format!("{by:+.4}")),
        ]);
    }
    sheet
}

/// A value, with a star when it is the better one.
fn value(pair: &MetricPair, side: Side) -> String {
    let value = match side {
        Side::A => pair.a,
        Side::B => pair.b,
    };
    let star = if pair.better == Some(side) { " *" } else { "" };
    value.map_or_else(String::new, |value| format!("{value:.4}{star}"))
}

fn changes(comparison: &Comparison) -> Sheet {
    let mut sheet = Sheet::new("From A to B", &["of", "change"]);
    for (of, changes) in [
        ("parameters", &comparison.parameters),
        ("data", &comparison.data),
        ("code", &comparison.code),
    ] {
        for change in changes {
            sheet.push([of.to_owned(), Change::to_string(change)]);
        }
    }
    sheet
}
