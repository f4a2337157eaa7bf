//! What is written in one transaction.

use super::epoch::Epoch;
use super::failure::Failure;
use super::{hours, rows};
use crate::id::PredictionId;
use crate::query::Bucket;
use crate::record::{Actual, PredictionRecord};
use crate::rollup::Rollups;
use crate::store::Attached;
use rusqlite::{Connection, params};

/// A transaction with the counts and sums that it adds to the hours.
pub(super) struct Group<'a> {
    connection: &'a Connection,
    hours: Rollups,
}

impl<'a> Group<'a> {
    /// Begins to write in the transaction of `connection`.
    pub(super) fn new(connection: &'a Connection) -> Self {
        let hours = Rollups::default();
        Self { connection, hours }
    }

    /// Keeps the records whose id is not known.
    pub(super) fn put(&mut self, records: &[PredictionRecord]) -> Result<(), Failure> {
        for record in records {
            if rows::insert(self.connection, record)? {
                self.hours.count(record, Bucket::Hour);
            }
        }
        Ok(())
    }

    /// Attaches the true value, unless there is one.
    pub(super) fn attach(&mut self, id: PredictionId, actual: Actual) -> Result<Attached, Failure> {
        let Some(record) = rows::get(self.connection, id)? else {
            return Ok(Attached::Unknown);
        };
        if let Some(first) = record.actual {
            return Ok(Attached::again(first, actual));
        }
        let update = "UPDATE predictions SET actual = ?2, actual_ms = ?3 WHERE id = ?1";
        let mut update = self.connection.prepare_cached(update)?;
        let time = actual.time.as_millisecond();
        update.execute(params![id.to_string(), actual.value, time])?;
        self.hours.count_actual(&record, actual, Bucket::Hour);
        Ok(Attached::New)
    }

    /// Removes at most `most` records before `end`, gives back their room, and tells their number.
    pub(super) fn prune(&mut self, end: PredictionId, most: u64) -> Result<u64, Failure> {
        let oldest = "SELECT max(id) FROM
            (SELECT id FROM predictions WHERE id < ?1 ORDER BY id LIMIT ?2)";
        let mut oldest = self.connection.prepare_cached(oldest)?;
        let last = oldest.query_row(params![end.to_string(), most], |row| row.get(0))?;
        let Some(last): Option<String> = last else {
            return Ok(0);
        };
        let delete = "DELETE FROM predictions WHERE id <= ?1";
        let removed = self.connection.prepare_cached(delete)?.execute([&last])?;
        Epoch::begin(self.connection, last.parse().map_err(rows::foreign)?)?;
        let mut vacuum = self.connection.prepare("PRAGMA incremental_vacuum")?;
        // One page at each step.
        let mut pages = vacuum.query([])?;
        while pages.next()?.is_some() {}
        Ok(removed as u64)
    }

    /// Adds the counts and sums to the hours.
    pub(super) fn finish(self) -> Result<(), Failure> {
        hours::add(self.connection, &self.hours)
    }
}
