//! The numbers of every prediction, read from an index of the file and kept hour by hour.
//!
//! Reading a million predictions from the file takes most of a second, looking at them in memory
//! some hundredths of it. The counts of an hour, which are written with its records, tell whether
//! what is kept of it is still all there is; whatever takes records away changes the epoch.

use super::failure::Failure;
use super::rows::{foreign, parsed};
use crate::id::PredictionId;
use crate::query::Bucket;
use crate::record::Source;
use crate::window::{Point, Window};
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, named_params};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most predictions that are kept, which take 56 bytes each; of more, the newest.
const MOST_KEPT: usize = 2_000_000;

/// What an hour holds, by version and source, newest hour first.
const HOURS: &str = "
    SELECT start, model_version, source, count, actuals FROM hours
    WHERE :from <= start AND start <= :to
    ORDER BY start DESC";

/// The predictions of a version, with the columns and the expression of the index.
const POINTS: &str = "
    SELECT id, lower, prediction, upper, actual, source, substr(data_fingerprint, 1, 16)
    FROM predictions
    WHERE model_version = :model_version AND id >= :first AND id < :end";

/// Shows the predictions of windows, and keeps them for the next time.
#[derive(Debug, Default)]
pub(super) struct PointCache {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    epoch: Vec<u8>,
    hours: BTreeMap<i64, Arc<Hour>>,
    points: usize,
}

/// The predictions of an hour.
#[derive(Debug)]
struct Hour {
    parts: Vec<Part>,
    origins: Vec<Origin>,
    /// Newest first.
    points: Vec<Numbers>,
}

/// How many predictions and true values of one version and source an hour had when it was read.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    model_version: ModelVersion,
    source: Source,
    count: u64,
    actuals: u64,
}

/// What many predictions have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Origin {
    model_version: ModelVersion,
    source: Source,
    data_fingerprint: Fingerprint,
}

/// What each prediction has of its own.
#[derive(Debug)]
struct Numbers {
    id: [u8; 16],
    lower: f64,
    prediction: f64,
    upper: f64,
    /// NaN for none.
    actual: f64,
    /// Its place among the origins of the hour.
    origin: u32,
}

impl PointCache {
    /// Shows every prediction of the window to `see`, newest first. `snapshot` is a transaction.
    pub(super) fn visit(
        &self,
        snapshot: &Connection,
        window: &Window,
        mut see: impl FnMut(&Point),
    ) -> Result<(), Failure> {
        let epoch: Vec<u8> = snapshot
            .prepare_cached("SELECT epoch FROM epoch")?
            .query_row([], |row| row.get(0))?;
        let ids = PredictionId::not_before(window.from)..PredictionId::not_before(window.to);
        let mut reader = Reader::new(snapshot);
        for (start, parts) in hours(snapshot, window)? {
            let hour = match self.find(&epoch, start, &parts) {
                Some(hour) => hour,
                None => self.keep(&epoch, start, reader.hour(start, parts)?),
            };
            hour.visit(window, &ids, &mut see);
        }
        Ok(())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept of an hour, if it is all there is.
    fn find(&self, epoch: &[u8], start: i64, parts: &[Part]) -> Option<Arc<Hour>> {
        let kept = self.kept();
        let hour = kept.hours.get(&start)?;
        (kept.epoch == epoch && hour.parts == parts).then(|| Arc::clone(hour))
    }

    fn keep(&self, epoch: &[u8], start: i64, hour: Hour) -> Arc<Hour> {
        let hour = Arc::new(hour);
        let kept = &mut *self.kept();
        if kept.epoch != epoch {
            *kept = Kept {
                epoch: epoch.to_owned(),
                ..Kept::default()
            };
        }
        kept.points += hour.points.len();
        if let Some(before) = kept.hours.insert(start, Arc::clone(&hour)) {
            kept.points -= before.points.len();
        }
        while kept.points > MOST_KEPT {
            match kept.hours.pop_first() {
                Some((_, oldest)) => kept.points -= oldest.points.len(),
                None => break,
            }
        }
        hour
    }
}

impl Hour {
    fn visit(&self, window: &Window, ids: &Range<PredictionId>, see: &mut impl FnMut(&Point)) {
        let is_asked_for = |origin: &Origin| {
            let of_version = window
                .model_version
                .is_none_or(|v| v == origin.model_version);
            of_version && window.source.is_none_or(|source| source == origin.source)
        };
        let asked_for: Vec<_> = self.origins.iter().map(is_asked_for).collect();
        for numbers in &self.points {
            let index = numbers.origin as usize;
            if !asked_for[index] {
                continue;
            }
            let point = numbers.point(&self.origins[index]);
            if ids.contains(&point.id) && window.takes(&point.limits()) {
                see(&point);
            }
        }
    }
}

impl Numbers {
    fn point(&self, origin: &Origin) -> Point {
        Point {
            id: PredictionId::from_bytes(self.id),
            lower: self.lower,
            prediction: self.prediction,
            upper: self.upper,
            model_version: origin.model_version,
            data_fingerprint: origin.data_fingerprint,
            source: origin.source,
            actual: Some(self.actual).filter(|actual| actual.is_finite()),
        }
    }
}

/// The hours that the window touches with what they hold, newest first.
fn hours(snapshot: &Connection, window: &Window) -> Result<Vec<(i64, Vec<Part>)>, Failure> {
    let mut select = snapshot.prepare_cached(HOURS)?;
    let mut rows = select.query(named_params! {
        ":from": Bucket::Hour.start(window.from).as_second(),
        ":to": window.to.as_second(),
    })?;
    let mut hours: Vec<(i64, Vec<Part>)> = Vec::new();
    while let Some(row) = rows.next()? {
        let start = row.get("start")?;
        let part = Part {
            model_version: parsed(row, "model_version")?,
            source: parsed(row, "source")?,
            count: row.get("count")?,
            actuals: row.get("actuals")?,
        };
        match hours.last_mut().filter(|(last, _)| *last == start) {
            Some((_, parts)) => parts.push(part),
            None => hours.push((start, vec![part])),
        }
    }
    Ok(hours)
}

/// Reads hours from the file.
struct Reader<'a> {
    snapshot: &'a Connection,
    /// Fingerprints by their first digits, of which the index has no more.
    data: HashMap<String, Fingerprint>,
}

impl<'a> Reader<'a> {
    fn new(snapshot: &'a Connection) -> Self {
        let data = HashMap::new();
        Self { snapshot, data }
    }

    fn hour(&mut self, start: i64, parts: Vec<Part>) -> Result<Hour, Failure> {
        let time = |seconds| Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        let first = PredictionId::not_before(time(start)).to_string();
        let end = start.saturating_add(Bucket::Hour.seconds());
        let end = PredictionId::not_before(time(end)).to_string();
        let mut hour = Hour {
            parts,
            origins: Vec::new(),
            points: Vec::new(),
        };
        let mut select = self.snapshot.prepare_cached(POINTS)?;
        let mut versions: Vec<_> = hour.parts.iter().map(|part| part.model_version).collect();
        versions.sort_unstable();
        versions.dedup();
        for model_version in versions {
            let mut rows = select.query(named_params! {
                ":model_version": model_version.to_string(),
                ":first": first,
                ":end": end,
            })?;
            while let Some(row) = rows.next()? {
                self.add(row, model_version, &mut hour)?;
            }
        }
        hour.points
            .sort_unstable_by_key(|point| std::cmp::Reverse(point.id));
        hour.points.shrink_to_fit();
        Ok(hour)
    }

    /// Adds a row of [`POINTS`], by the numbers of its columns.
    fn add(
        &mut self,
        row: &Row<'_>,
        model_version: ModelVersion,
        hour: &mut Hour,
    ) -> Result<(), Failure> {
        let text = |column| row.get_ref(column)?.as_str().map_err(foreign);
        let number = |column| match row.get_ref(column)? {
            ValueRef::Null => Ok(f64::NAN),
            value => value.as_f64().map_err(foreign),
        };
        let id: PredictionId = text(0)?.parse().map_err(foreign)?;
        let origin = Origin {
            model_version,
            source: text(5)?.parse().map_err(foreign)?,
            data_fingerprint: self.fingerprint(text(6)?, id)?,
        };
        // Those of a row like the one before it are found at once.
        let known = hour.origins.iter().rposition(|known| *known == origin);
        let index = known.unwrap_or_else(|| {
            hour.origins.push(origin);
            hour.origins.len() - 1
        });
        hour.points.push(Numbers {
            id: id.to_bytes(),
            lower: number(1)?,
            prediction: number(2)?,
            upper: number(3)?,
            actual: number(4)?,
            origin: u32::try_from(index).map_err(foreign)?,
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

#[cfg(test)]
mod tests {
    use super::{HOURS, POINTS};
    use crate::sqlite::file::DatabaseFile;

    /// No answer reads the rows of the table, whose inputs are long, nor sorts them.
    #[test]
    fn points_are_read_from_the_index_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = DatabaseFile::new(&folder.path().join("log.db"), true);
        let connection = file.open().unwrap().connection;
        let steps = |statement: &str| -> Vec<String> {
            let explain = format!("EXPLAIN QUERY PLAN {statement}");
            let mut explain = connection.prepare(&explain).unwrap();
            let steps = explain.raw_query().mapped(|row| row.get("detail"));
            steps.map(Result::unwrap).collect()
        };
        let index = "SEARCH predictions USING COVERING INDEX points_of_version \
                     (model_version=? AND id>? AND id<?)";
        assert_eq!(steps(POINTS), [index]);
        let key = "SEARCH hours USING PRIMARY KEY (start>? AND start<?)";
        assert_eq!(steps(HOURS), [key]);
    }
}
