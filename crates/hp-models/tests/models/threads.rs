//! The same work on one thread and on several.

/// What `action` gives on a pool of so many threads.
pub(crate) fn on_threads<T: Send>(threads: usize, action: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().expect("a pool").install(action)
}
