//! Reads predictions from the index of the file.

use super::Hour;
use super::counts::HourCounts;
use super::stretch::{Numbers, Origin, Stretch};
use crate::id::PredictionId;
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::{foreign, parsed};
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use jiff::SignedDuration;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, named_params};
use std::collections::HashMap;
use std::ops::Range;

/// The predictions of a version, with the columns and the expression of the index.
const POINTS: &str = "
    SELECT id, lower, prediction, upper, actual, source, substr(data_fingerprint, 1, 16)
    FROM predictions
    WHERE model_version = :model_version AND id >= :first AND id < :end";

/// How much older than the newest prediction one may be that is written after it: the writers of a
/// log write in groups and have clocks of their own.
const DISORDER: SignedDuration = SignedDuration::from_secs(10);

/// Reads predictions from the index of the file.
pub(super) struct Reader<'a> {
    snapshot: &'a Connection,
    /// Fingerprints by their first digits, of which the index has no more.
    data: HashMap<String, Fingerprint>,
}

/// Where the origin of some rows is, by the text that they have in common.
#[derive(Default)]
struct Seen(Vec<(String, String, u32)>);

impl<'a> Reader<'a> {
    /// Reads in the transaction `snapshot`.
    pub(super) fn new(snapshot: &'a Connection) -> Self {
        let data = HashMap::new();
        Self { snapshot, data }
    }

    /// The predictions of the hour with these ids.
    pub(super) fn stretch(
        &mut self,
        counts: &HourCounts,
        ids: Range<PredictionId>,
    ) -> Result<Stretch, Failure> {
        let (first, end) = (ids.start.to_string(), ids.end.to_string());
        let mut stretch = Stretch::default();
        let mut select = self.snapshot.prepare_cached(POINTS)?;
        for model_version in counts.versions() {
            let mut rows = select.query(named_params! {
                ":model_version": model_version.to_string(),
                ":first": first,
                ":end": end,
            })?;
            let mut seen = Seen::default();
            while let Some(row) = rows.next()? {
                self.add(row, model_version, (&mut stretch, &mut seen))?;
            }
        }
        stretch.sort();
        Ok(stretch)
    }

    /// The end of an hour of which `hour` was read before and which now holds `now`, and where it
    /// begins. `None` if something is new before it.
    pub(super) fn end_of(
        &mut self,
        hour: &Hour,
        now: &HourCounts,
    ) -> Result<Option<(PredictionId, Stretch)>, Failure> {
        let Some(newest) = hour.points.newest() else {
            return Ok(None);
        };
        let ids = now.ids();
        let from = newest.time().saturating_sub(DISORDER);
        let from = from
            .map_or(ids.start, PredictionId::not_before)
            .max(ids.start);
        let end = self.stretch(now, from..ids.end)?;
        // Nothing is ever taken from an hour but by a new epoch, so equal numbers are the same.
        let is_all = now.parts.iter().all(|part| {
            let of = (part.model_version, part.source);
            let (count, actuals) = hour.counts.of(of.0, of.1);
            let (old, old_actuals) = hour.points.count_from(from, of.0, of.1);
            let (new, new_actuals) = end.count_from(from, of.0, of.1);
            count + new == part.count + old && actuals + new_actuals == part.actuals + old_actuals
        });
        Ok(is_all.then_some((from, end)))
    }

    /// Adds a row of [`POINTS`], by the numbers of its columns.
    fn add(
        &mut self,
        row: &Row<'_>,
        model_version: ModelVersion,
        (stretch, seen): (&mut Stretch, &mut Seen),
    ) -> Result<(), Failure> {
        let text = |column| row.get_ref(column)?.as_str().map_err(foreign);
        let number = |column| match row.get_ref(column)? {
            ValueRef::Null => Ok(f64::NAN),
            value => value.as_f64().map_err(foreign),
        };
        let id: PredictionId = text(0)?.parse().map_err(foreign)?;
        let (source, digits) = (text(5)?, text(6)?);
        let origin = if let Some(place) = seen.find(source, digits) {
            place
        } else {
            let place = stretch.place(&Origin {
                model_version,
                source: source.parse().map_err(foreign)?,
                data_fingerprint: self.fingerprint(digits, id)?,
            });
            seen.0.push((source.to_owned(), digits.to_owned(), place));
            place
        };
        stretch.push(Numbers {
            id: id.to_bytes(),
            lower: number(1)?,
            prediction: number(2)?,
            upper: number(3)?,
            actual: number(4)?,
            origin,
        });
        Ok(())
    }

    /// The fingerprint that begins with `digits`, which is that of the record `id`.
    fn fingerprint(&mut self, digits: &str, id: PredictionId) -> Result<Fingerprint, Failure> {
        if let Some(fingerprint) = self.data.get(digits) {
            return Ok(*fingerprint);
        }
        let select = "SELECT data_fingerprint FROM predictions WHERE id = ?1";
        let mut select = self.snapshot.prepare_cached(select)?;
        let mut rows = select.query([id.to_string()])?;
        let fingerprint = match rows.next()? {
            Some(row) => parsed(row, "data_fingerprint")?,
            None => return Err(foreign(format!("an index holds `{id}` alone"))),
        };
        self.data.insert(digits.to_owned(), fingerprint);
        Ok(fingerprint)
    }
}

impl Seen {
    fn find(&self, source: &str, digits: &str) -> Option<u32> {
        let mut known = self.0.iter().rev();
        let found = known.find(|(of, with, _)| of == source && with == digits);
        found.map(|(_, _, place)| *place)
    }
}

/// How SQLite finds the rows of `statement`.
#[cfg(test)]
pub(super) fn steps(connection: &Connection, statement: &str) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {statement}");
    let mut explain = connection.prepare(&explain).unwrap();
    let steps = explain.raw_query().mapped(|row| row.get("detail"));
    steps.map(Result::unwrap).collect()
}

#[cfg(test)]
mod tests {
    use super::{POINTS, steps};
    use crate::sqlite::file::DatabaseFile;

    /// No answer reads the rows of the table, whose inputs are long, nor sorts them.
    #[test]
    fn points_are_read_from_the_index_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = DatabaseFile::new(&folder.path().join("log.db"), true);
        let connection = file.open().unwrap().connection;
        let index = "SEARCH predictions USING COVERING INDEX points_of_version \
                     (model_version=? AND id>? AND id<?)";
        assert_eq!(steps(&connection, POINTS), [index]);
    }
}
