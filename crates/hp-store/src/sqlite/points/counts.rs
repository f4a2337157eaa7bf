//! How many predictions an hour holds, as it is written with them.

use crate::id::PredictionId;
use crate::query::Bucket;
use crate::record::Source;
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::parsed;
use crate::window::Window;
use hp_core::version::ModelVersion;
use jiff::Timestamp;
use rusqlite::{Connection, named_params};
use std::ops::Range;

/// What an hour holds, by version and source, newest hour first.
const HOURS: &str = "
    SELECT start, model_version, source, count, actuals FROM hours
    WHERE :from <= start AND start <= :to
    ORDER BY start DESC";

/// How many predictions an hour holds. Those that were removed still count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HourCounts {
    /// When it begins, in seconds since 1970.
    pub(super) start: i64,
    pub(super) parts: Vec<Part>,
}

/// The predictions of one version and source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) model_version: ModelVersion,
    pub(super) source: Source,
    pub(super) count: u64,
    /// Those with a true value.
    pub(super) actuals: u64,
}

impl HourCounts {
    /// The hours that the window touches, newest first.
    pub(super) fn of_window(snapshot: &Connection, window: &Window) -> Result<Vec<Self>, Failure> {
        let from = Bucket::Hour.start(window.from).as_second();
        let to = window.to.as_second();
        let mut select = snapshot.prepare_cached(HOURS)?;
        let mut rows = select.query(named_params! { ":from": from, ":to": to })?;
        let mut hours: Vec<Self> = Vec::new();
        while let Some(row) = rows.next()? {
            let start = row.get("start")?;
            let part = Part {
                model_version: parsed(row, "model_version")?,
                source: parsed(row, "source")?,
                count: row.get("count")?,
                actuals: row.get("actuals")?,
            };
            match hours.last_mut().filter(|last| last.start == start) {
                Some(hour) => hour.parts.push(part),
                None => hours.push(Self {
                    start,
                    parts: vec![part],
                }),
            }
        }
        Ok(hours)
    }

    /// Its predictions.
    pub(super) fn count(&self) -> u64 {
        self.parts.iter().map(|part| part.count).sum()
    }

    /// The ids of the hour.
    pub(super) fn ids(&self) -> Range<PredictionId> {
        let at = |second| {
            PredictionId::not_before(Timestamp::from_second(second).unwrap_or(Timestamp::MAX))
        };
        at(self.start)..at(self.start.saturating_add(Bucket::Hour.seconds()))
    }

    /// Its versions, each once.
    pub(super) fn versions(&self) -> Vec<ModelVersion> {
        let mut versions: Vec<_> = self.parts.iter().map(|part| part.model_version).collect();
        versions.sort_unstable();
        versions.dedup();
        versions
    }

    /// The predictions of a version and source, and those with a true value.
    pub(super) fn of(&self, model_version: ModelVersion, source: Source) -> (u64, u64) {
        let mut parts = self.parts.iter();
        let part = parts.find(|it| it.model_version == model_version && it.source == source);
        part.map_or((0, 0), |part| (part.count, part.actuals))
    }
}

#[cfg(test)]
mod tests {
    use super::HOURS;
    use crate::sqlite::file::DatabaseFile;
    use crate::sqlite::points::reader::steps;

    #[test]
    fn hours_are_found_by_their_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = DatabaseFile::new(&folder.path().join("log.db"), true);
        let connection = file.open().unwrap().connection;
        let key = "SEARCH hours USING PRIMARY KEY (start>? AND start<?)";
        assert_eq!(steps(&connection, HOURS), [key]);
    }
}
