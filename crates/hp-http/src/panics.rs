//! Panics, of which each is told of once.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::sync::Once;

/// Logs the panics of this process as events, in place of the lines that Rust writes to stderr and
/// that break a log of one JSON object per line. The panic of a handler is part of its request's
/// event; any other, say of a background task, has an event of its own. Calls after the first change
/// nothing.
///
/// It replaces the panic hook of the whole process, so it is for programs to call.
pub fn log_panics() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| set_hook(Box::new(log)));
}

/// What `work` returns.
///
/// # Errors
/// When it panics: the words of the panic, and where it was if [`log_panics`] was called.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let outside = CATCHING.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(outside);
    done.map_err(|payload| {
        let words = words(&*payload);
        PLACE.take().map_or_else(
            || format!("panic: {words}"),
            |place| format!("panic at {place}: {words}"),
        )
    })
}

thread_local! {
    /// Whether a panic of this thread is caught.
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    /// Where this thread panicked last, until it is told.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The panic hook.
fn log(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    if CATCHING.get() {
        PLACE.set(place);
        return;
    }
    let place = place.unwrap_or_default();
    tracing::error!(place, error = words(panic.payload()), "panicked");
}

fn words(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| Some(payload.downcast_ref::<String>()?.as_str()));
    text.unwrap_or("without words")
}
