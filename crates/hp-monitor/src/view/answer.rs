//! An answer, and how fresh it is.

use super::cache::Kept;
use hp_store::PredictionId;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::ops::Deref;
use std::sync::Arc;

/// The answer to a question. As JSON its fields stand beside `freshness`.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    answer: Arc<T>,
    /// How fresh it is.
    pub freshness: Freshness,
}

/// How fresh an answer is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Freshness {
    /// The newest record of the log, whatever was selected.
    pub newest: Option<PredictionId>,
    /// When it was made.
    pub newest_time: Option<Timestamp>,
    /// The seconds since; 0 when it lies in the future.
    pub age_seconds: Option<f64>,
    /// By how many seconds the newest record is ahead of the clock of this machine.
    pub ahead_seconds: Option<f64>,
    /// When the answer was made.
    pub answered: Timestamp,
    /// Whether it is an older one, because the store fails now.
    pub stale: bool,
    /// Why the store fails.
    pub error: Option<String>,
}

impl<T> Answer<T> {
    /// An answer of `now`.
    pub(super) fn fresh(answer: Arc<T>, newest: Option<PredictionId>, now: Timestamp) -> Self {
        let freshness = Freshness::new(newest, now, now);
        Self { answer, freshness }
    }

    /// An answer of earlier, while the store fails for `reason`.
    pub(super) fn stale(kept: Kept<T>, now: Timestamp, reason: String) -> Self {
        let freshness = Freshness {
            stale: true,
            error: Some(reason),
            ..Freshness::new(kept.newest, kept.time, now)
        };
        Self {
            answer: kept.answer,
            freshness,
        }
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.answer
    }
}

impl<T: Serialize> Serialize for Answer<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a, T> {
            #[serde(flatten)]
            answer: &'a T,
            freshness: &'a Freshness,
        }
        let flat = Flat {
            answer: &*self.answer,
            freshness: &self.freshness,
        };
        flat.serialize(serializer)
    }
}

impl Freshness {
    fn new(newest: Option<PredictionId>, answered: Timestamp, now: Timestamp) -> Self {
        let newest_time = newest.map(PredictionId::time);
        let age = newest_time.map(|time| now.duration_since(time).as_secs_f64());
        Self {
            newest,
            newest_time,
            age_seconds: age.map(|age| age.max(0.0)),
            ahead_seconds: age.filter(|age| *age < 0.0).map(|age| -age),
            answered,
            stale: false,
            error: None,
        }
    }
}
