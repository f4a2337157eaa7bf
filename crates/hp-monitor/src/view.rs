//! Questions about the prediction log, and their answers: what the page, the command line and
//! machines are told.
//!
//! Every answer says how fresh it is. While the store fails, the last good answer to the same
//! question is given again, marked as stale.

mod answer;
mod cache;
mod models;
mod outage;
mod selection;

mod settings;

mod newest;
mod overview;
mod series;

mod detail;
mod pages;
mod records;
mod row;

mod columns;
mod histogram;
mod inputs;
mod outcomes;
mod uncertain;

mod total;

pub use answer::{Answer, Freshness};
pub use detail::{InputDetail, RecordDetail};
pub use histogram::{Histogram, Place};
pub use inputs::{ColumnInputs, Inputs};
pub use models::{KnownModel, Models};
pub use newest::Newest;
pub use outcomes::{Coverage, Errors, Outcomes, Rolled};
pub use overview::{Card, Cards, Overview};
pub use pages::RecordPages;
pub use records::{PageQuery, Records};
pub use row::Row;
pub use selection::{MomentError, Period, Range, RangeError, Selection, When, beginning, end};
pub use series::{BucketPoint, Marker, PointRow, Series, SeriesShape};
pub use settings::{FeatureSettings, Settings, TargetSettings};
pub use uncertain::{FeatureUncertainty, Uncertain, UncertainBin};

use crate::statistics::{DriftSettings, StatisticsError};
use cache::{Cache, Kept};
use hp_core::version::ModelVersion;
use hp_store::{
    Clock, Measure, MeasureQuery, PredictionId, PredictionStore, RankBy, RankQuery, StoreError,
};
use jiff::{SignedDuration, Timestamp};
use models::Shelf;
use outage::Outage;
use selection::Now;
use std::error::Error;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// How sure the limits of a share are.
pub const CONFIDENCE: f64 = 0.95;

/// One record.
const ONE: NonZeroUsize = NonZeroUsize::MIN;

/// What a [`Monitor`] is told by the program around it.
#[derive(Clone)]
pub struct MonitorOptions {
    /// The time of day.
    pub clock: Clock,
    /// What kind of store it is: `sqlite`, `dynamodb`, `memory`.
    pub store_kind: &'static str,
    /// The interval width above which a prediction is doubtful when nobody says otherwise.
    pub width_threshold: f64,
    /// When a difference of a column is an alarm.
    pub drift: DriftSettings,
    /// How long the store may take for an answer.
    pub deadline: Duration,
}

/// Answers questions about the prediction log; it never writes to it.
pub struct Monitor {
    store: Arc<dyn PredictionStore>,
    shelf: Shelf,
    options: MonitorOptions,
    outage: Outage,
    answers: Answers,
}

/// The last good answers to each question.
#[derive(Debug, Default)]
struct Answers {
    settings: Cache<Settings>,
    overview: Cache<Overview>,
    series: Cache<Series>,
    records: Cache<Records>,
    detail: Cache<RecordDetail>,
    uncertain: Cache<Uncertain>,
    inputs: Cache<Inputs>,
    outcomes: Cache<Outcomes>,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum MonitorError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store took too long.
    #[error("the prediction log did not answer within {} s", deadline.as_secs())]
    TooLate {
        /// How long it had.
        deadline: Duration,
    },
    /// The model versions cannot be read.
    #[error("the model versions cannot be read")]
    Models(#[source] Box<dyn Error + Send + Sync>),
    /// The numbers of the log have no such statistic.
    #[error("the statistics have no result")]
    Statistics(#[from] StatisticsError),
    /// There is no such record.
    #[error("there is no prediction {0}")]
    Unknown(PredictionId),
    /// The answer would be too long.
    #[error("the answer would have `{points}` points: choose a longer bucket or a shorter range")]
    TooManyPoints {
        /// How many.
        points: usize,
    },
    /// The work was given up.
    #[error("the work ended before its result")]
    Ended(#[from] tokio::task::JoinError),
}

impl MonitorError {
    /// Whether the store is to blame, which may be well the next time.
    #[must_use]
    pub fn is_of_the_store(&self) -> bool {
        match self {
            Self::Store(error) => !matches!(error, StoreError::TooMany { .. }),
            Self::TooLate { .. } => true,
            _ => false,
        }
    }
}

/// Which answers are kept, and for how long.
struct Asked<'a, T> {
    cache: &'a Cache<T>,
    key: String,
    /// How long an answer holds while nothing new has come.
    holds: SignedDuration,
}

impl Monitor {
    /// A monitor of the predictions in `store`, which the versions in `models` made.
    #[must_use]
    pub fn new(
        store: Arc<dyn PredictionStore>,
        models: Arc<dyn Models>,
        options: MonitorOptions,
    ) -> Self {
        Self {
            store,
            shelf: Shelf::new(models),
            options,
            outage: Outage::default(),
            answers: Answers::default(),
        }
    }

    /// The interval width above which a prediction is doubtful when nobody says otherwise.
    #[must_use]
    pub fn width_threshold(&self) -> f64 {
        self.options.width_threshold
    }

    /// The time of day to the millisecond, as that of records.
    fn time(&self) -> Timestamp {
        let time = (self.options.clock)();
        Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
    }

    /// Answers a question by `work`, by the last answer if it still holds, or by an older one while
    /// the store fails.
    async fn ask<T, W>(
        &self,
        asked: Asked<'_, T>,
        work: impl FnOnce(Now) -> W,
    ) -> Result<Answer<T>, MonitorError>
    where
        W: Future<Output = Result<T, MonitorError>>,
    {
        let time = self.time();
        let last = asked.cache.last(&asked.key);
        if let Some(kept) = &last
            && let Some(reason) = self.outage.since_a_moment(time)
        {
            return Ok(Answer::stale(kept.clone(), time, reason));
        }
        let answering = async {
            let newest = self.store.newest().await?;
            if let Some(kept) = &last
                && kept.holds(newest, time, asked.holds)
            {
                return Ok((Arc::clone(&kept.answer), newest));
            }
            let answer = Arc::new(work(Now { time, newest }).await?);
            let kept = Kept {
                answer: Arc::clone(&answer),
                time,
                newest,
            };
            asked.cache.keep(asked.key, kept);
            Ok((answer, newest))
        };
        let deadline = self.options.deadline;
        let answered = match tokio::time::timeout(deadline, answering).await {
            Ok(answered) => answered,
            Err(_) => Err(MonitorError::TooLate { deadline }),
        };
        match (answered, last) {
            (Ok((answer, newest)), _) => {
                self.outage.over();
                Ok(Answer::fresh(answer, newest, time))
            }
            (Err(error), last) if error.is_of_the_store() => {
                let reason = self.outage.begins(time, &error);
                match last {
                    Some(kept) => Ok(Answer::stale(kept, time, reason)),
                    None => Err(error),
                }
            }
            (Err(error), _) => Err(error),
        }
    }

    /// The period that is meant.
    async fn period(&self, selection: &Selection, now: Now) -> Result<Period, MonitorError> {
        let extent = if selection.time.needs_oldest() {
            self.store.extent().await?
        } else {
            None
        };
        let oldest = extent.map(|(oldest, _)| oldest);
        Ok(selection.time.period(now, oldest))
    }

    /// The counts and sums of a period.
    async fn measure(
        &self,
        selection: &Selection,
        period: Period,
    ) -> Result<Vec<Measure>, MonitorError> {
        let query = MeasureQuery {
            window: selection.window(period),
            bucket: None,
            width_threshold: selection.threshold,
        };
        Ok(self.store.measure(&query).await?)
    }

    /// The version whose predictions are judged: the one that is selected, or the one that made the
    /// newest of the period.
    async fn judged_version(
        &self,
        selection: &Selection,
        period: Period,
    ) -> Result<Option<ModelVersion>, MonitorError> {
        if selection.model_version.is_some() {
            return Ok(selection.model_version);
        }
        let query = RankQuery {
            window: selection.window(period),
            by: RankBy::Time,
            descending: true,
            offset: 0,
            limit: ONE,
        };
        let newest = self.store.rank(&query).await?.records;
        Ok(newest.first().map(|record| record.model_version))
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

/// For how long the answers to cheap questions hold while nothing new has come: a true value may
/// arrive at any time, and is no new record.
const BRIEFLY: SignedDuration = SignedDuration::from_secs(2);

/// For how long those hold that take much work.
const LONGER: SignedDuration = SignedDuration::from_secs(60);

/// The key of an answer to a question with these parameters.
fn key(parameters: impl fmt::Debug) -> String {
    format!("{parameters:?}")
}
