//! Ctrl-c: ends the program at once, which is safe as every file is written whole or not at all;
//! unless a computation or a server has asked to be told instead.

use crate::failure::Code;
use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};

static DEFERRED: AtomicBool = AtomicBool::new(false);
static REQUESTED: AtomicBool = AtomicBool::new(false);
/// A server has heard of the ctrl-c and ends by itself, perhaps before the handler runs.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// Handles ctrl-c from now on.
pub(crate) fn install() {
    // Without a handler ctrl-c ends the program all the same, only without its exit code.
    let _ = ctrlc::set_handler(|| {
        let repeated = REQUESTED.swap(true, Ordering::Relaxed);
        let deferred = DEFERRED.load(Ordering::Acquire) || STOPPING.load(Ordering::Relaxed);
        if repeated || !deferred {
            std::process::exit(Code::Interrupted as i32);
        }
    });
}

/// As long as it lives the first ctrl-c only sets [`requested`](Self::requested).
pub(crate) struct Deferred(());

impl Deferred {
    pub(crate) fn new() -> Self {
        DEFERRED.store(true, Ordering::Relaxed);
        Self(())
    }

    /// Waits until the user or a supervisor (SIGTERM) wants to stop.
    ///
    /// # Errors
    /// Signals cannot be received.
    #[expect(clippy::unused_self, reason = "only who defers may wait")]
    pub(crate) fn stop(&self) -> io::Result<impl Future<Output = ()> + use<>> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => STOPPING.store(true, Ordering::Relaxed),
                _ = terminate.recv() => (),
            }
        })
    }

    /// Whether the user wants to stop.
    #[expect(clippy::unused_self, reason = "only who defers is asked to look")]
    pub(crate) fn requested(&self) -> bool {
        REQUESTED.load(Ordering::Relaxed)
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        DEFERRED.store(false, Ordering::Release);
    }
}
