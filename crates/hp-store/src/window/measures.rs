//! Counts and sums the predictions of a window.

use super::{Measure, MeasureQuery, Point};
use crate::id::PredictionId;
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::ops::Range;

/// The answer to a [`MeasureQuery`], built from one prediction after the other.
#[derive(Debug)]
pub(crate) struct Measures<'a> {
    query: &'a MeasureQuery,
    groups: BTreeMap<(Timestamp, ModelVersion, Fingerprint), Measure>,
    /// Those counted last: neighbours in time mostly count together.
    run: Option<Run>,
}

#[derive(Debug)]
struct Run {
    /// The ids of the bucket.
    ids: Range<PredictionId>,
    measure: Measure,
}

impl<'a> Measures<'a> {
    /// Nothing is counted yet.
    pub(crate) fn new(query: &'a MeasureQuery) -> Self {
        Self {
            query,
            groups: BTreeMap::new(),
            run: None,
        }
    }

    /// Counts a prediction of the window.
    pub(crate) fn count(&mut self, point: &Point) {
        let mut run = match self.run.take_if(|run| run.holds(point)) {
            Some(run) => run,
            None => self.begin(point),
        };
        run.measure.count(point, self.query.width_threshold);
        self.run = Some(run);
    }

    /// The counts and sums by start, version and data.
    pub(crate) fn finish(mut self) -> Vec<Measure> {
        self.end_run();
        self.groups.into_values().collect()
    }

    fn begin(&mut self, point: &Point) -> Run {
        self.end_run();
        let window = &self.query.window;
        let (start, end) = match self.query.bucket {
            None => (window.from, window.to),
            Some(bucket) => {
                let start = bucket.start(point.id.time());
                let end = start.saturating_add(SignedDuration::from_secs(bucket.seconds()));
                (start, end.unwrap_or(Timestamp::MAX))
            }
        };
        Run {
            ids: PredictionId::not_before(start)..PredictionId::not_before(end),
            measure: Measure::empty(start, point),
        }
    }

    fn end_run(&mut self) {
        if let Some(Run { measure, .. }) = self.run.take() {
            let key = (
                measure.start,
                measure.model_version,
                measure.data_fingerprint,
            );
            let group = self.groups.entry(key);
            group
                .and_modify(|group| group.add(&measure))
                .or_insert(measure);
        }
    }
}

impl Run {
    fn holds(&self, point: &Point) -> bool {
        self.ids.contains(&point.id)
            && self.measure.model_version == point.model_version
            && self.measure.data_fingerprint == point.data_fingerprint
    }
}

impl Measure {
    /// Of no prediction, but of the version and data of `point`.
    fn empty(start: Timestamp, point: &Point) -> Self {
        Self {
            start,
            model_version: point.model_version,
            data_fingerprint: point.data_fingerprint,
            count: 0,
            uncertain: 0,
            over_width: 0,
            sum_width: 0.0,
            sum_lower: 0.0,
            sum_prediction: 0.0,
            sum_upper: 0.0,
            actuals: 0,
            covered: 0,
            sum_absolute_error: 0.0,
            sum_squared_error: 0.0,
            actuals_uncertain: 0,
            sum_absolute_error_uncertain: 0.0,
            sum_squared_error_uncertain: 0.0,
        }
    }

    fn count(&mut self, point: &Point, width_threshold: f64) {
        let limits = point.limits();
        let (uncertain, width) = (limits.is_uncertain(), limits.interval_width());
        self.count += 1;
        self.uncertain += u64::from(uncertain);
        self.over_width += u64::from(width > width_threshold);
        self.sum_width += term(width);
        self.sum_lower += term(point.lower);
        self.sum_prediction += term(point.prediction);
        self.sum_upper += term(point.upper);
        if let Some(actual) = point.actual {
            let error = actual - point.prediction;
            let (absolute, squared) = (term(error.abs()), term(error * error));
            self.actuals += 1;
            self.covered += u64::from((point.lower..=point.upper).contains(&actual));
            self.sum_absolute_error += absolute;
            self.sum_squared_error += squared;
            if uncertain {
                self.actuals_uncertain += 1;
                self.sum_absolute_error_uncertain += absolute;
                self.sum_squared_error_uncertain += squared;
            }
        }
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.uncertain += other.uncertain;
        self.over_width += other.over_width;
        self.sum_width += other.sum_width;
        self.sum_lower += other.sum_lower;
        self.sum_prediction += other.sum_prediction;
        self.sum_upper += other.sum_upper;
        self.actuals += other.actuals;
        self.covered += other.covered;
        self.sum_absolute_error += other.sum_absolute_error;
        self.sum_squared_error += other.sum_squared_error;
        self.actuals_uncertain += other.actuals_uncertain;
        self.sum_absolute_error_uncertain += other.sum_absolute_error_uncertain;
        self.sum_squared_error_uncertain += other.sum_squared_error_uncertain;
    }
}

/// What a number adds to a sum.
fn term(number: f64) -> f64 {
    if number.is_finite() { number } else { 0.0 }
}
