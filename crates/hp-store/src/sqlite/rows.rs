//! Records as rows of the table `predictions`.

use super::failure::Failure;
use crate::id::PredictionId;
use crate::query::{Page, RecordQuery};
use crate::record::{Actual, PredictionRecord, Source};
use hp_core::prediction::Prediction;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

const INSERT: &str = "
    INSERT INTO predictions (
        id, model_version, data_fingerprint, inputs, lower, prediction, upper, source, latency_us,
        actual, actual_ms, git_commit
    ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id) DO NOTHING";

/// Keeps `record` unless its id is known; tells whether it did.
pub(super) fn insert(connection: &Connection, record: &PredictionRecord) -> Result<bool, Failure> {
    let inputs = serde_json::to_string(&record.inputs);
    // By their places, as each name would be looked for in the statement.
    let inserted = connection.prepare_cached(INSERT)?.execute(params![
        record.id.to_string(),
        record.model_version.to_string(),
        record.data_fingerprint.to_string(),
        inputs.map_err(std::io::Error::from)?,
        record.prediction.lower,
        record.prediction.prediction,
        record.prediction.upper,
        record.source.name(),
        i64::try_from(record.latency.as_micros()).unwrap_or(i64::MAX),
        record.actual.map(|actual| actual.value),
        record.actual.map(|actual| actual.time.as_millisecond()),
        record.git_commit.as_deref(),
    ])?;
    Ok(inserted > 0)
}

/// The record `id`, if it is kept.
pub(super) fn get(
    connection: &Connection,
    id: PredictionId,
) -> Result<Option<PredictionRecord>, Failure> {
    let mut select = connection.prepare_cached("SELECT * FROM predictions WHERE id = ?1")?;
    let found = select.query_row([id.to_string()], |row| Ok(record(row)));
    found.optional()?.transpose()
}

/// The records that `query` asks for.
pub(super) fn list(connection: &Connection, query: &RecordQuery) -> Result<Page, Failure> {
    let text = |id: Option<PredictionId>| id.map(|id| id.to_string());
    // Every id is larger than the empty text and smaller than `~`.
    let (first, end) = (text(query.first()), text(query.end()));
    let (first, end) = (first.unwrap_or_default(), end.unwrap_or("~".to_owned()));
    let version = query.model_version.map(|version| version.to_string());
    let limit = i64::try_from(query.limit.get()).unwrap_or(i64::MAX);
    let mut select = connection.prepare_cached(&select(query))?;
    let mut rows = select.query(named_params! {
        ":first": first,
        ":end": end,
        ":model_version": version,
        ":source": query.source.map(Source::name),
        ":one_more": limit.saturating_add(1),
    })?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(record(row)?);
    }
    Ok(query.page(records))
}

/// The statement for the filters that `query` has, so that a version is found by its index. A
/// source has none: the records of other sources are passed over.
fn select(query: &RecordQuery) -> String {
    // What is not filtered by is named all the same, as every parameter is given.
    let version = match query.model_version {
        Some(_) => "model_version = :model_version",
        None => ":model_version IS NULL",
    };
    let source = match query.source {
        Some(_) => "source = :source",
        None => ":source IS NULL",
    };
    format!(
        "SELECT * FROM predictions
        WHERE id >= :first AND id < :end AND {version} AND {source}
        ORDER BY id DESC LIMIT :one_more"
    )
}

fn record(row: &Row<'_>) -> Result<PredictionRecord, Failure> {
    let inputs = row.get_ref("inputs")?.as_str().map_err(foreign)?;
    let latency: i64 = row.get("latency_us")?;
    let actual: Option<f64> = row.get("actual")?;
    let time: Option<i64> = row.get("actual_ms")?;
    let actual = match actual.zip(time) {
        Some((value, time)) => Some(Actual {
            value,
            time: Timestamp::from_millisecond(time).map_err(foreign)?,
        }),
        None => None,
    };
    Ok(PredictionRecord {
        id: parsed(row, "id")?,
        model_version: parsed(row, "model_version")?,
        data_fingerprint: parsed(row, "data_fingerprint")?,
        git_commit: row.get("git_commit")?,
        inputs: serde_json::from_str(inputs).map_err(foreign)?,
        prediction: Prediction {
            lower: number(row, "lower")?,
            prediction: number(row, "prediction")?,
            upper: number(row, "upper")?,
        },
        source: parsed(row, "source")?,
        latency: Duration::from_micros(latency.unsigned_abs()),
        actual,
    })
}

/// The value of a column that holds text.
pub(super) fn parsed<T>(row: &Row<'_>, column: &str) -> Result<T, Failure>
where
    T: FromStr<Err: Display>,
{
    let text = row.get_ref(column)?.as_str().map_err(foreign)?;
    text.parse().map_err(foreign)
}

/// The value of a column of numbers, where NULL is none.
pub(super) fn number(row: &Row<'_>, column: &str) -> Result<f64, Failure> {
    let number: Option<f64> = row.get(column)?;
    Ok(number.unwrap_or(f64::NAN))
}

/// What is wrong with a value that hp did not write.
pub(super) fn foreign(problem: impl Display) -> Failure {
    Failure::Foreign(problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::select;
    use crate::query::RecordQuery;
    use crate::record::Source;
    use crate::sqlite::file::DatabaseFile;
    use std::num::NonZeroUsize;

    /// The newest records of a range are found in order, whatever they are filtered by.
    #[test]
    fn pages_need_neither_scan_nor_sort() {
        let folder = tempfile::tempdir().unwrap();
        let file = DatabaseFile::new(&folder.path().join("log.db"), true);
        let connection = file.open().unwrap().connection;
        for model_version in [None, Some("v1.0.0".parse().unwrap())] {
            for source in [None, Some(Source::Api)] {
                let query = RecordQuery {
                    from: None,
                    to: None,
                    model_version,
                    source,
                    before: None,
                    limit: NonZeroUsize::MIN,
                };
                let explain = format!("EXPLAIN QUERY PLAN {}", select(&query));
                let mut explain = connection.prepare(&explain).unwrap();
                let steps = explain.raw_query().mapped(|row| row.get("detail"));
                let steps: Vec<String> = steps.map(Result::unwrap).collect();
                let expected = match model_version {
                    None => "USING PRIMARY KEY (id>? AND id<?)",
                    Some(_) => "points_of_version (model_version=? AND id>? AND id<?)",
                };
                assert!(steps.len() == 1 && steps[0].contains(expected), "{steps:?}");
            }
        }
    }
}
