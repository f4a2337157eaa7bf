//! The numbers of every prediction, read from an index of the file and kept hour by hour.
//!
//! Reading a million predictions from the file takes most of a second, looking at them in memory
//! some hundredths of it. The counts of an hour, which are written with its records, tell whether
//! what is kept of it is still all there is; whatever takes records away changes the epoch.

mod counts;
mod reader;
mod stretch;

use super::epoch::Epoch;
use super::failure::Failure;
use crate::id::PredictionId;
use crate::window::{Point, Window};
use counts::HourCounts;
use reader::Reader;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use stretch::Stretch;

/// The most predictions that are kept, which take 56 bytes each; of more, the newest.
const MOST_KEPT: u64 = 2_000_000;

/// Shows the predictions of windows, and keeps them for the next time.
#[derive(Debug, Default)]
pub(super) struct PointCache {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    epoch: Epoch,
    hours: BTreeMap<i64, Arc<Hour>>,
    points: u64,
}

/// The predictions of an hour.
#[derive(Debug, Clone)]
struct Hour {
    /// What it held when it was read.
    counts: HourCounts,
    points: Stretch,
}

impl PointCache {
    /// Shows every prediction of the window to `see`, newest first. `snapshot` is a transaction
    /// that has not read yet.
    pub(super) fn visit(
        &self,
        snapshot: &Connection,
        window: &Window,
        mut see: impl FnMut(&Point),
    ) -> Result<(), Failure> {
        let (recent, older) = self.look(snapshot, window)?;
        let ids = PredictionId::not_before(window.from)..PredictionId::not_before(window.to);
        for hour in recent {
            hour.points.visit(window, &ids, &mut see);
        }
        let mut reader = Reader::new(snapshot);
        for counts in older {
            let hour = reader.stretch(&counts, counts.ids())?;
            hour.visit(window, &ids, &mut see);
        }
        Ok(())
    }

    /// The hours of the window, newest first: those that can be kept, and the counts of older ones.
    ///
    /// Whoever asks meanwhile waits, and then finds what was read; the snapshot begins when it is
    /// their turn, so that nothing that is kept is newer.
    fn look(
        &self,
        snapshot: &Connection,
        window: &Window,
    ) -> Result<(Vec<Arc<Hour>>, Vec<HourCounts>), Failure> {
        let kept = &mut *self.kept();
        kept.follow(snapshot)?;
        let mut recent = HourCounts::of_window(snapshot, window)?;
        let mut room = MOST_KEPT;
        let fits = |hour: &HourCounts| {
            let left = room.checked_sub(hour.count());
            room = left.unwrap_or(0);
            left.is_some()
        };
        let older = recent.split_off(recent.iter().map(fits).take_while(|fits| *fits).count());
        let mut wanted = Vec::new();
        let mut reader = Reader::new(snapshot);
        for counts in &recent {
            if !kept.renew(counts, &mut reader)? {
                wanted.push(counts.clone());
            }
        }
        for counts in wanted {
            let points = reader.stretch(&counts, counts.ids())?;
            kept.keep(Arc::new(Hour { counts, points }));
        }
        let found = recent.iter().map(|counts| kept.hours.get(&counts.start));
        let found = found.flatten().map(Arc::clone).collect();
        kept.evict();
        Ok((found, older))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Drops what has been removed from the file, or everything if it is another one.
    fn follow(&mut self, snapshot: &Connection) -> Result<(), Failure> {
        let epoch = Epoch::of(snapshot)?;
        if epoch == self.epoch {
            return Ok(());
        }
        match epoch.removed_since(&self.epoch) {
            Some(last) => {
                let is_there = |hour: &Hour| hour.points.oldest().is_none_or(|id| last < id);
                self.hours.retain(|_, hour| is_there(hour));
            }
            None => self.hours.clear(),
        }
        self.points = self.hours.values().map(|hour| hour.points.len()).sum();
        self.epoch = epoch;
        Ok(())
    }

    /// Adds to what is kept of an hour what came since. Tells whether it is then all there is.
    fn renew(&mut self, now: &HourCounts, reader: &mut Reader<'_>) -> Result<bool, Failure> {
        let Some(hour) = self.hours.get_mut(&now.start) else {
            return Ok(false);
        };
        if hour.counts == *now {
            return Ok(true);
        }
        let before = hour.points.len();
        let Some((from, end)) = reader.end_of(hour, now)? else {
            return Ok(false);
        };
        let hour = Arc::make_mut(hour);
        hour.counts = now.clone();
        hour.points.end_with(from, end);
        self.points = self.points + hour.points.len() - before;
        Ok(true)
    }

    fn keep(&mut self, hour: Arc<Hour>) {
        self.points += hour.points.len();
        if let Some(before) = self.hours.insert(hour.counts.start, hour) {
            self.points -= before.points.len();
        }
    }

    /// Drops the oldest hours if there are too many predictions.
    fn evict(&mut self) {
        while MOST_KEPT < self.points
            && let Some((_, oldest)) = self.hours.pop_first()
        {
            self.points -= oldest.points.len();
        }
    }
}
