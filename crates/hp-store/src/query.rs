//! Questions to the prediction log, and their answers.

use crate::id::PredictionId;
use crate::record::{PredictionRecord, Source};
use hp_core::version::ModelVersion;
use jiff::Timestamp;
use std::num::NonZeroUsize;

/// Which records, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordQuery {
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub to: Option<Timestamp>,
    /// Of this version only.
    pub model_version: Option<ModelVersion>,
    /// Of this source only.
    pub source: Option<Source>,
    /// Older than this record: where the page before ended.
    pub before: Option<PredictionId>,
    /// At most so many.
    pub limit: NonZeroUsize,
}

impl RecordQuery {
    /// Asks for the newest record, or for the newest before `to`.
    pub(crate) fn newest(to: Option<Timestamp>) -> Self {
        Self {
            from: None,
            to,
            model_version: None,
            source: None,
            before: None,
            limit: NonZeroUsize::MIN,
        }
    }

    /// The smallest id that is asked for, if there are smaller ones.
    pub(crate) fn first(&self) -> Option<PredictionId> {
        self.from.map(PredictionId::not_before)
    }

    /// The smallest id that is too large, if there is one.
    pub(crate) fn end(&self) -> Option<PredictionId> {
        let to = self.to.map(PredictionId::not_before);
        to.into_iter().chain(self.before).min()
    }

    /// Whether `record` is asked for, apart from the limit.
    pub(crate) fn matches(&self, record: &PredictionRecord) -> bool {
        self.first().is_none_or(|first| first <= record.id)
            && self.end().is_none_or(|end| record.id < end)
            && self
                .model_version
                .is_none_or(|version| version == record.model_version)
            && self.source.is_none_or(|source| source == record.source)
    }

    /// The page that begins with `records`: all there are, or at least one more than the limit.
    pub(crate) fn page(&self, mut records: Vec<PredictionRecord>) -> Page {
        let limit = self.limit.get();
        let more = records.len() > limit;
        records.truncate(limit);
        let last = records.last().map(|record| record.id);
        Page {
            next: last.filter(|_| more),
            records,
        }
    }
}

/// Some records, newest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The records.
    pub records: Vec<PredictionRecord>,
    /// What to ask `before` for the next page; `None` when this is the last.
    pub next: Option<PredictionId>,
}

/// Which aggregates, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AggregateQuery {
    /// From the bucket that holds this.
    pub from: Timestamp,
    /// Up to, without, the bucket that begins here or later.
    pub to: Timestamp,
    /// How long a bucket is.
    pub bucket: Bucket,
    /// Of this version only.
    pub model_version: Option<ModelVersion>,
}

/// How long a bucket is, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// One hour.
    Hour,
    /// One day.
    Day,
    /// One week, which begins on Monday.
    Week,
}

/// Counts and sums of one bucket, version and source. They are kept by the same transaction as the
/// records and stay when old records are pruned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aggregate {
    /// When the bucket begins.
    pub start: Timestamp,
    /// The version.
    pub model_version: ModelVersion,
    /// The source.
    pub source: Source,
    /// Predictions.
    pub count: u64,
    /// Those outside their limits.
    pub uncertain: u64,
    /// Sum of the interval widths.
    pub sum_width: f64,
    /// Sum of the predictions.
    pub sum_prediction: f64,
    /// Predictions whose actual value is known; they count in the bucket of the prediction.
    pub actuals: u64,
    /// Actual values within the limits.
    pub covered: u64,
    /// Sum of |actual − prediction|.
    pub sum_absolute_error: f64,
    /// Sum of (actual − prediction)².
    pub sum_squared_error: f64,
}
