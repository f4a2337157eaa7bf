//! Connections that only read.

use super::failure::Failure;
use super::file::{DatabaseFile, Opened};
use crate::error::StoreError;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio::task;

/// Reads that run at once; further ones wait.
const MOST_AT_ONCE: usize = 4;

/// Runs reads, each with a connection of its own.
#[derive(Debug)]
pub(super) struct Readers {
    file: Arc<DatabaseFile>,
    turns: Semaphore,
    idle: Arc<Mutex<Vec<Opened>>>,
}

impl Readers {
    /// No connection is open yet.
    pub(super) fn new(file: Arc<DatabaseFile>) -> Self {
        Self {
            file,
            turns: Semaphore::new(MOST_AT_ONCE),
            idle: Arc::default(),
        }
    }

    /// Runs `read` where it may block.
    pub(super) async fn run<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await.ok();
        let (file, idle) = (Arc::clone(&self.file), Arc::clone(&self.idle));
        let work = task::spawn_blocking(move || {
            let waiting = || idle.lock().unwrap_or_else(PoisonError::into_inner);
            let found = waiting().pop().filter(|opened| file.is_current(opened));
            let opened = match found {
                Some(opened) => opened,
                None => file.open_to_read()?,
            };
            let outcome = read(&opened.connection)?;
            waiting().push(opened);
            Ok(outcome)
        });
        let outcome = work
            .await
            .unwrap_or_else(|ended| Err(Failure::from(std::io::Error::other(ended))));
        outcome.map_err(|failure| failure.of(&self.file.name, "read"))
    }
}
