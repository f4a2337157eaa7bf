//! The file that holds predictions until the store is back: one record a line, as JSON.
//!
//! Lines are appended and on disk before anyone is told so. What is delivered is remembered, and the
//! file is emptied when everything is; a crash in between delivers some records twice, which their
//! ids make harmless.

mod file;
mod lines;

use crate::error::LogError;
use crate::record::PredictionRecord;
use file::{Slice, SpoolFile};
use hp_durable::IoError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Mutex as AsyncMutex, Notify, OwnedMutexGuard, oneshot};
use tokio::task;

pub use lines::read_spool;

/// The spool of one process.
#[derive(Debug)]
pub(crate) struct Spool {
    path: PathBuf,
    limit: u64,
    file: Arc<AsyncMutex<SpoolFile>>,
    /// Records that wait until the file is free, so that many share a sync.
    waiting: Mutex<Vec<Waiting>>,
    /// Bytes that are not delivered.
    bytes: Arc<AtomicU64>,
    /// Whether the last append failed, and nothing was delivered since.
    failing: Arc<AtomicBool>,
    arrived: Arc<Notify>,
}

/// Records, and who waits for them to be on disk.
#[derive(Debug)]
struct Waiting {
    records: Arc<[PredictionRecord]>,
    reply: oneshot::Sender<Result<(), LogError>>,
}

impl Spool {
    /// Opens the spool at `path`, which may hold at most `limit` bytes, and repairs what a crash
    /// left in it.
    pub(crate) fn open(path: PathBuf, limit: u64) -> Result<Self, LogError> {
        let file = SpoolFile::open(path.clone(), limit)?;
        Ok(Self {
            path,
            limit,
            bytes: Arc::new(file.undelivered().into()),
            file: Arc::new(file.into()),
            waiting: Mutex::default(),
            failing: Arc::default(),
            arrived: Arc::default(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes that are not delivered.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether it is below its limit and the last append did not fail, unless something was
    /// delivered since.
    pub(crate) fn has_room(&self) -> bool {
        self.bytes() < self.limit && !self.failing.load(Ordering::Relaxed)
    }

    /// Waits until there is something to deliver.
    pub(crate) async fn wait_for_records(&self) {
        while self.bytes() == 0 {
            self.arrived.notified().await;
        }
    }

    /// Appends the records, which are on disk when it returns.
    pub(crate) async fn append(&self, records: Arc<[PredictionRecord]>) -> Result<(), LogError> {
        let (reply, answer) = oneshot::channel();
        self.waiting().push(Waiting { records, reply });
        // Whoever has the file first writes for all who wait by then, even if that one gives up.
        let file = Arc::clone(&self.file).lock_owned().await;
        let waiting = std::mem::take(&mut *self.waiting());
        if !waiting.is_empty() {
            let failing = Arc::clone(&self.failing);
            self.run(file, move |file| {
                let failed = write(file, waiting);
                failing.store(failed, Ordering::Relaxed);
                Ok(())
            })
            .await?;
        }
        let given_up = |_| Err(self.failed(io::Error::other("the write was given up")));
        answer.await.unwrap_or_else(given_up)
    }

    /// The oldest records that are not delivered, at most `most`, if there are any.
    pub(crate) async fn next_slice(&self, most: usize) -> Result<Option<Slice>, LogError> {
        let file = Arc::clone(&self.file).lock_owned().await;
        self.run(file, move |file| file.next_slice(most)).await
    }

    /// Forgets the records of the oldest slice.
    pub(crate) async fn remove(&self, slice: &Slice) -> Result<(), LogError> {
        let (bytes, lines) = (slice.bytes, slice.records.len());
        let file = Arc::clone(&self.file).lock_owned().await;
        let removed = self.run(file, move |file| file.remove(bytes, lines)).await;
        self.failing.store(false, Ordering::Relaxed);
        removed
    }

    /// Moves the records of the oldest slice to the file of rejected lines, and names that.
    pub(crate) async fn reject(&self, slice: &Slice) -> Result<PathBuf, LogError> {
        let (bytes, lines) = (slice.bytes, slice.records.len());
        let file = Arc::clone(&self.file).lock_owned().await;
        self.run(file, move |file| file.reject(bytes, lines))
            .await?;
        Ok(file::rejected(&self.path))
    }

    /// Does something with the file where it may block.
    async fn run<T: Send + 'static>(
        &self,
        mut file: OwnedMutexGuard<SpoolFile>,
        work: impl FnOnce(&mut SpoolFile) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let (bytes, arrived) = (Arc::clone(&self.bytes), Arc::clone(&self.arrived));
        let work = task::spawn_blocking(move || {
            let outcome = work(&mut file);
            bytes.store(file.undelivered(), Ordering::Relaxed);
            arrived.notify_one();
            outcome
        });
        let ended = |error| Err(self.failed(io::Error::other(error)));
        work.await.unwrap_or_else(ended)
    }

    fn failed(&self, error: io::Error) -> LogError {
        LogError::Spool(IoError::of("write", &self.path)(error))
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends the records that there is room for with one sync, tells everyone who waits, and whether
/// any were refused.
fn write(file: &mut SpoolFile, waiting: Vec<Waiting>) -> bool {
    let (mut together, mut accepted, mut failed) = (Vec::new(), Vec::new(), false);
    for Waiting { records, reply } in waiting {
        let lines = lines::of(&records).map_err(|error| file.failed(error.into()));
        let fitting = lines.and_then(|lines| {
            file.make_room(together.len() + lines.len())?;
            Ok(lines)
        });
        match fitting {
            Ok(lines) => {
                together.extend(lines);
                accepted.push(reply);
            }
            Err(error) => {
                failed = true;
                // Whoever asked may have given up, here as below.
                let _ = reply.send(Err(error));
            }
        }
    }
    let outcome = file.append(&together).map_err(Arc::new);
    for reply in accepted {
        let failed = |error: Arc<io::Error>| io::Error::new(error.kind(), error);
        let _ = reply.send(outcome.clone().map_err(|error| file.failed(failed(error))));
    }
    failed || outcome.is_err()
}
