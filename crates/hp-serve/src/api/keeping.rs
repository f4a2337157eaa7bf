//! Keeping predictions in the log before they are given.

use super::Api;
use hp_core::cause::chain;
use hp_http::HttpError;
use hp_store::{Kept, PredictionRecord};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a refused prediction speaks against a store that says it is well.
const REFUSING: Duration = Duration::from_secs(10);

/// Why predictions are refused.
const FULL: &str = "the store of the prediction log is down and its spool takes no more";

/// What became of the records of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// They are in the store.
    Stored,
    /// They are in the spool until the store is back.
    Spooled,
    /// The log is off.
    Off,
}

impl Keeping {
    /// The `response` of an answer.
    pub(crate) fn response(self) -> &'static str {
        match self {
            Self::Stored => "Success add data to database!",
            Self::Spooled => {
                "The database is down: the data is kept in a file and added when it is back"
            }
            Self::Off => "The prediction log is off: the data was not added to a database",
        }
    }
}

impl Api {
    /// Where a record would be kept now: `stored`, `spooled`, `unknown` or `off`.
    ///
    /// # Errors
    /// Neither the store nor its spool would take it.
    pub(crate) async fn log_state(&self) -> Result<&'static str, HttpError> {
        let Some(log) = &self.log else {
            return Ok("off");
        };
        match self.store_health.of(&**log.store()).await {
            Ok(()) if !log.is_down() => Ok("stored"),
            _ if log.has_room() => Ok("spooled"),
            // Who is not ready gets no predictions, and only one of those shows that all is well.
            Ok(()) if !self.refused_lately() => Ok("unknown"),
            Ok(()) => Err(HttpError::Unavailable(FULL.to_owned())),
            Err(reason) => Err(HttpError::Unavailable(format!("{FULL}: {reason}"))),
        }
    }

    /// Keeps records; they are made only when the log is on.
    ///
    /// # Errors
    /// Neither the store nor its spool took them, so that the predictions must not be given.
    pub(crate) async fn keep(
        &self,
        records: impl FnOnce() -> Vec<PredictionRecord>,
    ) -> Result<Keeping, HttpError> {
        let Some(log) = &self.log else {
            return Ok(Keeping::Off);
        };
        let records = records();
        let spooled = self.on_spooled.as_ref().map(|tell| (tell, records.clone()));
        match log.record(records).await {
            Ok(Kept::Stored) => Ok(Keeping::Stored),
            Ok(Kept::Spooled) => {
                self.log_metrics.write_failures.increment(1);
                if let Some((tell, records)) = spooled {
                    records.iter().for_each(tell);
                }
                Ok(Keeping::Spooled)
            }
            Err(error) => {
                *self.lock_last_refusal() = Some(Instant::now());
                self.log_metrics.write_failures.increment(1);
                Err(HttpError::Unavailable(format!(
                    "the prediction was not given because it could not be kept: {}",
                    chain(&error)
                )))
            }
        }
    }

    fn refused_lately(&self) -> bool {
        let last = *self.lock_last_refusal();
        last.is_some_and(|last| last.elapsed() < REFUSING)
    }

    fn lock_last_refusal(&self) -> MutexGuard<'_, Option<Instant>> {
        let last = self.last_refusal.lock();
        last.unwrap_or_else(PoisonError::into_inner)
    }
}
