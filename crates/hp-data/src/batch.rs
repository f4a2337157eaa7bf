//! Some rows of a file, column by column, as text or as typed Parquet values.

use hp_core::number;
use hp_core::rule::Rule;
use hp_core::schema;
use polars::prelude::{AnyValue, Column, DataType};
use std::borrow::Cow;

/// Some rows of a file with the line each begins on.
#[derive(Debug, Clone)]
pub struct Batch {
    lines: Vec<u64>,
    ragged: Vec<RaggedRow>,
    pub(crate) cells: Vec<Cells>,
}

/// A row that has not as many fields as the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RaggedRow {
    pub(crate) line: u64,
    pub(crate) found: usize,
}

/// The values of one column in a batch.
#[derive(Debug, Clone)]
pub(crate) enum Cells {
    /// Not read.
    Skipped,
    /// From a text file.
    Text(TextCells),
    /// From Parquet.
    Typed(Column),
}

/// Cells of text in one allocation.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextCells {
    text: String,
    ends: Vec<usize>,
}

/// A cell as a number, and the first rule it breaks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// NaN when the cell is no finite number.
    pub(crate) value: f64,
    pub(crate) broken: Option<Rule>,
}

impl Batch {
    pub(crate) fn new(lines: Vec<u64>, ragged: Vec<RaggedRow>, cells: Vec<Cells>) -> Self {
        Self {
            lines,
            ragged,
            cells,
        }
    }

    /// Number of complete rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.lines.len()
    }

    /// The 1-based line of the file on which each complete row begins, `[rows]`; for Parquet the
    /// 1-based number of the row.
    #[must_use]
    pub fn lines(&self) -> &[u64] {
        &self.lines
    }

    /// The text of one cell: as it stands in a text file, or as it would be written to one. Empty
    /// when there is no value.
    #[must_use]
    pub fn text(&self, row: usize, column: usize) -> Cow<'_, str> {
        let cells = self.cells.get(column);
        cells.map_or(Cow::Borrowed(""), |cells| cells.text(row))
    }

    pub(crate) fn ragged(&self) -> &[RaggedRow] {
        &self.ragged
    }

    /// Rows taken from the file, ragged ones included.
    pub(crate) fn rows_read(&self) -> usize {
        self.lines.len() + self.ragged.len()
    }
}

impl Cells {
    fn text(&self, row: usize) -> Cow<'_, str> {
        match self {
            Self::Skipped => Cow::Borrowed(""),
            Self::Text(cells) => Cow::Borrowed(cells.get(row)),
            Self::Typed(column) => typed_text(column.get(row).unwrap_or(AnyValue::Null)),
        }
    }

    /// Reads all cells as values of `column`, `[rows]`.
    pub(crate) fn readings(&self, column: &schema::Column) -> Vec<Reading> {
        match self {
            Self::Skipped => Vec::new(),
            Self::Text(cells) => cells.iter().map(|cell| from_text(column, cell)).collect(),
            Self::Typed(typed) => typed_readings(column, typed),
        }
    }
}

impl TextCells {
    pub(crate) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    fn get(&self, row: usize) -> &str {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before));
        let end = self.ends.get(row);
        let range = start.copied().unwrap_or(0)..end.copied().unwrap_or(0);
        self.text.get(range).unwrap_or("")
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len()).map(|row| self.get(row))
    }
}

impl Reading {
    fn missing() -> Self {
        Self {
            value: f64::NAN,
            broken: Some(Rule::Missing),
        }
    }
}

fn from_text(column: &schema::Column, cell: &str) -> Reading {
    match column.parse(cell) {
        Ok(value) => Reading {
            value,
            broken: None,
        },
        Err(rule) => {
            let number = cell.trim().parse().ok().filter(|_| rule.is_range());
            Reading {
                value: number.unwrap_or(f64::NAN),
                broken: Some(rule),
            }
        }
    }
}

fn from_number(column: &schema::Column, value: f64) -> Reading {
    // As for text: one spelling of zero.
    let value = if value == 0.0 { 0.0 } else { value };
    Reading {
        value,
        broken: column.check(value).err(),
    }
}

fn typed_readings(column: &schema::Column, typed: &Column) -> Vec<Reading> {
    let dtype = typed.dtype();
    if dtype.is_primitive_numeric() || dtype.is_decimal() {
        let numbers = typed.cast(&DataType::Float64);
        if let Ok(Ok(numbers)) = numbers.as_ref().map(Column::f64) {
            let reading = |number: Option<f64>| {
                number.map_or_else(Reading::missing, |number| from_number(column, number))
            };
            return numbers.iter().map(reading).collect();
        }
    }
    let is_text = matches!(dtype, DataType::String) || dtype.is_categorical();
    let reading = |row| match typed.get(row).unwrap_or(AnyValue::Null) {
        AnyValue::Null => Reading::missing(),
        value if is_text => from_text(column, &typed_text(value)),
        _ => Reading {
            value: f64::NAN,
            broken: Some(Rule::NotANumber),
        },
    };
    (0..typed.len()).map(reading).collect()
}

fn typed_text(value: AnyValue<'_>) -> Cow<'_, str> {
    match value {
        AnyValue::Null => Cow::Borrowed(""),
        AnyValue::String(text) => Cow::Borrowed(text),
        AnyValue::Float64(number) => Cow::Owned(number::shortest(number)),
        AnyValue::Float32(number) => Cow::Owned(number.to_string()),
        other => Cow::Owned(other.str_value().into_owned()),
    }
}
