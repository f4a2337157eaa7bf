//! The predictions of a stretch of time in memory.

use crate::id::PredictionId;
use crate::record::Source;
use crate::window::{Point, Window};
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use std::ops::Range;

/// The predictions of a stretch of time.
#[derive(Debug, Clone, Default)]
pub(super) struct Stretch {
    origins: Vec<Origin>,
    /// Oldest first.
    points: Vec<Numbers>,
}

/// What many predictions have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) model_version: ModelVersion,
    pub(super) source: Source,
    pub(super) data_fingerprint: Fingerprint,
}

/// What each prediction has of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) id: [u8; 16],
    pub(super) lower: f64,
    pub(super) prediction: f64,
    pub(super) upper: f64,
    /// NaN for none.
    pub(super) actual: f64,
    /// Its place among the origins.
    pub(super) origin: u32,
}

impl Stretch {
    pub(super) fn len(&self) -> u64 {
        self.points.len() as u64
    }

    pub(super) fn oldest(&self) -> Option<PredictionId> {
        self.points.first().map(Numbers::id)
    }

    pub(super) fn newest(&self) -> Option<PredictionId> {
        self.points.last().map(Numbers::id)
    }

    /// Shows those that the window asks for, newest first; `ids` are those of the window.
    pub(super) fn visit(
        &self,
        window: &Window,
        ids: &Range<PredictionId>,
        see: &mut impl FnMut(&Point),
    ) {
        let is_asked_for = |origin: &Origin| {
            let of_version = window
                .model_version
                .is_none_or(|v| v == origin.model_version);
            of_version && window.source.is_none_or(|source| source == origin.source)
        };
        let asked_for: Vec<_> = self.origins.iter().map(is_asked_for).collect();
        let first = self.before(ids.start);
        let end = self.before(ids.end).max(first);
        for numbers in self.points[first..end].iter().rev() {
            let index = numbers.origin as usize;
            if !asked_for[index] {
                continue;
            }
            let point = numbers.point(&self.origins[index]);
            if window.takes(&point.limits()) {
                see(&point);
            }
        }
    }

    /// How many of a version and source there are from `from` on, and how many with a true value.
    pub(super) fn count_from(
        &self,
        from: PredictionId,
        model_version: ModelVersion,
        source: Source,
    ) -> (u64, u64) {
        let is_meant =
            |origin: &Origin| origin.model_version == model_version && origin.source == source;
        let meant: Vec<_> = self.origins.iter().map(is_meant).collect();
        let points = self.points[self.before(from)..].iter();
        let points = points.filter(|point| meant[point.origin as usize]);
        points.fold((0, 0), |(count, actuals), point| {
            (count + 1, actuals + u64::from(!point.actual.is_nan()))
        })
    }

    /// Puts `end` in the place of those from `from` on.
    pub(super) fn end_with(&mut self, from: PredictionId, end: Self) {
        self.points.truncate(self.before(from));
        self.append(end);
    }

    /// Adds those of a later stretch.
    pub(super) fn append(&mut self, later: Self) {
        if self.points.is_empty() {
            *self = later;
            return;
        }
        let places = later.origins.iter().map(|origin| self.place(origin));
        let places: Vec<_> = places.collect();
        let placed = later.points.into_iter().map(|numbers| Numbers {
            origin: places[numbers.origin as usize],
            ..numbers
        });
        self.points.extend(placed);
    }

    /// The place of `origin`, which is added if it is new.
    pub(super) fn place(&mut self, origin: &Origin) -> u32 {
        let known = self.origins.iter().rposition(|known| known == origin);
        let place = known.unwrap_or_else(|| {
            self.origins.push(*origin);
            self.origins.len() - 1
        });
        // There are no more origins than predictions, of which there are some millions.
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    /// Adds one in any order, until [`Self::sort`].
    pub(super) fn push(&mut self, numbers: Numbers) {
        self.points.push(numbers);
    }

    /// Puts them in order; those of each version are mostly so already.
    pub(super) fn sort(&mut self) {
        self.points.sort_by_key(|numbers| numbers.id);
    }

    /// How many are older than `id`.
    fn before(&self, id: PredictionId) -> usize {
        self.points.partition_point(|numbers| numbers.id() < id)
    }
}

impl Numbers {
    fn id(&self) -> PredictionId {
        PredictionId::from_bytes(self.id)
    }

    fn point(&self, origin: &Origin) -> Point {
        Point {
            id: self.id(),
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
