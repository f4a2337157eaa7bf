//! A table of results as data, for whoever prints it, and how its numbers are written.

use serde::Serialize;

/// A table of results.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResultTable {
    /// What it shows.
    pub title: String,
    /// The heading of every column.
    pub columns: Vec<String>,
    /// The rows, each with one cell per column; the first names the row.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell of a [`ResultTable`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// As it is shown.
    pub text: String,
    /// The exact number, when it is one.
    pub value: Option<f64>,
    /// Whether it is the best of its column.
    pub best: bool,
}

impl Cell {
    /// A cell of words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            value: None,
            best: false,
        }
    }

    /// A cell of a measured number, shown with four decimals.
    #[must_use]
    pub fn number(value: f64) -> Self {
        Self {
            value: Some(value),
            ..Self::text(number(value))
        }
    }

    /// A cell of a share, shown in percent.
    #[must_use]
    pub fn share(value: f64) -> Self {
        Self {
            value: Some(value),
            ..Self::text(percent(value))
        }
    }

    /// A cell of a count.
    #[must_use]
    pub fn count(count: usize) -> Self {
        Self {
            value: Some(count as f64),
            ..Self::text(count.to_string())
        }
    }

    /// A cell without a value.
    #[must_use]
    pub fn missing() -> Self {
        Self::text("–")
    }

    /// The cell, marked as the best of its column or not.
    #[must_use]
    pub fn marked(self, best: bool) -> Self {
        Self { best, ..self }
    }
}

/// Writes a measured number with four decimals, or in scientific notation where they would be
/// meaningless.
#[must_use]
pub fn number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude >= 1e9 || (magnitude > 0.0 && magnitude < 1e-3) {
        format!("{value:.4e}")
    } else {
        format!("{value:.4}")
    }
}

/// Writes a share in percent with one decimal: `78.4 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
