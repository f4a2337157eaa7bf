//! Reads many predictions with several connections at once.

use super::Hour;
use super::counts::HourCounts;
use super::reader::Reader;
use super::stretch::Stretch;
use crate::id::PredictionId;
use crate::sqlite::epoch::Epoch;
use crate::sqlite::failure::Failure;
use crate::sqlite::file::DatabaseFile;
use rusqlite::Connection;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};

/// The most connections that read at once.
const MOST_AT_ONCE: usize = 4;

/// So few predictions are read before another connection is open.
const FEW: u64 = 20_000;

/// The most pieces of an hour.
const MOST_PIECES: u64 = 60;

/// Reads the predictions of `wanted`, newest hour first, in the transaction `snapshot` of `epoch`
/// and, if they are many, in others that find the same.
pub(super) fn read(
    file: &DatabaseFile,
    (snapshot, epoch): (&Connection, &Epoch),
    wanted: Vec<HourCounts>,
) -> Result<Vec<Hour>, Failure> {
    let work = Work::new(wanted);
    let count: u64 = work.hours.iter().map(HourCounts::count).sum();
    let helpers = if count <= FEW {
        0
    } else {
        available_parallelism()
            .map_or(1, usize::from)
            .min(MOST_AT_ONCE)
            - 1
    };
    thread::scope(|scope| {
        for _ in 0..helpers {
            // What a helper does not read, because it cannot or finds something else, is left.
            scope.spawn(|| work.help(file, epoch));
        }
        work.read(snapshot, |_| true)
    })?;
    work.finish(snapshot)
}

/// Hours to read, in pieces.
struct Work {
    hours: Vec<HourCounts>,
    pieces: Vec<Piece>,
    /// The first piece that nobody has begun.
    next: AtomicUsize,
}

struct Piece {
    /// The number of its hour.
    hour: usize,
    ids: Range<PredictionId>,
    read: OnceLock<Stretch>,
}

impl Work {
    fn new(hours: Vec<HourCounts>) -> Self {
        let pieces = hours.iter().enumerate().flat_map(|(hour, counts)| {
            let pieces = (counts.count() / FEW).clamp(1, MOST_PIECES);
            (0..pieces).map(move |index| Piece {
                hour,
                ids: counts.piece(index, pieces),
                read: OnceLock::new(),
            })
        });
        Self {
            pieces: pieces.collect(),
            next: AtomicUsize::new(0),
            hours,
        }
    }

    /// Reads with a connection of its own the hours that are the same in its transaction.
    fn help(&self, file: &DatabaseFile, epoch: &Epoch) -> Result<(), Failure> {
        let (Some(newest), Some(oldest)) = (self.hours.first(), self.hours.last()) else {
            return Ok(());
        };
        let opened = file.open_to_read()?;
        let snapshot = opened.connection.unchecked_transaction()?;
        if Epoch::of(&snapshot)? != *epoch {
            return Ok(());
        }
        let found = HourCounts::between(&snapshot, oldest.start..=newest.start)?;
        let is_same = |hour: &HourCounts| {
            let place = found.binary_search_by(|of| hour.start.cmp(&of.start));
            place.is_ok_and(|place| found[place] == *hour)
        };
        let same: Vec<_> = self.hours.iter().map(is_same).collect();
        self.read(&snapshot, |hour| same[hour])
    }

    /// Reads pieces, as long as there are some, of the hours that `may_read`.
    fn read(&self, snapshot: &Connection, may_read: impl Fn(usize) -> bool) -> Result<(), Failure> {
        let mut reader = Reader::new(snapshot);
        while let Some(piece) = self.pieces.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            if may_read(piece.hour) {
                let stretch = reader.stretch(&self.hours[piece.hour], piece.ids.clone())?;
                // Nobody else has begun it.
                let _ = piece.read.set(stretch);
            }
        }
        Ok(())
    }

    /// The hours, after reading what was left.
    fn finish(self, snapshot: &Connection) -> Result<Vec<Hour>, Failure> {
        let mut reader = Reader::new(snapshot);
        let begin = |counts: HourCounts| Hour {
            counts,
            points: Stretch::default(),
        };
        let mut hours: Vec<_> = self.hours.into_iter().map(begin).collect();
        for piece in self.pieces {
            let hour = &mut hours[piece.hour];
            let stretch = match piece.read.into_inner() {
                Some(stretch) => stretch,
                None => reader.stretch(&hour.counts, piece.ids)?,
            };
            hour.points.append(stretch);
        }
        Ok(hours)
    }
}
