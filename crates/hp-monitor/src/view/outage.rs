//! Remembering for a moment that the store fails, so that not every question waits for it anew.

use super::MonitorError;
use hp_core::cause::chain;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// After so long the store is asked again.
const MOMENT: SignedDuration = SignedDuration::from_secs(2);

/// Since when the store fails, if it does, and what it says.
#[derive(Debug, Default)]
pub(super) struct Outage(Mutex<Option<(Timestamp, String)>>);

impl Outage {
    /// The store has failed at `time`; gives what readers are told.
    pub(super) fn begins(&self, time: Timestamp, error: &MonitorError) -> String {
        tracing::warn!(error = chain(error), "the prediction log cannot be read");
        let reason = error.to_string();
        self.set(Some((time, reason.clone())));
        reason
    }

    /// The store has answered.
    pub(super) fn over(&self) {
        self.set(None);
    }

    /// Why the store has failed, if that was but a moment before `now`.
    pub(super) fn since_a_moment(&self, now: Timestamp) -> Option<String> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (time, reason) = state.as_ref()?;
        let moment = SignedDuration::ZERO..MOMENT;
        moment
            .contains(&now.duration_since(*time))
            .then(|| reason.clone())
    }

    fn set(&self, state: Option<(Timestamp, String)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}
