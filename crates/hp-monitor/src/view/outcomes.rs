//! How good the predictions were, once the true values are known.

use super::total::{Total, share};
use super::{
    Answer, Asked, BRIEFLY, CONFIDENCE, Monitor, MonitorError, Now, Period, Selection, key,
};
use crate::statistics::{Outcome, Performance, clopper_pearson, rolling};
use hp_store::{Bucket, MeasureQuery, Point, PointsQuery};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

/// The most predictions whose true values are looked at one by one; of more the newest.
const MOST_POINTS: NonZeroUsize = NonZeroUsize::new(10_000).expect("more than none");

/// The least and the most outcomes of a point of the rolling figures.
const ROLLED: (usize, usize) = (20, 200);

/// About so many points a rolling figure has at most.
const ROLLED_POINTS: usize = 300;

/// How good the predictions of a period were.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcomes {
    /// The period of the predictions.
    pub window: Period,
    /// Predictions.
    pub total: u64,
    /// Those whose true value is known.
    pub actuals: u64,
    /// What to do to see more.
    pub hint: Option<String>,
    /// How many outcomes in a row a point of `rolling` is made from; none when it is made from
    /// those of a bucket.
    pub rolling_rows: Option<usize>,
    /// The figures over time, oldest first.
    pub rolling: Vec<Rolled>,
    /// How often the interval held the true value.
    pub coverage: Option<Coverage>,
    /// All predictions with a true value.
    pub all: Errors,
    /// Those within their limits.
    pub certain: Errors,
    /// Those outside.
    pub uncertain: Errors,
}

/// Outcomes in a row, or of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rolled {
    /// When the first prediction was made, or when the bucket begins.
    pub start: Timestamp,
    /// When the last prediction was made; none of a bucket.
    pub end: Option<Timestamp>,
    /// Outcomes.
    pub count: u64,
    /// `√ mean (y − ŷ)²`, in units of the target.
    pub rmse: Option<f64>,
    /// `mean |y − ŷ|`, in units of the target.
    pub mae: Option<f64>,
    /// The share of true values within their limits.
    pub coverage: Option<f64>,
    /// The lower limit of the true share at 95 %.
    pub low: Option<f64>,
    /// The upper limit.
    pub high: Option<f64>,
}

/// How often the interval held the true value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// The share.
    pub value: f64,
    /// The lower limit of the true share at 95 % (Clopper and Pearson).
    pub low: f64,
    /// The upper limit.
    pub high: f64,
    /// The share that the model promises, if it promises one.
    pub nominal: Option<f64>,
}

/// The errors of some predictions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Errors {
    /// Predictions with a true value.
    pub count: u64,
    /// `mean |y − ŷ|`, in units of the target.
    pub mae: Option<f64>,
    /// `√ mean (y − ŷ)²`, in units of the target.
    pub rmse: Option<f64>,
}

impl Monitor {
    /// How good the predictions of `selection` were.
    ///
    /// # Errors
    /// The store or the models cannot be read.
    pub async fn outcomes(&self, selection: &Selection) -> Result<Answer<Outcomes>, MonitorError> {
        let asked = Asked {
            cache: &self.answers.outcomes,
            key: key(selection),
            holds: BRIEFLY,
        };
        self.ask(asked, |now| self.make_outcomes(selection, now))
            .await
    }

    async fn make_outcomes(
        &self,
        selection: &Selection,
        now: Now,
    ) -> Result<Outcomes, MonitorError> {
        let window = self.period(selection, now).await?;
        let all = Total::of(&self.measure(selection, window).await?);
        let (rolling_rows, rolling) = if all.actuals == 0 {
            (None, Vec::new())
        } else {
            match selection.bucket {
                Some(bucket) => (None, self.by_bucket(selection, window, bucket).await?),
                None => self.in_a_row(selection, window).await?,
            }
        };
        let nominal = match self.judged_version(selection, window).await? {
            Some(version) => self.shelf.find(version, now.time).await?,
            None => None,
        };
        let nominal = nominal.and_then(|model| model.nominal_coverage);
        Ok(Outcomes {
            window,
            total: all.count,
            actuals: all.actuals,
            hint: (all.actuals == 0).then(|| HINT.to_owned()),
            rolling_rows,
            rolling,
            coverage: Coverage::of(&all, nominal),
            all: Errors::of(&all),
            certain: Errors::of_certain(&all),
            uncertain: Errors::of_uncertain(&all),
        })
    }

    /// The figures of each bucket with outcomes.
    async fn by_bucket(
        &self,
        selection: &Selection,
        window: Period,
        bucket: Bucket,
    ) -> Result<Vec<Rolled>, MonitorError> {
        let query = MeasureQuery {
            window: selection.window(window),
            bucket: Some(bucket),
            width_threshold: selection.threshold,
        };
        let measures = self.store.measure(&query).await?;
        let mut buckets: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for measure in &measures {
            buckets.entry(measure.start).or_default().push(measure);
        }
        let totals = buckets.into_iter();
        let totals = totals.map(|(start, measures)| (start, Total::of(measures)));
        let known = totals.filter(|(_, total)| total.actuals > 0);
        Ok(known
            .map(|(start, total)| Rolled::of_bucket(start, &total))
            .collect())
    }

    /// The figures of outcomes in a row, and how many these are.
    async fn in_a_row(
        &self,
        selection: &Selection,
        window: Period,
    ) -> Result<(Option<usize>, Vec<Rolled>), MonitorError> {
        let query = PointsQuery {
            window: selection.window(window),
            limit: MOST_POINTS,
        };
        let points = self.store.points(&query).await?.points;
        let outcome = |point: &Point| {
            let outcome = Outcome {
                y_true: point.actual?,
                prediction: point.prediction,
                lower: point.lower,
                upper: point.upper,
            };
            Some((point.id.time(), outcome))
        };
        let (times, outcomes): (Vec<_>, Vec<_>) = points.iter().filter_map(outcome).unzip();
        let rows = (outcomes.len() / 10).clamp(ROLLED.0, ROLLED.1);
        let step = outcomes.len().div_ceil(ROLLED_POINTS).max(1);
        let rolled = rolling(&outcomes, rows, step, CONFIDENCE)?;
        let rolled = rolled.iter().zip((0..).step_by(step));
        let rolled = rolled.map(|(performance, first)| {
            let period = (times[first], times[first + rows - 1]);
            Rolled::in_a_row(period, performance)
        });
        Ok((Some(rows), rolled.collect()))
    }
}

const HINT: &str = "no true values are known yet: send them to `POST /v1/feedback` with the id of their prediction";

impl Rolled {
    fn of_bucket(start: Timestamp, total: &Total) -> Self {
        let (errors, coverage) = (Errors::of(total), Coverage::of(total, None));
        Self {
            start,
            end: None,
            count: total.actuals,
            rmse: errors.rmse,
            mae: errors.mae,
            coverage: coverage.map(|coverage| coverage.value),
            low: coverage.map(|coverage| coverage.low),
            high: coverage.map(|coverage| coverage.high),
        }
    }

    fn in_a_row((start, end): (Timestamp, Timestamp), performance: &Performance) -> Self {
        Self {
            start,
            end: Some(end),
            count: performance.coverage.trials as u64,
            rmse: Some(performance.root_mean_squared_error),
            mae: Some(performance.mean_absolute_error),
            coverage: Some(performance.coverage.share),
            low: Some(performance.coverage.low),
            high: Some(performance.coverage.high),
        }
    }
}

impl Coverage {
    /// None without outcomes.
    fn of(total: &Total, nominal: Option<f64>) -> Option<Self> {
        let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let share = clopper_pearson(count(total.covered), count(total.actuals), CONFIDENCE).ok()?;
        Some(Self {
            value: share.share,
            low: share.low,
            high: share.high,
            nominal,
        })
    }
}

impl Errors {
    fn new(count: u64, sum_absolute_error: f64, sum_squared_error: f64) -> Self {
        Self {
            count,
            mae: share(sum_absolute_error, count),
            rmse: share(sum_squared_error, count).map(f64::sqrt),
        }
    }

    fn of(total: &Total) -> Self {
        Self::new(
            total.actuals,
            total.sum_absolute_error,
            total.sum_squared_error,
        )
    }

    fn of_uncertain(total: &Total) -> Self {
        Self::new(
            total.actuals_uncertain,
            total.sum_absolute_error_uncertain,
            total.sum_squared_error_uncertain,
        )
    }

    fn of_certain(total: &Total) -> Self {
        // Rounding may leave less than nothing.
        let rest = |all: f64, uncertain: f64| (all - uncertain).max(0.0);
        Self::new(
            total.actuals.saturating_sub(total.actuals_uncertain),
            rest(total.sum_absolute_error, total.sum_absolute_error_uncertain),
            rest(total.sum_squared_error, total.sum_squared_error_uncertain),
        )
    }
}
