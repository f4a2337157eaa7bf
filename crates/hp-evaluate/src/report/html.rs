//! Small pieces of HTML. Whatever is not markup of ours goes through [`escape`].

use super::chart::{Drawing, Tone};
use crate::table::{Cell, ResultTable};

/// `text` as HTML text or as the value of a quoted attribute.
///
/// Characters that would reorder or hide what stands beside them are shown as `�`.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(visible(c)),
        }
    }
    escaped
}

/// `text` for a chart, whose backend escapes markup itself.
pub(super) fn chart_text(text: &str) -> String {
    text.chars().map(visible).collect()
}

fn visible(c: char) -> char {
    let reorders =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || reorders {
        '\u{fffd}'
    } else {
        c
    }
}

/// Most columns of a table that does not take the full width of the page.
const WIDE_TABLE: usize = 6;

/// A table; `note` stands below its title.
pub(super) fn table(table: &ResultTable, note: &str) -> String {
    let wide = if table.columns.len() > WIDE_TABLE {
        " wide"
    } else {
        ""
    };
    let title = escape(&table.title);
    let head: Vec<_> = table
        .columns
        .iter()
        .map(|column| format!("<th scope=\"col\">{}</th>", escape(column)))
        .collect();
    let rows: Vec<_> = table.rows.iter().map(|row| table_row(row)).collect();
    format!(
        "<div class=\"table{wide}\" {scroll}><table>\n\
         <caption><div>{title} <span>{note}</span></div></caption>\n\
         <thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n",
        scroll = scrollable(&title),
        note = escape(note),
        head = head.concat(),
        rows = rows.concat()
    )
}

fn table_row(cells: &[Cell]) -> String {
    let cells: Vec<_> = cells
        .iter()
        .enumerate()
        .map(|(index, cell)| match (index, cell) {
            (0, cell) => format!("<th scope=\"row\">{}</th>", escape(&cell.text)),
            (_, cell) if cell.best => format!(
                "<td class=\"best\">{} <span class=\"badge\" role=\"img\" aria-label=\"best\">★</span></td>",
                escape(&cell.text)
            ),
            (_, cell) => format!("<td>{}</td>", escape(&cell.text)),
        })
        .collect();
    format!("<tr>{}</tr>\n", cells.concat())
}

/// A chart with what is said about it.
pub(super) struct Figure {
    /// Its title.
    pub(super) title: String,
    /// What it shows, in a sentence or two.
    pub(super) caption: String,
    /// What can be seen in it, for those who cannot see it.
    pub(super) description: String,
    /// What its marks mean.
    pub(super) legend: Vec<Key>,
    /// Whether it takes the full width of the page.
    pub(super) wide: bool,
    /// The chart.
    pub(super) drawing: Drawing,
}

/// One entry of a legend.
pub(super) struct Key {
    /// The mark.
    pub(super) symbol: Symbol,
    /// Its colour.
    pub(super) tone: Tone,
    /// What it means.
    pub(super) meaning: &'static str,
}

/// The shape of a mark.
#[derive(Debug, Clone, Copy)]
pub(super) enum Symbol {
    Dot,
    Ring,
    Triangle,
    Bar,
    Line,
    Dashes,
}

/// A figure; `id` must be unique in the page.
pub(super) fn figure(figure: &Figure, id: &str) -> String {
    let keys: Vec<_> = figure.legend.iter().map(legend_entry).collect();
    let legend = if keys.is_empty() {
        String::new()
    } else {
        format!("<ul class=\"legend\">{}</ul>\n", keys.concat())
    };
    let title = escape(&figure.title);
    let (class, scroll) = if figure.wide {
        (" class=\"wide\"", scrollable(&title))
    } else {
        ("", String::new())
    };
    format!(
        "<figure{class} id=\"{id}\">\n<figcaption><h3>{title}</h3><p>{caption}</p></figcaption>\n\
         {legend}<div class=\"chart\" {scroll}>\
         <svg viewBox=\"{view_box}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n\
         <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{description}</desc>\n\
         {elements}</svg></div>\n</figure>\n",
        caption = escape(&figure.caption),
        description = escape(&figure.description),
        view_box = figure.drawing.view_box,
        elements = figure.drawing.elements,
    )
}

/// Attributes of what may scroll, so that the keyboard can reach it; `title` is escaped.
fn scrollable(title: &str) -> String {
    format!("tabindex=\"0\" role=\"region\" aria-label=\"{title}\"")
}

fn legend_entry(key: &Key) -> String {
    let color = format!("var(--{})", key.tone.name());
    let fill = format!("fill=\"none\" style=\"fill:{color}\"");
    let stroke = format!("fill=\"none\" style=\"stroke:{color}\"");
    let shape = match key.symbol {
        Symbol::Dot => format!("<circle cx=\"10\" cy=\"7\" r=\"4\" {fill}/>"),
        Symbol::Ring => {
            format!("<circle cx=\"10\" cy=\"7\" r=\"3.5\" stroke-width=\"1.5\" {stroke}/>")
        }
        Symbol::Triangle => format!("<path d=\"M10 2 15 11H5Z\" {fill}/>"),
        Symbol::Bar => format!("<rect x=\"2\" y=\"3\" width=\"16\" height=\"8\" {fill}/>"),
        Symbol::Line => format!("<path d=\"M1 7H19\" stroke-width=\"4\" {stroke}/>"),
        Symbol::Dashes => {
            format!("<path d=\"M1 7H19\" stroke-width=\"1.5\" stroke-dasharray=\"5 3\" {stroke}/>")
        }
    };
    format!(
        "<li><svg viewBox=\"0 0 20 14\" aria-hidden=\"true\">{shape}</svg>{}</li>",
        escape(key.meaning)
    )
}
