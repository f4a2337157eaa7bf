//! The prediction log in a file of SQLite.
//!
//! One thread writes: it takes the calls that wait, runs them in one transaction, and answers all of
//! them after one commit. When one of them fails, each gets a transaction of its own. Reads go through connections of their own and never wait for it.

mod epoch;
mod failure;
mod file;
mod group;
mod hours;
mod points;
mod readers;
mod rows;
mod window;
mod writer;

use crate::error::StoreError;
use crate::id::PredictionId;
use crate::query::{Aggregate, AggregateQuery, Page, RecordQuery};
use crate::record::{Actual, PredictionRecord};
use crate::rollup::Rollups;
use crate::store::{Attached, PredictionStore};
use crate::window::{
    Measure, MeasureQuery, Points, PointsQuery, RankQuery, Ranked, Sample, SampleQuery,
};
use async_trait::async_trait;
use file::DatabaseFile;
use jiff::Timestamp;
use points::PointCache;
use readers::Readers;
use std::path::Path;
use std::sync::Arc;
use writer::Writer;

/// Records that one transaction of [`PredictionStore::prune`] removes, so that others wait briefly.
const PRUNED_AT_ONCE: u64 = 2_000;

/// Keeps predictions in a file of SQLite, which several processes may have open.
///
/// Dropped, it waits until what was begun is written.
#[derive(Debug)]
pub struct SqliteStore {
    // Before the readers, so that the last connection to be closed can write.
    readers: Readers,
    writer: Writer,
    points: Arc<PointCache>,
}

impl SqliteStore {
    /// Opens the file at `path`, which is made, with its folder, if it does not exist. `full_sync`
    /// makes each commit wait for the disk; without it the last commits may be lost when the
    /// machine, not just the process, stops. This blocks.
    ///
    /// # Errors
    /// The file cannot be opened or written, or is none of hp's.
    pub fn open(path: &Path, full_sync: bool) -> Result<Self, StoreError> {
        let file = Arc::new(DatabaseFile::new(path, full_sync));
        Ok(Self {
            writer: Writer::start(Arc::clone(&file))?,
            readers: Readers::new(file),
            points: Arc::default(),
        })
    }
}

#[async_trait]
impl PredictionStore for SqliteStore {
    async fn put(&self, records: Arc<[PredictionRecord]>) -> Result<(), StoreError> {
        self.writer.run(move |group| group.put(&records)).await
    }

    async fn get(&self, id: PredictionId) -> Result<Option<PredictionRecord>, StoreError> {
        let read = move |connection: &_| rows::get(connection, id);
        self.readers.run(read).await
    }

    async fn attach(&self, id: PredictionId, actual: Actual) -> Result<Attached, StoreError> {
        self.writer.run(move |group| group.attach(id, actual)).await
    }

    async fn list(&self, query: &RecordQuery) -> Result<Page, StoreError> {
        let query = query.clone();
        let read = move |connection: &_| rows::list(connection, &query);
        self.readers.run(read).await
    }

    async fn aggregate(&self, query: &AggregateQuery) -> Result<Vec<Aggregate>, StoreError> {
        let query = *query;
        let read = move |connection: &_| hours::read(connection, &query);
        let hours = self.readers.run(read).await?;
        Ok(Rollups::answer(&hours, &query))
    }

    async fn measure(&self, query: &MeasureQuery) -> Result<Vec<Measure>, StoreError> {
        let (query, cache) = (*query, Arc::clone(&self.points));
        let read = move |connection: &_| window::measure(connection, &cache, &query);
        self.readers.run(read).await
    }

    async fn points(&self, query: &PointsQuery) -> Result<Points, StoreError> {
        let (query, cache) = (*query, Arc::clone(&self.points));
        let read = move |connection: &_| window::points(connection, &cache, &query);
        self.readers.run(read).await
    }

    async fn rank(&self, query: &RankQuery) -> Result<Ranked, StoreError> {
        let (query, cache) = (*query, Arc::clone(&self.points));
        let read = move |connection: &_| window::rank(connection, &cache, &query);
        self.readers.run(read).await
    }

    async fn sample(&self, query: &SampleQuery) -> Result<Sample, StoreError> {
        let (query, cache) = (*query, Arc::clone(&self.points));
        let read = move |connection: &_| window::sample(connection, &cache, &query);
        self.readers.run(read).await
    }

    async fn newest(&self) -> Result<Option<PredictionId>, StoreError> {
        self.readers.run(window::newest).await
    }

    async fn extent(&self) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        self.readers.run(window::extent).await
    }

    async fn prune(&self, time: Timestamp) -> Result<u64, StoreError> {
        let end = PredictionId::not_before(time);
        let mut removed = 0;
        loop {
            let slice = self
                .writer
                .run(move |group| group.prune(end, PRUNED_AT_ONCE));
            let slice = slice.await?;
            removed += slice;
            if slice < PRUNED_AT_ONCE {
                return Ok(removed);
            }
        }
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.writer.run(|_| Ok(())).await
    }
}
