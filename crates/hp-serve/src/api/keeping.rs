//! Keeping predictions in the log before they are given.

use super::Api;
use hp_http::HttpError;
use hp_store::{Kept, PredictionRecord};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::timeout;

/// How long the store may take to say that it is well.
const CHECK_DEADLINE: Duration = Duration::from_secs(2);

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
    /// Where a record would be kept now: `stored`, `spooled` or `off`.
    ///
    /// # Errors
    /// Neither the store nor its spool would take it.
    pub(crate) async fn log_state(&self) -> Result<&'static str, HttpError> {
        let Some(log) = &self.log else {
            return Ok("off");
        };
        let check = timeout(CHECK_DEADLINE, log.store().check()).await;
        match check {
            Ok(Ok(())) => Ok("stored"),
            // A full spool is emptied by the store only.
            Ok(Err(error)) if self.refusing.load(Ordering::Relaxed) => {
                Err(HttpError::Unavailable(chain(&error)))
            }
            Err(late) if self.refusing.load(Ordering::Relaxed) => {
                Err(HttpError::Unavailable(late.to_string()))
            }
            Ok(Err(_)) | Err(_) => Ok("spooled"),
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
        let kept = log.record(records()).await;
        self.refusing.store(kept.is_err(), Ordering::Relaxed);
        match kept {
            Ok(Kept::Stored) => Ok(Keeping::Stored),
            Ok(Kept::Spooled) => {
                self.log_metrics.write_failures.increment(1);
                Ok(Keeping::Spooled)
            }
            Err(error) => {
                self.log_metrics.write_failures.increment(1);
                Err(HttpError::Unavailable(format!(
                    "the prediction was not given because it could not be kept: {}",
                    chain(&error)
                )))
            }
        }
    }
}

/// An error with its sources.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<_> = sources.map(ToString::to_string).collect();
    texts.join(": ")
}
