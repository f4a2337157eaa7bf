//! The page around the sections: head, summary and footer.

use super::ReportData;
use super::chart::style_sheet;
use super::html::{escape, figure, table};
use super::sections::Section;
use crate::evaluation::{Evaluation, GroupScore};
use crate::table::{number, percent};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const STYLE: &str = include_str!("style.css");

/// The text of the whole page.
pub(super) fn page(evaluation: &Evaluation, data: &ReportData<'_>, sections: &[Section]) -> String {
    let title = format!("Evaluation of {}", evaluation.provenance.model_version);
    let body: Vec<_> = sections.iter().map(section).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} – {target}</title>\n<style>\n{colors}{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<p class=\"kicker\">hp evaluate</p>\n<h1>{title}</h1>\n{lead}</header>\n\
         <main>\n{summary}{body}</main>\n{footer}</body>\n</html>\n",
        target = escape(&evaluation.target.name),
        colors = style_sheet(),
        lead = lead(evaluation),
        summary = summary(evaluation),
        body = body.concat(),
        footer = footer(evaluation, data),
    )
}

fn lead(evaluation: &Evaluation) -> String {
    let target = &evaluation.target;
    let data = &evaluation.provenance.data;
    let unit = target.unit.as_ref();
    let unit = unit.map(|unit| format!(", in units of {unit},"));
    let training = data.training_rows;
    let training = training.map(|rows| format!(" fitted on {rows}"));
    format!(
        "<p class=\"lead\">{data}: {target}{unit} predicted for {rows} rows by methods{training}.</p>\n",
        data = escape(&data.name),
        target = escape(&target.name),
        unit = escape(&unit.unwrap_or_default()),
        rows = evaluation.rows,
        training = training.unwrap_or_default(),
    )
}

/// The four numbers to look at first.
fn summary(evaluation: &Evaluation) -> String {
    let served = &evaluation.served;
    let nominal = evaluation
        .served_interval()
        .map(|interval| format!("nominal {}", percent(interval.nominal)));
    let error_of = |group: Option<&GroupScore>| {
        group.map_or_else(|| "–".to_owned(), |group| number(group.rmse))
    };
    let groups = format!(
        "RMSE {} certain, {} uncertain",
        error_of(served.certain.as_ref()),
        error_of(served.uncertain.as_ref())
    );
    let cards = [
        card("RMSE", &number(served.all.rmse), &served.trio.main),
        card(
            "Coverage",
            &percent(served.all.coverage),
            &nominal.unwrap_or_default(),
        ),
        card(
            "Mean width",
            &number(served.all.mean_width),
            &format!("{} to {}", served.trio.lower, served.trio.upper),
        ),
        card("Uncertain", &percent(served.share_uncertain), &groups),
    ];
    format!(
        "<dl class=\"cards\" aria-label=\"Served trio in brief\">\n{}</dl>\n",
        cards.concat()
    )
}

fn card(name: &str, value: &str, note: &str) -> String {
    format!(
        "<div><dt>{}</dt><dd class=\"value\">{}</dd><dd>{}</dd></div>\n",
        escape(name),
        escape(value),
        escape(note)
    )
}

fn section(section: &Section) -> String {
    let id = section.id;
    let tables: Vec<_> = section
        .tables
        .iter()
        .map(|(results, note)| table(results, note))
        .collect();
    let figures: Vec<_> = section
        .figures
        .iter()
        .enumerate()
        .map(|(index, shown)| figure(shown, &format!("{id}-{}", index + 1)))
        .collect();
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n<p>{intro}</p>\n\
         <div class=\"blocks\">\n{tables}{figures}</div>\n</section>\n",
        title = escape(section.title),
        intro = escape(&section.intro),
        tables = tables.concat(),
        figures = figures.concat(),
    )
}

fn footer(evaluation: &Evaluation, data: &ReportData<'_>) -> String {
    let provenance = &evaluation.provenance;
    let rows = match provenance.data.training_rows {
        Some(training) => format!("{} evaluated, {training} for training", evaluation.rows),
        None => format!("{} evaluated", evaluation.rows),
    };
    let mut facts = vec![
        (
            "Model version".to_owned(),
            provenance.model_version.to_string(),
        ),
        ("Data".to_owned(), provenance.data.name.clone()),
        (
            "Data fingerprint".to_owned(),
            provenance.data.fingerprint.to_string(),
        ),
        ("Rows".to_owned(), rows),
        ("Made".to_owned(), minute(data.created_at)),
        ("Made by".to_owned(), format!("hp {}", data.hp_version)),
    ];
    for (name, hash) in &provenance.inputs {
        facts.push((format!("Hash of {name}"), hash.clone()));
    }
    let facts: Vec<_> = facts
        .iter()
        .map(|(name, value)| {
            format!(
                "<div><dt>{}</dt><dd>{}</dd></div>\n",
                escape(name),
                escape(value)
            )
        })
        .collect();
    format!(
        "<footer>\n<h2>Provenance</h2>\n<dl>\n{}</dl>\n</footer>\n",
        facts.concat()
    )
}

/// `at` to the minute, in universal time.
fn minute(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
