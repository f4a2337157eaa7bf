//! The last good answers: to be quick while nothing new has come, and to have something to show
//! while the store fails.

use hp_store::PredictionId;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// How many answers to a question are kept, each to other parameters.
const KEPT: usize = 32;

/// The last good answers to one question.
#[derive(Debug)]
pub(super) struct Cache<T>(Mutex<VecDeque<(String, Kept<T>)>>);

/// An answer that was given.
#[derive(Debug)]
pub(super) struct Kept<T> {
    pub(super) answer: Arc<T>,
    /// When it was given.
    pub(super) time: Timestamp,
    /// The newest record at that time.
    pub(super) newest: Option<PredictionId>,
}

impl<T> Cache<T> {
    /// The last answer to `key`.
    pub(super) fn last(&self, key: &str) -> Option<Kept<T>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.iter().find(|(of, _)| of == key);
        entry.map(|(_, kept)| kept.clone())
    }

    /// Keeps an answer to `key` in the place of an earlier one.
    pub(super) fn keep(&self, key: String, kept: Kept<T>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|(of, _)| *of != key);
        entries.push_front((key, kept));
        entries.truncate(KEPT);
    }
}

impl<T> Kept<T> {
    /// Whether it can be given again: nothing has come since, and it is younger than `age`.
    pub(super) fn holds(
        &self,
        newest: Option<PredictionId>,
        now: Timestamp,
        age: SignedDuration,
    ) -> bool {
        let range = SignedDuration::ZERO..age;
        self.newest == newest && range.contains(&now.duration_since(self.time))
    }
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

// A derived one would ask for it of the answer.
impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self {
            answer: Arc::clone(&self.answer),
            ..*self
        }
    }
}
