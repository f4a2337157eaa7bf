//! `hp monitor report`: the figures of a period.

use super::Watched;
use super::selection::SelectionArgs;
use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use clap::ValueEnum;
use hp_core::number::shortest;
use hp_monitor::report::Report;
use hp_monitor::statistics::{DriftState, Effect};
use hp_monitor::view::{Card, ColumnInputs};
use hp_store::StoreUri;

/// Print how certain the predictions of a period were, what drifted, and how good they were
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: SelectionArgs,
    /// How to print it; html is a page of its own
    #[arg(long, value_enum, default_value = "table")]
    format: ReportFormat,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ReportFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For browsers.
    Html,
}

pub(super) async fn run(args: &Args, what: &Watched, uri: &StoreUri) -> Result<(), Failure> {
    let monitor = what.monitor(uri).await?;
    let selection = args.selection.selection(what.width_threshold);
    let report = Report::new(&monitor, &selection).await?;
    match args.format {
        ReportFormat::Html => output::print_text(&report.html()),
        ReportFormat::Json => output::print_json(&report),
        ReportFormat::Table => {
            output::print(Format::Table, &report, &sheets(&report))?;
            let hints = [&report.inputs.needs, &report.outcomes.hint];
            for hint in hints.into_iter().flatten() {
                output::say(hint);
            }
            Ok(())
        }
    }
}

fn sheets(report: &Report) -> [Sheet; 3] {
    [overview(report), drift(report), outcomes(report)]
}

fn overview(report: &Report) -> Sheet {
    let window = &report.window;
    let title = format!("{}, {} to {}", report.title, window.from, window.to);
    let mut sheet = Sheet::new(title, &["figure", "now", "before", "change"]);
    let cards = &report.overview.cards;
    let threshold = shortest(report.threshold);
    let counts = [
        ("predictions".to_owned(), cards.total),
        (format!("wider than {threshold}"), cards.over_threshold),
        ("outside limits".to_owned(), cards.outside_limits),
    ];
    for (name, card) in counts {
        sheet.push(row(name, card, shortest));
    }
    let means = [
        ("share uncertain", cards.share_uncertain),
        ("mean width", cards.mean_width),
        ("mean prediction", cards.mean_prediction),
    ];
    for (name, card) in means {
        sheet.push(row(name.to_owned(), card, |value| format!("{value:.4}")));
    }
    sheet
}

fn row(name: String, card: Card, text: fn(f64) -> String) -> [String; 4] {
    let text = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), text);
    [
        name,
        text(card.value),
        text(card.previous),
        text(card.change),
    ]
}

fn drift(report: &Report) -> Sheet {
    let inputs = &report.inputs;
    let title = match inputs.version {
        Some(version) => format!(
            "drift from the training of {version}, {} of {} predictions compared",
            inputs.sampled, inputs.window_rows
        ),
        None => "drift".to_owned(),
    };
    let columns = [
        "column",
        "missing",
        "out of range",
        "effect",
        "by chance",
        "q-value",
        "verdict",
    ];
    let mut sheet = Sheet::new(title, &columns);
    let all = inputs.features.iter().chain(&inputs.prediction);
    for column in all.chain(&inputs.width) {
        sheet.push(drift_row(column));
    }
    sheet
}

fn drift_row(column: &ColumnInputs) -> [String; 7] {
    let counts = &column.drift;
    let [effect, by_chance, q_value, verdict] = match &counts.state {
        DriftState::NeedsMore { rows } => {
            let none = || "–".to_owned();
            [none(), none(), none(), format!("needs {rows} more")]
        }
        DriftState::Measured(drift) => {
            let unit = match drift.effect {
                Effect::Wasserstein(_) => "sd",
                Effect::CramersV(_) => "V",
            };
            let verdict = if drift.alarm { "drifted" } else { "as trained" };
            [
                format!("{:.3} {unit}", drift.effect.size()),
                format!("{:.3}", drift.effect_by_chance),
                format!("{:.4}", drift.q_value),
                verdict.to_owned(),
            ]
        }
    };
    [
        column.name.clone(),
        counts.missing.to_string(),
        counts.out_of_range.to_string(),
        effect,
        by_chance,
        q_value,
        verdict,
    ]
}

fn outcomes(report: &Report) -> Sheet {
    let outcomes = &report.outcomes;
    let share = |share: f64| format!("{:.1} %", share * 100.0);
    let title = match &outcomes.coverage {
        Some(coverage) => format!(
            "outcomes, the intervals held {} of the true values ({} to {} at 95 %)",
            share(coverage.value),
            share(coverage.low),
            share(coverage.high)
        ),
        None => "outcomes".to_owned(),
    };
    let mut sheet = Sheet::new(title, &["predictions", "true values", "mae", "rmse"]);
    let rows = [
        ("all", outcomes.all),
        ("certain", outcomes.certain),
        ("uncertain", outcomes.uncertain),
    ];
    for (name, errors) in rows {
        let text = |value: Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
        };
        sheet.push([
            name.to_owned(),
            errors.count.to_string(),
            text(errors.mae),
            text(errors.rmse),
        ]);
    }
    sheet
}
