//! The lines of a spool, and of a log that holds records among other things.

use crate::error::LogError;
use crate::record::PredictionRecord;
use hp_durable::IoError;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// The records of a file of lines: a spool that was left behind, or the log of a function without a
/// store, where a record is the field `prediction_record` of an object among other lines. An
/// unfinished last line is left out.
///
/// # Errors
/// The file cannot be read, or a line of a spool is not a record.
pub fn read_spool(path: &Path) -> Result<Vec<PredictionRecord>, LogError> {
    let failed = IoError::of("read", path);
    let text = fs::read(path).map_err(|error| LogError::Spool(failed(error)))?;
    let not_a_record = |(line, source)| LogError::NotARecord {
        path: path.to_owned(),
        line,
        source,
    };
    let (mut records, mut first_other, mut is_log) = (Vec::new(), None, false);
    for (index, line) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let unfinished = !line.ends_with(b"\n");
        match Line::read(line) {
            Line::Record(record) => records.push(record),
            Line::Logged(record) => {
                records.push(record);
                is_log = true;
            }
            _ if unfinished || line.trim_ascii().is_empty() => {}
            Line::Broken(problem) => return Err(not_a_record((index + 1, problem))),
            Line::Other(problem) => {
                first_other.get_or_insert((index + 1, problem));
            }
        }
    }
    match first_other {
        Some(other) if !is_log => Err(not_a_record(other)),
        _ => Ok(records),
    }
}

/// The records as lines.
pub(super) fn of(records: &[PredictionRecord]) -> serde_json::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for record in records {
        serde_json::to_writer(&mut lines, record)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Whether a line of a spool is a record.
pub(super) fn is_record(line: &[u8]) -> bool {
    matches!(Line::read(line), Line::Record(_))
}

enum Line {
    /// A record.
    Record(PredictionRecord),
    /// Something that holds a record.
    Logged(PredictionRecord),
    /// Something that holds what should be one.
    Broken(serde_json::Error),
    /// Anything else.
    Other(serde_json::Error),
}

#[derive(Deserialize)]
struct Logged {
    prediction_record: serde_json::Value,
}

impl Line {
    fn read(line: &[u8]) -> Self {
        let problem = match serde_json::from_slice(line) {
            Ok(record) => return Self::Record(record),
            Err(problem) => problem,
        };
        let Ok(logged) = serde_json::from_slice::<Logged>(line) else {
            return Self::Other(problem);
        };
        match PredictionRecord::deserialize(logged.prediction_record) {
            Ok(record) => Self::Logged(record),
            Err(problem) => Self::Broken(problem),
        }
    }
}
