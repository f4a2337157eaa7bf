//! A progress bar per method, the time of each part, and ctrl-c.

use super::timings::{MethodTimings, Timings};
use crate::failure::Failure;
use crate::interrupt::Deferred;
use crate::progress;
use crate::timing::Stopwatch;
use hp_core::config::Method;
use hp_train::Observer;
use indicatif::ProgressBar;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Watches a training for the person at the terminal.
pub(super) struct Bars {
    interruption: Deferred,
    current: Mutex<Current>,
}

struct Current {
    bar: Option<ProgressBar>,
    watch: Stopwatch,
    timings: Timings,
}

impl Bars {
    /// A watcher that stops the training on ctrl-c.
    pub(super) fn interruptible() -> Self {
        let current = Current {
            bar: None,
            watch: Stopwatch::start(),
            timings: Timings::default(),
        };
        Self {
            interruption: Deferred::new(),
            current: Mutex::new(current),
        }
    }

    /// What the training took; unless ctrl-c came too late for it to notice.
    pub(super) fn finish(self) -> Result<Timings, Failure> {
        if self.interrupted() {
            return Err(Failure::interrupted());
        }
        let current = self.current.into_inner();
        let mut current = current.unwrap_or_else(PoisonError::into_inner);
        current.timings.summarise = current.watch.lap();
        Ok(current.timings)
    }

    /// Whether ctrl-c was pressed.
    pub(super) fn interrupted(&self) -> bool {
        self.interruption.requested()
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Bars {
    fn fit_started(&self, method: &Method) {
        let mut current = self.current();
        current.bar = Some(progress::parts(&method.name));
        let before = current.watch.lap();
        if current.timings.methods.is_empty() {
            current.timings.prepare = before;
        }
    }

    fn fit_finished(&self, method: &Method) {
        let mut current = self.current();
        let fit = current.watch.lap();
        current.timings.methods.push(MethodTimings {
            name: method.name.clone(),
            fit,
            cross_validation: 0.0,
        });
    }

    fn advance(&self, _method: &Method, done: usize, total: usize) -> ControlFlow<()> {
        if self.interrupted() {
            return ControlFlow::Break(());
        }
        if let Some(bar) = &self.current().bar {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
        ControlFlow::Continue(())
    }

    fn method_finished(&self, _method: &Method) {
        let mut current = self.current();
        let cross_validation = current.watch.lap();
        if let Some(timed) = current.timings.methods.last_mut() {
            timed.cross_validation = cross_validation;
        }
        if let Some(bar) = current.bar.take() {
            bar.finish_and_clear();
        }
    }
}
