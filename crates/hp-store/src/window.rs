//! Questions about the predictions of a stretch of time, as monitoring asks them, and their answers.

mod least;
mod measures;
mod ranking;

pub(crate) use least::Least;
pub(crate) use measures::Measures;
pub(crate) use ranking::{Ranking, spread};

use crate::id::PredictionId;
use crate::query::{Bucket, RecordQuery};
use crate::record::{PredictionRecord, Source};
use hp_core::fingerprint::Fingerprint;
use hp_core::prediction::Prediction;
use hp_core::version::ModelVersion;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::num::NonZeroUsize;

/// Which predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// Not before this.
    pub from: Timestamp,
    /// Before this; a window that ends before it begins holds nothing.
    pub to: Timestamp,
    /// Of this version only.
    pub model_version: Option<ModelVersion>,
    /// Of this source only.
    pub source: Option<Source>,
    /// Only those outside their limits, or only those within.
    pub uncertain: Option<bool>,
}

/// Asks for counts and sums, by the beginning of the bucket, version and data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasureQuery {
    /// Of which predictions.
    pub window: Window,
    /// How long a bucket is; without it the whole window is one.
    pub bucket: Option<Bucket>,
    /// The width that [`Measure::over_width`] counts beyond.
    pub width_threshold: f64,
}

/// Counts and sums of some predictions. Each prediction counts; a number that is not finite is left
/// out of the sums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// When the bucket begins, which may be before the window; without buckets, when the window does.
    pub start: Timestamp,
    /// The version.
    pub model_version: ModelVersion,
    /// The data set that the version was trained on.
    pub data_fingerprint: Fingerprint,
    /// Predictions.
    pub count: u64,
    /// Those outside their limits.
    pub uncertain: u64,
    /// Those whose interval is wider than the threshold.
    pub over_width: u64,
    /// Sum of the interval widths.
    pub sum_width: f64,
    /// Sum of the lower limits.
    pub sum_lower: f64,
    /// Sum of the predictions.
    pub sum_prediction: f64,
    /// Sum of the upper limits.
    pub sum_upper: f64,
    /// Predictions whose true value is known.
    pub actuals: u64,
    /// True values within the limits.
    pub covered: u64,
    /// Sum of |actual − prediction|.
    pub sum_absolute_error: f64,
    /// Sum of (actual − prediction)².
    pub sum_squared_error: f64,
    /// Predictions outside their limits whose true value is known.
    pub actuals_uncertain: u64,
    /// Sum of |actual − prediction| of those.
    pub sum_absolute_error_uncertain: f64,
    /// Sum of (actual − prediction)² of those.
    pub sum_squared_error_uncertain: f64,
}

/// Asks for the numbers of the newest predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PointsQuery {
    /// Of which predictions.
    pub window: Window,
    /// At most so many.
    pub limit: NonZeroUsize,
}

/// The newest predictions of a window.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Points {
    /// The predictions, oldest first.
    pub points: Vec<Point>,
    /// How many the window holds.
    pub total: u64,
}

/// A prediction without its inputs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Its id, which says when it was made.
    pub id: PredictionId,
    /// The lower limit.
    pub lower: f64,
    /// The prediction.
    pub prediction: f64,
    /// The upper limit.
    pub upper: f64,
    /// The version that predicted.
    pub model_version: ModelVersion,
    /// The data set that the version was trained on.
    pub data_fingerprint: Fingerprint,
    /// Where the row came from.
    pub source: Source,
    /// The true value, once it is known.
    pub actual: Option<f64>,
}

/// Asks for whole records in some order. Equal ones are newest first, and those without the number
/// that is ordered by come last, whatever the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RankQuery {
    /// Of which predictions.
    pub window: Window,
    /// What they are ordered by.
    pub by: RankBy,
    /// Whether the largest, or the newest, come first.
    pub descending: bool,
    /// How many are passed over.
    pub offset: usize,
    /// At most so many.
    pub limit: NonZeroUsize,
}

/// What records are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RankBy {
    /// When they were made.
    Time,
    /// The width of the interval.
    Width,
    /// The prediction.
    Prediction,
    /// The lower limit.
    Lower,
    /// The upper limit.
    Upper,
    /// How far the prediction lies outside its limits; zero within.
    Excess,
    /// |actual − prediction|.
    Error,
}

/// Records in the order that was asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranked {
    /// The records.
    pub records: Vec<PredictionRecord>,
    /// How many the window holds.
    pub total: u64,
}

/// Asks for whole records spread evenly over the window by their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SampleQuery {
    /// Of which predictions.
    pub window: Window,
    /// So many, or all if there are fewer.
    pub size: NonZeroUsize,
}

/// Some of the records of a window; always the same while the window holds the same.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    /// The records, newest first.
    pub records: Vec<PredictionRecord>,
    /// How many the window holds.
    pub total: u64,
}

impl Window {
    /// The records of the window, whether certain or not, newest first.
    #[must_use]
    pub fn records(&self, limit: NonZeroUsize) -> RecordQuery {
        RecordQuery {
            from: Some(self.from),
            to: Some(self.to),
            model_version: self.model_version,
            source: self.source,
            before: None,
            limit,
        }
    }

    /// Whether a prediction is as certain as is asked for.
    pub(crate) fn takes(&self, prediction: &Prediction) -> bool {
        self.uncertain
            .is_none_or(|uncertain| uncertain == prediction.is_uncertain())
    }
}

impl Points {
    /// The points that were offered by age, newest first.
    pub(crate) fn from_newest(newest: Least<Reverse<PredictionId>, Point>) -> Self {
        let (mut points, total) = newest.finish(0);
        points.reverse();
        Self { points, total }
    }
}

impl Point {
    /// The prediction with its limits.
    #[must_use]
    pub fn limits(&self) -> Prediction {
        Prediction {
            lower: self.lower,
            prediction: self.prediction,
            upper: self.upper,
        }
    }
}

impl From<&PredictionRecord> for Point {
    fn from(record: &PredictionRecord) -> Self {
        let actual = record.actual.map(|actual| actual.value);
        Self {
            id: record.id,
            lower: record.prediction.lower,
            prediction: record.prediction.prediction,
            upper: record.prediction.upper,
            model_version: record.model_version,
            data_fingerprint: record.data_fingerprint,
            source: record.source,
            actual: actual.filter(|actual| actual.is_finite()),
        }
    }
}
