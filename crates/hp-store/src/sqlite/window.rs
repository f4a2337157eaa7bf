//! Answers about a window.
//!
//! Each looks at the numbers of every prediction of the window, but reads from the table only the
//! few records that it gives.

use super::failure::Failure;
use super::points::PointCache;
use super::rows;
use crate::id::PredictionId;
use crate::record::PredictionRecord;
use crate::window::{
    Least, Measure, MeasureQuery, Measures, Points, PointsQuery, RankQuery, Ranked, Ranking,
    Sample, SampleQuery, spread,
};
use jiff::Timestamp;
use rusqlite::Connection;
use std::cmp::Reverse;

/// The counts and sums that `query` asks for.
pub(super) fn measure(
    connection: &Connection,
    cache: &PointCache,
    query: &MeasureQuery,
) -> Result<Vec<Measure>, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let mut measures = Measures::new(query);
    cache.visit(&snapshot, &query.window, |point| measures.count(point))?;
    Ok(measures.finish())
}

/// The points that `query` asks for.
pub(super) fn points(
    connection: &Connection,
    cache: &PointCache,
    query: &PointsQuery,
) -> Result<Points, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let mut newest = Least::new(query.limit.get());
    cache.visit(&snapshot, &query.window, |point| {
        newest.offer(Reverse(point.id), || *point);
    })?;
    Ok(Points::from_newest(newest))
}

/// The records that `query` asks for.
pub(super) fn rank(
    connection: &Connection,
    cache: &PointCache,
    query: &RankQuery,
) -> Result<Ranked, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let mut ranking = Ranking::new(query);
    cache.visit(&snapshot, &query.window, |point| {
        ranking.rank(point, point.id);
    })?;
    let (first, total) = ranking.finish();
    let records = records(&snapshot, first)?;
    Ok(Ranked { records, total })
}

/// The records that stand for the window of `query`.
pub(super) fn sample(
    connection: &Connection,
    cache: &PointCache,
    query: &SampleQuery,
) -> Result<Sample, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let mut ids = Vec::new();
    cache.visit(&snapshot, &query.window, |point| ids.push(point.id))?;
    let chosen = spread(ids.len(), query.size).map(|index| ids[index]);
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
