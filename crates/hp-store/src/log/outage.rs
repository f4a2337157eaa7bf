//! When a store is down: reported once, and tried again after ever longer pauses.

use crate::error::PutError;
use hp_core::cause::chain;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Pause before a store that has just failed is tried again.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The pause before the next attempt when `pause` was not long enough.
pub(super) fn longer(pause: Duration) -> Duration {
    const LONGEST: Duration = Duration::from_secs(10);
    (2 * pause).min(LONGEST)
}

/// Whether a store is down, as far as the last attempt showed.
#[derive(Debug, Default)]
pub(super) struct Outage(Mutex<Option<Down>>);

#[derive(Debug)]
struct Down {
    next_attempt: Instant,
    pause: Duration,
}

impl Outage {
    /// Whether the store may be tried now. In an outage one caller may, after each pause.
    pub(super) fn may_try(&self) -> bool {
        let now = Instant::now();
        match &mut *self.down() {
            None => true,
            Some(down) if down.next_attempt <= now => {
                down.pause = longer(down.pause);
                down.next_attempt = now + down.pause;
                true
            }
            Some(_) => false,
        }
    }

    /// Learns from the outcome of an attempt, and reports when an outage begins and ends.
    pub(super) fn observe(&self, outcome: &Result<(), PutError>) {
        let down = &mut *self.down();
        match outcome {
            Err(error) if !error.is_of_the_records() => {
                if down.is_some() {
                    return;
                }
                *down = Some(Down {
                    next_attempt: Instant::now() + FIRST_PAUSE,
                    pause: FIRST_PAUSE,
                });
                let error = chain(error);
                tracing::warn!(error, "the prediction log is down; records go to the spool");
            }
            Ok(()) | Err(_) => {
                if down.take().is_some() {
                    tracing::info!("the prediction log takes records again");
                }
            }
        }
    }

    /// Whether the last attempt failed.
    pub(super) fn is_on(&self) -> bool {
        self.down().is_some()
    }

    fn down(&self) -> MutexGuard<'_, Option<Down>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
