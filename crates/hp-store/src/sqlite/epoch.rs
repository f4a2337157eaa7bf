//! Which file it is, and which of its records have been removed.

use super::failure::Failure;
use crate::id::PredictionId;
use rusqlite::Connection;

/// The bytes that stay while a file is the same; one that never lost a record has no others.
const FILE: usize = 16;

/// Which file it is, and which of its records have been removed: bytes that tell the file, an id,
/// up to which records were removed, and bytes that are new after every removal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Epoch(Vec<u8>);

impl Epoch {
    /// The epoch in which `connection` reads.
    pub(super) fn of(connection: &Connection) -> Result<Self, Failure> {
        let mut select = connection.prepare_cached("SELECT epoch FROM epoch")?;
        Ok(Self(select.query_row([], |row| row.get(0))?))
    }

    /// Begins a new one, as the records up to `last` are removed.
    pub(super) fn begin(connection: &Connection, last: PredictionId) -> Result<(), Failure> {
        let before = Self::of(connection)?;
        let removed = before.removed().map_or(last, |removed| removed.max(last));
        let mut random = connection.prepare_cached("SELECT randomblob(16)")?;
        let random: Vec<u8> = random.query_row([], |row| row.get(0))?;
        let file = before.0.get(..FILE).unwrap_or_default();
        let epoch = [file, &removed.to_bytes(), &random].concat();
        let mut change = connection.prepare_cached("UPDATE epoch SET epoch = ?1")?;
        change.execute([epoch])?;
        Ok(())
    }

    /// The largest id that may have been removed since `before`, if it is the same file and no older
    /// copy of it.
    pub(super) fn removed_since(&self, before: &Self) -> Option<PredictionId> {
        let is_same = before.0.get(..FILE)? == self.0.get(..FILE)?;
        let removed = self.removed().filter(|_| is_same)?;
        (before.removed() <= Some(removed)).then_some(removed)
    }

    fn removed(&self) -> Option<PredictionId> {
        let id = self.0.get(FILE..)?.first_chunk()?;
        Some(PredictionId::from_bytes(*id))
    }
}
