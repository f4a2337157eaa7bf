//! How a training tells how far it is.

use hp_core::config::Method;
use hp_models::Progress;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Watches a training. Clocks and screens belong to the caller.
pub trait Observer: Sync {
    /// The method is about to be fitted on all training rows.
    fn fit_started(&self, _method: &Method) {}

    /// The method has been fitted on all training rows; cross-validation follows.
    fn fit_finished(&self, _method: &Method) {}

    /// `done` of `total` parts of the method's work are finished, possibly reported from several
    /// threads; `Break` stops the training.
    fn advance(&self, _method: &Method, _done: usize, _total: usize) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// The method is fitted and scored.
    fn method_finished(&self, _method: &Method) {}
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Observer for Quiet {}

/// The work on one method: several fits, possibly at the same time, each in steps of its own.
pub(crate) struct MethodProgress<'a> {
    observer: &'a dyn Observer,
    method: &'a Method,
    fits: usize,
    done: AtomicUsize,
}

impl<'a> MethodProgress<'a> {
    /// Parts that each fit counts for, whatever its number of steps.
    const PARTS: usize = 1000;

    pub(crate) fn new(observer: &'a dyn Observer, method: &'a Method, fits: usize) -> Self {
        Self {
            observer,
            method,
            fits,
            done: AtomicUsize::new(0),
        }
    }

    /// The progress of one of the fits.
    pub(crate) fn fit(&self) -> FitProgress<'_> {
        FitProgress {
            of: self,
            reported: AtomicUsize::new(0),
        }
    }

    fn advance(&self, parts: usize) -> ControlFlow<()> {
        let done = self.done.fetch_add(parts, Ordering::Relaxed) + parts;
        self.observer
            .advance(self.method, done, self.fits * Self::PARTS)
    }
}

/// Adds the steps of one fit to the work on its method.
pub(crate) struct FitProgress<'a> {
    of: &'a MethodProgress<'a>,
    reported: AtomicUsize,
}

impl Progress for FitProgress<'_> {
    fn advance(&self, done: usize, total: usize) -> ControlFlow<()> {
        let parts = done.min(total) * MethodProgress::PARTS / total.max(1);
        let before = self.reported.fetch_max(parts, Ordering::Relaxed);
        self.of.advance(parts.saturating_sub(before))
    }
}
