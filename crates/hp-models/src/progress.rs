//! How a long fit tells how far it is, and learns that it should stop.

use std::ops::ControlFlow;

/// Told after each step of a fit that has steps: least squares and ridge regression tell nothing.
/// A forest tells from several threads, whose counts may overtake each other. What follows the last
/// step tells `total` of `total` as often as it may be stopped.
pub trait Progress: Sync {
    /// `done` of `total` steps are finished; `Break` stops the fit with
    /// [`FitError::Interrupted`](crate::FitError::Interrupted).
    fn advance(&self, done: usize, total: usize) -> ControlFlow<()>;
}

/// Shows nothing and never stops a fit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _done: usize, _total: usize) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
