//! Answers about a window, from the index that holds the numbers of every prediction.
//!
//! Each answer looks at every prediction of the window, but at the rows of the table only for the
//! few records that it gives.

use super::failure::Failure;
use super::rows;
use crate::id::PredictionId;
use crate::record::PredictionRecord;
use crate::window::{
    Least, Measure, MeasureQuery, Measures, Point, Points, PointsQuery, RankQuery, Ranked, Ranking,
    Sample, SampleQuery, Window, spread,
};
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, named_params};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Each version by a step in the index.
const VERSIONS: &str = "
    WITH RECURSIVE versions (model_version) AS (
        SELECT min(model_version) FROM predictions
        UNION ALL
        SELECT (
            SELECT min(model_version) FROM predictions
            WHERE model_version > versions.model_version
        ) FROM versions WHERE model_version IS NOT NULL
    )
    SELECT model_version FROM versions WHERE model_version IS NOT NULL";

/// The predictions of a version, newest first, with the columns and the expression of the index.
const POINTS: &str = "
    SELECT id, lower, prediction, upper, actual, source, substr(data_fingerprint, 1, 16)
    FROM predictions
    WHERE model_version = :model_version AND id >= :first AND id < :end
    ORDER BY id DESC";

/// The counts and sums that `query` asks for.
pub(super) fn measure(
    connection: &Connection,
    query: &MeasureQuery,
) -> Result<Vec<Measure>, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let mut measures = Measures::new(query);
    visit(&snapshot, &query.window, |point| measures.count(point))?;
    Ok(measures.finish())
}

/// The points that `query` asks for.
pub(super) fn points(connection: &Connection, query: &PointsQuery) -> Result<Points, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let mut newest = Least::new(query.limit.get());
    visit(&snapshot, &query.window, |point| {
        newest.offer(Reverse(point.id), || *point);
    })?;
    Ok(Points::from_newest(newest))
}

/// The records that `query` asks for.
pub(super) fn rank(connection: &Connection, query: &RankQuery) -> Result<Ranked, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let mut ranking = Ranking::new(query);
    visit(&snapshot, &query.window, |point| {
        ranking.rank(point, point.id);
    })?;
    let (first, total) = ranking.finish();
    let records = records(&snapshot, first)?;
    Ok(Ranked { records, total })
}

/// The records that stand for the window of `query`.
pub(super) fn sample(connection: &Connection, query: &SampleQuery) -> Result<Sample, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let mut ids = Vec::new();
    visit(&snapshot, &query.window, |point| {
        ids.push(Reverse(point.id))
    })?;
    // Those of each version are in order already, which this sort makes use of.
    ids.sort();
    let chosen = spread(ids.len(), query.size).map(|index| ids[index].0);
    Ok(Sample {
        records: records(&snapshot, chosen)?,
        total: ids.len() as u64,
    })
}

/// The id of the newest record.
pub(super) fn newest(connection: &Connection) -> Result<Option<PredictionId>, Failure> {
    end(connection, "SELECT max(id) FROM predictions")
}

/// When the oldest and the newest record were made.
pub(super) fn extent(connection: &Connection) -> Result<Option<(Timestamp, Timestamp)>, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let oldest = end(&snapshot, "SELECT min(id) FROM predictions")?;
    let ends = oldest.zip(newest(&snapshot)?);
    Ok(ends.map(|(oldest, newest)| (oldest.time(), newest.time())))
}

/// The only column of the only row of `select`.
fn end(connection: &Connection, select: &str) -> Result<Option<PredictionId>, Failure> {
    let mut select = connection.prepare_cached(select)?;
    let id: Option<String> = select.query_row([], |row| row.get(0))?;
    id.map(|id| id.parse().map_err(rows::foreign)).transpose()
}

/// The records with these ids, in their order.
fn records(
    connection: &Connection,
    ids: impl IntoIterator<Item = PredictionId>,
) -> Result<Vec<PredictionRecord>, Failure> {
    let found = ids.into_iter().map(|id| rows::get(connection, id));
    found.filter_map(Result::transpose).collect()
}

/// Shows every prediction of the window, newest first within a version.
fn visit(
    connection: &Connection,
    window: &Window,
    mut see: impl FnMut(&Point),
) -> Result<(), Failure> {
    let versions = match window.model_version {
        Some(version) => vec![version],
        None => versions(connection)?,
    };
    let mut data = DataSets::new(connection);
    let mut select = connection.prepare_cached(POINTS)?;
    for model_version in versions {
        let mut rows = select.query(named_params! {
            ":model_version": model_version.to_string(),
            ":first": PredictionId::not_before(window.from).to_string(),
            ":end": PredictionId::not_before(window.to).to_string(),
        })?;
        while let Some(row) = rows.next()? {
            let point = point(row, model_version, &mut data)?;
            let of_source = window.source.is_none_or(|source| source == point.source);
            if of_source && window.takes(&point.limits()) {
                see(&point);
            }
        }
    }
    Ok(())
}

fn versions(connection: &Connection) -> Result<Vec<ModelVersion>, Failure> {
    let mut versions = connection.prepare_cached(VERSIONS)?;
    let mut rows = versions.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(rows::parsed(row, "model_version")?);
    }
    Ok(found)
}

/// Reads a row of [`POINTS`], by the numbers of its columns: there may be a million of them.
fn point(
    row: &Row<'_>,
    model_version: ModelVersion,
    data: &mut DataSets<'_>,
) -> Result<Point, Failure> {
    let text = |column| row.get_ref(column)?.as_str().map_err(rows::foreign);
    let number = |column| match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        value => value.as_f64().map(Some).map_err(rows::foreign),
    };
    let limit = |column| number(column).map(|number| number.unwrap_or(f64::NAN));
    let id = text(0)?.parse().map_err(rows::foreign)?;
    Ok(Point {
        id,
        lower: limit(1)?,
        prediction: limit(2)?,
        upper: limit(3)?,
        model_version,
        data_fingerprint: data.fingerprint(text(6)?, id)?,
        source: text(5)?.parse().map_err(rows::foreign)?,
        actual: number(4)?.filter(|actual| actual.is_finite()),
    })
}

/// Fingerprints by their first digits, of which the index has no more.
struct DataSets<'a> {
    connection: &'a Connection,
    known: HashMap<String, Fingerprint>,
    last: Option<(String, Fingerprint)>,
}

impl<'a> DataSets<'a> {
    fn new(connection: &'a Connection) -> Self {
        Self {
            connection,
            known: HashMap::new(),
            last: None,
        }
    }

    /// The fingerprint that begins with `digits`, which is that of the record `id`.
    fn fingerprint(&mut self, digits: &str, id: PredictionId) -> Result<Fingerprint, Failure> {
        if let Some((_, fingerprint)) = self.last.as_ref().filter(|(last, _)| last == digits) {
            return Ok(*fingerprint);
        }
        let fingerprint = match self.known.get(digits) {
            Some(fingerprint) => *fingerprint,
            None => self.look_up(id)?,
        };
        self.known.insert(digits.to_owned(), fingerprint);
        self.last = Some((digits.to_owned(), fingerprint));
        Ok(fingerprint)
    }

    fn look_up(&self, id: PredictionId) -> Result<Fingerprint, Failure> {
        let select = "SELECT data_fingerprint FROM predictions WHERE id = ?1";
        let mut select = self.connection.prepare_cached(select)?;
        let mut rows = select.query([id.to_string()])?;
        match rows.next()? {
            Some(row) => rows::parsed(row, "data_fingerprint"),
            None => Err(rows::foreign(format!("an index holds `{id}` alone"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{POINTS, VERSIONS};
    use crate::sqlite::file::DatabaseFile;

    /// No answer reads the rows of the table, whose inputs are long, nor sorts them.
    #[test]
    fn windows_are_read_from_the_index_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = DatabaseFile::new(&folder.path().join("log.db"), true);
        let connection = file.open().unwrap().connection;
        let steps = |statement: &str| -> Vec<String> {
            let explain = format!("EXPLAIN QUERY PLAN {statement}");
            let mut explain = connection.prepare(&explain).unwrap();
            let steps = explain.raw_query().mapped(|row| row.get("detail"));
            steps.map(Result::unwrap).collect()
        };
        let found = steps(POINTS);
        let index = "SEARCH predictions USING COVERING INDEX points_of_version \
                     (model_version=? AND id>? AND id<?)";
        assert_eq!(found, [index]);
        for step in steps(VERSIONS)
            .iter()
            .filter(|step| step.contains("predictions"))
        {
            assert!(
                step.starts_with("SEARCH predictions USING COVERING INDEX"),
                "{step}"
            );
        }
    }
}
