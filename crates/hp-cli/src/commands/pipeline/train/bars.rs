//! A progress bar per method, the time of each fit, and ctrl-c.

use crate::failure::Failure;
use crate::interrupt::Deferred;
use crate::progress;
use hp_core::config::Method;
use hp_train::Observer;
use indicatif::ProgressBar;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Watches a training for the person at the terminal.
pub(super) struct Bars {
    interruption: Deferred,
    current: Mutex<Current>,
}

#[derive(Default)]
struct Current {
    bar: Option<ProgressBar>,
    started: Option<Instant>,
    fit_times: HashMap<String, Duration>,
}

impl Bars {
    /// A watcher that stops the training on ctrl-c.
    pub(super) fn interruptible() -> Self {
        Self {
            interruption: Deferred::new(),
            current: Mutex::default(),
        }
    }

    /// How long each method took to fit on all training rows; unless ctrl-c came too late for the
    /// training to notice.
    pub(super) fn finish(self) -> Result<HashMap<String, Duration>, Failure> {
        if self.interruption.requested() {
            return Err(Failure::interrupted());
        }
        let current = self.current.into_inner();
        Ok(current.unwrap_or_else(PoisonError::into_inner).fit_times)
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Bars {
    fn fit_started(&self, method: &Method) {
        let mut current = self.current();
        current.bar = Some(progress::parts(&method.name));
        current.started = Some(Instant::now());
    }

    fn fit_finished(&self, method: &Method) {
        let mut current = self.current();
        if let Some(started) = current.started {
            current
                .fit_times
                .insert(method.name.clone(), started.elapsed());
        }
    }

    fn advance(&self, _method: &Method, done: usize, total: usize) -> ControlFlow<()> {
        if self.interruption.requested() {
            return ControlFlow::Break(());
        }
        if let Some(bar) = &self.current().bar {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
        ControlFlow::Continue(())
    }

    fn method_finished(&self, _method: &Method) {
        if let Some(bar) = self.current().bar.take() {
            bar.finish_and_clear();
        }
    }
}
