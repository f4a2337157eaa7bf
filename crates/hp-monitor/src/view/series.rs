//! Predictions and interval widths over time: a point for each, or for each bucket and version.

use super::total::Total;
use super::{Answer, Asked, BRIEFLY, Monitor, MonitorError, Now, Period, Selection, key};
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use hp_store::{Bucket, MeasureQuery, Point, PointsQuery, PredictionId, Source};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

/// The most predictions that are shown one by one; of more the newest.
const MOST_POINTS: NonZeroUsize = NonZeroUsize::new(5_000).expect("more than none");

/// The most buckets of an answer.
const MOST_BUCKETS: usize = 20_000;

/// The most changes of model or data that are marked one by one.
const MOST_MARKERS: usize = 20;

/// Predictions over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The period.
    pub window: Period,
    /// `none`, `hour`, `day` or `week`.
    pub bucket: &'static str,
    /// The points, oldest first.
    #[serde(flatten)]
    pub shape: SeriesShape,
    /// Predictions of the period.
    pub total: u64,
    /// Those that the points stand for.
    pub shown: u64,
    /// When the model or its data changed.
    pub markers: Vec<Marker>,
}

/// The points of a series.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesShape {
    /// One for each prediction.
    Points(Vec<PointRow>),
    /// One for each bucket and version with predictions.
    Buckets(Vec<BucketPoint>),
}

/// A prediction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PointRow {
    /// Its id.
    pub id: PredictionId,
    /// When it was made.
    pub time: Timestamp,
    /// The lower limit.
    pub lower: f64,
    /// The prediction.
    pub prediction: f64,
    /// The upper limit.
    pub upper: f64,
    /// Upper minus lower limit.
    pub width: f64,
    /// Whether the prediction lies outside its limits.
    pub uncertain: bool,
    /// Whether the interval is wider than the threshold.
    pub over: bool,
    /// The version that predicted.
    pub version: ModelVersion,
    /// Where the row came from.
    pub source: Source,
    /// The true value, once it is known.
    pub actual: Option<f64>,
}

/// The predictions of one version in one bucket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BucketPoint {
    /// When the bucket begins.
    pub start: Timestamp,
    /// The version.
    pub version: ModelVersion,
    /// Predictions.
    pub count: u64,
    /// Those outside their limits.
    pub uncertain: u64,
    /// Those with an interval wider than the threshold.
    pub over_threshold: u64,
    /// The mean interval width.
    pub mean_width: Option<f64>,
    /// The mean lower limit.
    pub mean_lower: Option<f64>,
    /// The mean prediction.
    pub mean_prediction: Option<f64>,
    /// The mean upper limit.
    pub mean_upper: Option<f64>,
}

/// When the model or its data changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Marker {
    /// When the first prediction was made, or when its bucket begins.
    pub time: Timestamp,
    /// `model` or `data`.
    pub kind: &'static str,
    /// The version, or the first digits of the data's digest.
    pub label: String,
}

impl Monitor {
    /// The predictions of `selection` over time.
    ///
    /// # Errors
    /// The store cannot be read, or there are too many buckets.
    pub async fn series(&self, selection: &Selection) -> Result<Answer<Series>, MonitorError> {
        let asked = Asked {
            cache: &self.answers.series,
            key: key(selection),
            holds: BRIEFLY,
        };
        self.ask(asked, |now| self.make_series(selection, now))
            .await
    }

    async fn make_series(&self, selection: &Selection, now: Now) -> Result<Series, MonitorError> {
        let window = self.period(selection, now).await?;
        match selection.bucket {
            None => self.points(selection, window).await,
            Some(bucket) => self.buckets(selection, window, bucket).await,
        }
    }

    async fn points(&self, selection: &Selection, window: Period) -> Result<Series, MonitorError> {
        let query = PointsQuery {
            window: selection.window(window),
            limit: MOST_POINTS,
        };
        let found = self.store.points(&query).await?;
        let models = found
            .points
            .iter()
            .map(|point| (point.id.time(), point.model_version, point.data_fingerprint));
        let markers = markers(models);
        let row = |point: &Point| PointRow::new(point, selection.threshold);
        Ok(Series {
            window,
            bucket: "none",
            total: found.total,
            shown: found.points.len() as u64,
            shape: SeriesShape::Points(found.points.iter().map(row).collect()),
            markers,
        })
    }

    async fn buckets(
        &self,
        selection: &Selection,
        window: Period,
        bucket: Bucket,
    ) -> Result<Series, MonitorError> {
        let query = MeasureQuery {
            window: selection.window(window),
            bucket: Some(bucket),
            width_threshold: selection.threshold,
        };
        let measures = self.store.measure(&query).await?;
        let models = measures.iter().map(|measure| {
            (
                measure.start,
                measure.model_version,
                measure.data_fingerprint,
            )
        });
        let markers = markers(models);
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for measure in &measures {
            let group = groups.entry((measure.start, measure.model_version));
            group.or_default().push(measure);
        }
        if groups.len() > MOST_BUCKETS {
            return Err(MonitorError::TooManyPoints {
                points: groups.len(),
            });
        }
        let points: Vec<_> = groups
            .into_iter()
            .map(|((start, version), group)| BucketPoint::new(start, version, &Total::of(group)))
            .collect();
        let total = points.iter().map(|point| point.count).sum();
        Ok(Series {
            window,
            bucket: name(bucket),
            shape: SeriesShape::Buckets(points),
            total,
            shown: total,
            markers,
        })
    }
}

impl PointRow {
    fn new(point: &Point, threshold: f64) -> Self {
        let prediction = point.limits();
        Self {
            id: point.id,
            time: point.id.time(),
            lower: prediction.lower,
            prediction: prediction.prediction,
            upper: prediction.upper,
            width: prediction.interval_width(),
            uncertain: prediction.is_uncertain(),
            over: prediction.interval_width() > threshold,
            version: point.model_version,
            source: point.source,
            actual: point.actual,
        }
    }
}

impl BucketPoint {
    fn new(start: Timestamp, version: ModelVersion, total: &Total) -> Self {
        Self {
            start,
            version,
            count: total.count,
            uncertain: total.uncertain,
            over_threshold: total.over_width,
            mean_width: total.mean(total.sum_width),
            mean_lower: total.mean(total.sum_lower),
            mean_prediction: total.mean(total.sum_prediction),
            mean_upper: total.mean(total.sum_upper),
        }
    }
}

/// How a bucket is written.
pub(super) fn name(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Hour => "hour",
        Bucket::Day => "day",
        Bucket::Week => "week",
    }
}

/// Marks where the version or the data changed, in a list ordered by time. When two versions take
/// turns all the time, only where each was first seen is marked.
fn markers(
    models: impl Iterator<Item = (Timestamp, ModelVersion, Fingerprint)> + Clone,
) -> Vec<Marker> {
    let versions = models.clone().map(|(time, version, _)| (time, version));
    let data = models.map(|(time, _, data)| (time, data));
    let mut markers = changes("model", versions, ModelVersion::to_string);
    markers.extend(changes("data", data, Fingerprint::short));
    markers.sort_by_key(|marker| marker.time);
    markers
}

fn changes<T: Copy + Ord>(
    kind: &'static str,
    items: impl Iterator<Item = (Timestamp, T)>,
    label: impl Fn(&T) -> String,
) -> Vec<Marker> {
    let mut current = None;
    let mut seen = BTreeSet::new();
    let mut changes = Vec::new();
    for (time, item) in items {
        let before = current.replace(item);
        let is_new = seen.insert(item);
        if before.is_some_and(|before| before != item) {
            changes.push((time, item, is_new));
        }
    }
    if changes.len() > MOST_MARKERS {
        changes.retain(|(_, _, is_new)| *is_new);
        changes.truncate(MOST_MARKERS);
    }
    let marker = |(time, item, _): (Timestamp, T, bool)| Marker {
        time,
        kind,
        label: label(&item),
    };
    changes.into_iter().map(marker).collect()
}

#[cfg(test)]
mod tests {
    use super::{MOST_MARKERS, changes};
    use jiff::Timestamp;

    fn marked(items: &[u8]) -> Vec<(i64, String)> {
        let at = |(second, item): (i64, &u8)| (Timestamp::from_second(second).unwrap(), *item);
        let items = (0..).zip(items).map(at);
        let markers = changes("model", items, u8::to_string).into_iter();
        markers
            .map(|marker| (marker.time.as_second(), marker.label))
            .collect()
    }

    #[test]
    fn every_change_is_marked_unless_two_take_turns() {
        let of = |second, label: &str| (second, label.to_owned());
        assert_eq!(marked(&[]), []);
        assert_eq!(marked(&[1, 1]), []);
        assert_eq!(marked(&[1, 2, 2, 1]), [of(1, "2"), of(3, "1")]);
        assert_eq!(marked(&[1, 2].repeat(MOST_MARKERS)), [of(1, "2")]);
    }
}
