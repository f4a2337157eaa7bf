//! A record as a row of a table.

use crate::record::PredictionRecord;
use hp_core::number;
use jiff::Timestamp;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A number, or none.
    Number(Option<f64>),
    /// A count.
    Count(u64),
    /// Yes or no.
    Flag(bool),
    /// A time, or none.
    Time(Option<Timestamp>),
}

impl Cell {
    /// As it is written in a text file.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.map_or_else(String::new, number::shortest),
            Self::Count(count) => count.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Time(time) => time.map_or_else(String::new, |time| time.to_string()),
        }
    }
}

/// The columns of a table of records: those of every record, and the inputs between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    inputs: Vec<String>,
}

/// The columns before the inputs, each with an empty cell.
const BEFORE: [(&str, Cell); 6] = [
    ("id", Cell::Text(String::new())),
    ("time", Cell::Time(None)),
    ("model_version", Cell::Text(String::new())),
    ("data_fingerprint", Cell::Text(String::new())),
    ("git_commit", Cell::Text(String::new())),
    ("source", Cell::Text(String::new())),
];

/// The columns after the inputs.
const AFTER: [(&str, Cell); 8] = [
    ("lower", Cell::Number(None)),
    ("prediction", Cell::Number(None)),
    ("upper", Cell::Number(None)),
    ("interval_width", Cell::Number(None)),
    ("is_uncertain", Cell::Flag(false)),
    ("latency_us", Cell::Count(0)),
    ("actual", Cell::Number(None)),
    ("actual_time", Cell::Time(None)),
];

impl Columns {
    /// One column for every input of `records`.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a PredictionRecord>) -> Self {
        let mut inputs: Vec<String> = Vec::new();
        let mut last = None;
        for record in records {
            // Records of one model share their names.
            if last == Some(&record.inputs.names) {
                continue;
            }
            let names = record.inputs.names.iter();
            let new: Vec<_> = names
                .filter(|name| !inputs.contains(name))
                .cloned()
                .collect();
            inputs.extend(new);
            last = Some(&record.inputs.names);
        }
        Self { inputs }
    }

    /// The inputs that have a column, in order.
    #[must_use]
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// The names in order, each with an empty cell of its kind.
    pub fn empty(&self) -> impl Iterator<Item = (String, Cell)> {
        let inputs = self
            .inputs
            .iter()
            .map(|name| (name.as_str(), Cell::Number(None)));
        let all = BEFORE.into_iter().chain(inputs).chain(AFTER);
        all.map(|(name, cell)| (name.to_owned(), cell))
    }

    /// The names in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.empty().map(|(name, _)| name).collect()
    }

    /// The cells of a record; an input that it lacks is empty.
    ///
    /// # Errors
    /// The name of an input that has no column.
    pub fn cells(&self, record: &PredictionRecord) -> Result<Vec<Cell>, String> {
        if *record.inputs.names != *self.inputs {
            let mut names = record.inputs.names.iter();
            if let Some(unknown) = names.find(|name| !self.inputs.contains(name)) {
                return Err(unknown.clone());
            }
        }
        let input = |name: &String| {
            let given = record.inputs.iter().find(|(given, _)| given == name);
            Cell::Number(given.map(|(_, value)| value))
        };
        let prediction = &record.prediction;
        let number = |value| Cell::Number(Some(value));
        let latency = u64::try_from(record.latency.as_micros()).unwrap_or(u64::MAX);
        let before = [
            Cell::Text(record.id.to_string()),
            Cell::Time(Some(record.id.time())),
            Cell::Text(record.model_version.to_string()),
            Cell::Text(record.data_fingerprint.to_string()),
            Cell::Text(record.git_commit.as_deref().unwrap_or_default().to_owned()),
            Cell::Text(record.source.to_string()),
        ];
        let after = [
            number(prediction.lower),
            number(prediction.prediction),
            number(prediction.upper),
            number(prediction.interval_width()),
            Cell::Flag(prediction.is_uncertain()),
            Cell::Count(latency),
            Cell::Number(record.actual.map(|actual| actual.value)),
            Cell::Time(record.actual.map(|actual| actual.time)),
        ];
        let inputs = self.inputs.iter().map(input);
        Ok(before.into_iter().chain(inputs).chain(after).collect())
    }
}
