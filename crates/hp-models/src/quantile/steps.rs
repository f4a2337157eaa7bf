//! The count of steps, and the question after each whether to go on.

use super::interior_point::MAX_ITERATIONS;
use crate::{FitError, Progress};

/// Counts the steps of all stages.
pub(super) struct Steps<'a> {
    progress: &'a dyn Progress,
    pub(super) count: usize,
}

impl<'a> Steps<'a> {
    pub(super) fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, count: 0 }
    }

    /// Counts one more.
    ///
    /// # Errors
    /// When it is to be the last.
    pub(super) fn advance(&mut self) -> Result<(), FitError> {
        self.count += 1;
        let done = self.count.min(MAX_ITERATIONS);
        let answer = self.progress.advance(done, MAX_ITERATIONS);
        if answer.is_break() {
            Err(FitError::Interrupted)
        } else {
            Ok(())
        }
    }
}
