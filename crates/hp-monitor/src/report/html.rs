//! The report as a page that needs nothing else: no script, no other file.

use super::Report;
use crate::statistics::{DriftState, Effect};
use crate::view::{Card, ColumnInputs, Coverage, Errors};
use hp_core::number::shortest;

/// The page. Every text in it is escaped.
pub(super) fn page(report: &Report) -> String {
    let title = escaped(&format!("Predictions of {}", report.title));
    let window = &report.window;
    let mut body = format!(
        "<h1>{title}</h1>\n<p>{} to {} (UTC)",
        window.from, window.to
    );
    match report.freshness.newest_time {
        Some(newest) => line(&mut body, &format!(", newest prediction {newest}</p>")),
        None => line(&mut body, ", the log is empty</p>"),
    }
    if let Some(error) = &report.freshness.error {
        note(&mut body, &format!("These are older figures: {error}."));
    }
    cards(&mut body, report);
    inputs(&mut body, report);
    outcomes(&mut body, report);
    uncertain(&mut body, report);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// The verdict on a column that alarms.
const DRIFTED: &str = "drifted";

const STYLE: &str = ":root{color-scheme:light dark}\
    body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}\
    th,td{padding:.25rem .75rem;text-align:right;border-bottom:1px solid #8884}\
    th:first-child,td:first-child{text-align:left}\
    .alarm{font-weight:bold}\
    @media print{body{margin:0}}";

fn cards(body: &mut String, report: &Report) {
    let cards = &report.overview.cards;
    let threshold = shortest(report.threshold);
    let rows = [
        ("Predictions".to_owned(), cards.total, Kind::Count),
        ("Uncertain".to_owned(), cards.share_uncertain, Kind::Share),
        (
            format!("Wider than {threshold}"),
            cards.over_threshold,
            Kind::Count,
        ),
        (
            "Outside their limits".to_owned(),
            cards.outside_limits,
            Kind::Count,
        ),
        (
            "Mean interval width".to_owned(),
            cards.mean_width,
            Kind::Number,
        ),
        (
            "Mean prediction".to_owned(),
            cards.mean_prediction,
            Kind::Number,
        ),
    ];
    let row = |(name, card, kind): (String, Card, Kind)| {
        vec![
            name,
            kind.text(card.value),
            kind.text(card.previous),
            kind.text(card.change),
        ]
    };
    let head = ["", "Now", "Period before", "Change"];
    table(body, "Overview", &head, rows.into_iter().map(row));
}

fn inputs(body: &mut String, report: &Report) {
    let inputs = &report.inputs;
    let all = inputs.features.iter().chain(&inputs.prediction);
    let head = [
        "",
        "Rows",
        "Missing",
        "Out of range",
        "Effect",
        "By chance",
        "q-value",
        "Verdict",
    ];
    table(body, "Drift", &head, all.chain(&inputs.width).map(drift));
    if let Some(needs) = &inputs.needs {
        note(body, needs);
    }
}

fn drift(column: &ColumnInputs) -> Vec<String> {
    let counts = &column.drift;
    let mut row = vec![
        column.name.clone(),
        counts.rows.to_string(),
        counts.missing.to_string(),
        counts.out_of_range.to_string(),
    ];
    match &counts.state {
        DriftState::NeedsMore { rows } => {
            row.extend(["–", "–", "–"].map(str::to_owned));
            row.push(format!("needs {rows} more"));
        }
        DriftState::Measured(drift) => {
            let unit = match drift.effect {
                Effect::Wasserstein(_) => " sd",
                Effect::CramersV(_) => " V",
            };
            row.push(format!("{:.3}{unit}", drift.effect.size()));
            row.push(format!("{:.3}", drift.effect_by_chance));
            row.push(format!("{:.4}", drift.q_value));
            row.push(if drift.alarm { DRIFTED } else { "as trained" }.to_owned());
        }
    }
    row
}

fn outcomes(body: &mut String, report: &Report) {
    let outcomes = &report.outcomes;
    let rows = [
        ("All", outcomes.all),
        ("Certain", outcomes.certain),
        ("Uncertain", outcomes.uncertain),
    ];
    let row = |(name, errors): (&str, Errors)| {
        vec![
            name.to_owned(),
            errors.count.to_string(),
            Kind::Number.text(errors.mae),
            Kind::Number.text(errors.rmse),
        ]
    };
    let head = [
        "",
        "True values",
        "Mean absolute error",
        "Root mean squared error",
    ];
    table(body, "Outcomes", &head, rows.into_iter().map(row));
    if let Some(coverage) = &outcomes.coverage {
        note(body, &coverage_text(coverage));
    }
    if let Some(hint) = &outcomes.hint {
        note(body, hint);
    }
}

fn coverage_text(coverage: &Coverage) -> String {
    let share = |share| Kind::Share.text(Some(share));
    let promised = coverage.nominal.map_or_else(String::new, |nominal| {
        format!("; the model promises {}", share(nominal))
    });
    format!(
        "The intervals held {} of the true values (between {} and {} at 95 %){promised}.",
        share(coverage.value),
        share(coverage.low),
        share(coverage.high)
    )
}

fn uncertain(body: &mut String, report: &Report) {
    let features = report.uncertain.features.iter();
    let row = |feature: &crate::view::FeatureUncertainty| {
        let p_value = feature.p_value;
        vec![
            feature.name.clone(),
            Kind::Number.text(feature.strength),
            p_value.map_or_else(|| "–".to_owned(), |p_value| format!("{p_value:.4}")),
        ]
    };
    let head = ["", "Goes with uncertainty (V)", "p-value"];
    table(body, "Uncertainty", &head, features.map(row));
}

/// How a figure is written.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Count,
    Share,
    Number,
}

impl Kind {
    fn text(self, value: Option<f64>) -> String {
        match (self, value) {
            (_, None) => "–".to_owned(),
            (Self::Count, Some(value)) => shortest(value),
            (Self::Share, Some(value)) => format!("{:.1} %", value * 100.0),
            (Self::Number, Some(value)) => format!("{value:.3}"),
        }
    }
}

fn table(body: &mut String, title: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    line(body, &format!("<h2>{title}</h2>\n<table>\n<thead><tr>"));
    for cell in head {
        line(body, &format!("<th scope=\"col\">{cell}</th>"));
    }
    line(body, "</tr></thead>\n<tbody>");
    for row in rows {
        let alarm = row.last().is_some_and(|cell| cell == DRIFTED);
        line(
            body,
            if alarm {
                "<tr class=\"alarm\">"
            } else {
                "<tr>"
            },
        );
        for (place, cell) in row.iter().enumerate() {
            let cell = escaped(cell);
            let cell = if place == 0 {
                format!("<th scope=\"row\">{cell}</th>")
            } else {
                format!("<td>{cell}</td>")
            };
            line(body, &cell);
        }
        line(body, "</tr>");
    }
    line(body, "</tbody>\n</table>");
}

fn note(body: &mut String, text: &str) {
    line(body, &format!("<p>{}</p>", escaped(text)));
}

fn line(body: &mut String, text: &str) {
    body.push_str(text);
    body.push('\n');
}

fn escaped(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}
