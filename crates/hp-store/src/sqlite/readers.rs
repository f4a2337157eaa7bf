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
    turns: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Opened>>>,
}

impl Readers {
    /// No connection is open yet.
    pub(super) fn new(file: Arc<DatabaseFile>) -> Self {
        Self {
            file,
            turns: Arc::new(Semaphore::new(MOST_AT_ONCE)),
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
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok();
        let (file, idle) = (Arc::clone(&self.file), Arc::clone(&self.idle));
        let work = task::spawn_blocking(move || {
            // Whoever asked may give up; the read then still goes on.
            let _turn = turn;
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

#[cfg(test)]
mod tests {
    use super::{MOST_AT_ONCE, Readers};
    use crate::sqlite::file::DatabaseFile;
    use std::sync::{Arc, Mutex, mpsc};
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_read_that_nobody_waits_for_keeps_its_turn() {
        let folder = tempfile::tempdir().unwrap();
        let file = DatabaseFile::new(&folder.path().join("log.db"), true);
        drop(file.open().unwrap());
        let readers = Arc::new(Readers::new(Arc::new(file)));
        let (end, ended) = mpsc::channel::<()>();
        let ended = Arc::new(Mutex::new(ended));
        let (begin, mut begun) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..MOST_AT_ONCE {
            let (readers, begin, ended) = (readers.clone(), begin.clone(), ended.clone());
            let read = tokio::spawn(async move {
                let wait = move |_: &_| {
                    begin.send(()).unwrap();
                    let _ = ended.lock().unwrap().recv();
                    Ok(())
                };
                readers.run(wait).await.unwrap();
            });
            begun.recv().await.unwrap();
            read.abort();
            assert!(read.await.unwrap_err().is_cancelled());
        }
        assert_eq!(readers.turns.available_permits(), 0);
        drop(end);
        for _ in 0..MOST_AT_ONCE {
            let turn = timeout(Duration::from_mins(1), readers.turns.acquire()).await;
            turn.unwrap().unwrap().forget();
        }
    }
}
