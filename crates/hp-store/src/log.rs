//! The prediction log as the API sees it: a store with a spool beside it for when it is down.

mod outage;

use crate::error::{LogError, PutError};
use crate::record::PredictionRecord;
use crate::spool::Spool;
use crate::store::PredictionStore;
use hp_core::cause::chain;
use outage::{FIRST_PAUSE, Outage, longer};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time;

/// How long the store may take for a slice of the spool, for which no request waits.
const DELIVERY_DEADLINE: Duration = Duration::from_secs(30);

/// Records for which a store has one deadline; twice as many have two.
const IN_ONE_DEADLINE: usize = 500;

/// The most records that are delivered with one call of the store.
const SLICE: usize = 500;

/// How a [`PredictionLog`] behaves when its store does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOptions {
    /// How long the store may take before the records go to the spool; for more than 500 records
    /// at once as often as there are 500.
    pub deadline: Duration,
    /// The spool's file; its folder must exist.
    pub spool: PathBuf,
    /// The most bytes of the spool.
    pub spool_bytes: u64,
}

/// Where the records of a call are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// In the store.
    Stored,
    /// In the spool, until the store is back.
    Spooled,
}

/// What a [`PredictionLog`] did with records since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogCounts {
    /// Kept in the store without a detour.
    pub stored: u64,
    /// Kept in the spool.
    pub spooled: u64,
    /// Moved from the spool to the store.
    pub delivered: u64,
    /// Moved from the spool to the file of what the store refuses.
    pub rejected: u64,
    /// Kept nowhere.
    pub refused: u64,
}

/// A store with a spool beside it: what the store does not take in time is kept on disk and
/// delivered later.
///
/// A record whose store answered too late may be in both. Its id keeps it from being counted twice
/// for as long as the store has it: a record that was pruned or expired in the meantime is taken for
/// a new one and counted again, as is every such record of a spool that is replayed.
#[derive(Debug)]
pub struct PredictionLog {
    store: Arc<dyn PredictionStore>,
    deadline: Duration,
    spool: Spool,
    outage: Outage,
    /// Held while the spool is delivered.
    delivering: Mutex<()>,
    stored: AtomicU64,
    spooled: AtomicU64,
    delivered: AtomicU64,
    rejected: AtomicU64,
    refused: AtomicU64,
}

impl PredictionLog {
    /// Puts a spool beside `store`. A spool that was left behind is repaired and kept: an unfinished
    /// last line is cut off, and other lines that are not records are moved to a file beside it
    /// whose name ends with `.rejected`. This blocks.
    ///
    /// # Errors
    /// The spool cannot be written, or another process uses it.
    pub fn open(store: Arc<dyn PredictionStore>, options: LogOptions) -> Result<Self, LogError> {
        Ok(Self {
            store,
            deadline: options.deadline,
            spool: Spool::open(options.spool, options.spool_bytes)?,
            outage: Outage::default(),
            delivering: Mutex::default(),
            stored: AtomicU64::default(),
            spooled: AtomicU64::default(),
            delivered: AtomicU64::default(),
            rejected: AtomicU64::default(),
            refused: AtomicU64::default(),
        })
    }

    /// Keeps the records in the store or, if it fails, refuses some or takes too long, in the spool.
    /// While the store is known to be down, it is tried now and then only.
    ///
    /// # Errors
    /// The spool cannot keep them either.
    pub async fn record(&self, records: Vec<PredictionRecord>) -> Result<Kept, LogError> {
        let records: Arc<[_]> = records.into();
        let count = records.len() as u64;
        let try_now = self.outage.may_try();
        if try_now && self.store_now(&records).await {
            return Ok(Kept::Stored);
        }
        let Err(error) = self.spool.append(Arc::clone(&records)).await else {
            self.spooled.fetch_add(count, Ordering::Relaxed);
            return Ok(Kept::Spooled);
        };
        // Nowhere to go but the store, which may be back.
        if !try_now && self.store_now(&records).await {
            return Ok(Kept::Stored);
        }
        self.refused.fetch_add(count, Ordering::Relaxed);
        Err(error)
    }

    /// The store, for questions.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn PredictionStore> {
        &self.store
    }

    /// Bytes of records that wait in the spool.
    #[must_use]
    pub fn spooled_bytes(&self) -> u64 {
        self.spool.bytes()
    }

    /// Whether the spool is below its limit, and the last attempt to write to it did not fail. After
    /// a failure it has room when a record was kept in it or delivered from it.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.spool.has_room()
    }

    /// What was done with records since the log was opened.
    #[must_use]
    pub fn counts(&self) -> LogCounts {
        LogCounts {
            stored: self.stored.load(Ordering::Relaxed),
            spooled: self.spooled.load(Ordering::Relaxed),
            delivered: self.delivered.load(Ordering::Relaxed),
            rejected: self.rejected.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Whether the store failed when it was last tried.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.outage.is_on()
    }

    /// Moves the whole spool into the store, and gives the number of records. Those that come
    /// meanwhile are moved too. A record that a store which is well refuses
    /// ([`StoreError::Refused`](crate::StoreError::Refused)) is moved to the file beside the spool
    /// whose name ends with `.rejected`, so that it keeps no other one back.
    ///
    /// # Errors
    /// The store is down, or the spool cannot be read or written; what is not delivered stays.
    pub async fn deliver(&self) -> Result<usize, LogError> {
        let _only = self.delivering.lock().await;
        let (mut moved, mut most) = (0, SLICE);
        while let Some(slice) = self.spool.next_slice(most).await? {
            let count = slice.records.len();
            match self.put(&slice.records, DELIVERY_DEADLINE).await {
                Ok(()) => {
                    self.spool.remove(&slice).await?;
                    moved += count;
                    self.delivered.fetch_add(count as u64, Ordering::Relaxed);
                }
                Err(refusal) if refusal.is_of_the_records() && count > 1 => {
                    // Finds the refused record with few calls.
                    most = count / 2;
                    continue;
                }
                Err(refusal) if refusal.is_of_the_records() => {
                    let file = self.spool.reject(&slice).await?;
                    self.rejected.fetch_add(1, Ordering::Relaxed);
                    let (file, error) = (file.display(), chain(&refusal));
                    tracing::error!(%file, error, "the store refuses a record, now in a file");
                }
                Err(source) => {
                    let path = self.spool.path().to_owned();
                    return Err(LogError::Undelivered { path, source });
                }
            }
            most = (2 * most).min(SLICE);
        }
        Ok(moved)
    }

    /// Delivers what is spooled, now and whenever something is. Never returns.
    pub async fn keep_delivering(&self) {
        loop {
            self.spool.wait_for_records().await;
            let mut pause = FIRST_PAUSE;
            while let Err(error) = self.deliver().await {
                // A store that is down is reported when it goes down.
                if !matches!(error, LogError::Undelivered { .. }) {
                    let error = chain(&error);
                    tracing::error!(error, "the spool cannot be delivered");
                }
                time::sleep(pause).await;
                pause = longer(pause);
            }
        }
    }

    /// Puts the records into the store, and tells whether it took them.
    async fn store_now(&self, records: &Arc<[PredictionRecord]>) -> bool {
        let count = records.len();
        let deadlines = u32::try_from(count.div_ceil(IN_ONE_DEADLINE)).unwrap_or(u32::MAX);
        let deadline = self.deadline.saturating_mul(deadlines.max(1));
        let stored = self.put(records, deadline).await.is_ok();
        if stored {
            self.stored.fetch_add(count as u64, Ordering::Relaxed);
        }
        stored
    }

    async fn put(
        &self,
        records: &Arc<[PredictionRecord]>,
        deadline: Duration,
    ) -> Result<(), PutError> {
        let put = self.store.put(Arc::clone(records));
        let outcome = match time::timeout(deadline, put).await {
            Ok(outcome) => outcome.map_err(PutError::from),
            Err(_) => Err(PutError::TooLate { deadline }),
        };
        self.outage.observe(&outcome);
        outcome
    }
}
