//! What a backend of the prediction log does.

use crate::error::StoreError;
use crate::id::PredictionId;
use crate::query::{Aggregate, AggregateQuery, Page, RecordQuery};
use crate::record::{Actual, PredictionRecord};
use async_trait::async_trait;
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// A place where predictions are kept.
#[async_trait]
pub trait PredictionStore: Send + Sync + fmt::Debug {
    /// Keeps the records. When it returns they outlast a crash; those whose id is known already stay
    /// as they are, so that a call may be repeated.
    ///
    /// # Errors
    /// The store cannot be reached or written; some of the records may be kept.
    async fn put(&self, records: Arc<[PredictionRecord]>) -> Result<(), StoreError>;

    /// The record `id`, if it is kept.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn get(&self, id: PredictionId) -> Result<Option<PredictionRecord>, StoreError>;

    /// Attaches the true value to the record `id`. The first value stays.
    ///
    /// # Errors
    /// The store cannot be written.
    async fn attach(&self, id: PredictionId, actual: Actual) -> Result<Attached, StoreError>;

    /// The records that `query` asks for.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn list(&self, query: &RecordQuery) -> Result<Page, StoreError>;

    /// The aggregates that `query` asks for, by start, version and source.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn aggregate(&self, query: &AggregateQuery) -> Result<Vec<Aggregate>, StoreError>;

    /// Removes the records before `time` and gives their number; aggregates stay. One that is put
    /// again later is a new one, and counted again.
    ///
    /// # Errors
    /// The store cannot be written.
    async fn prune(&self, time: Timestamp) -> Result<u64, StoreError>;

    /// Whether records can be kept now.
    ///
    /// # Errors
    /// Why they cannot.
    async fn check(&self) -> Result<(), StoreError>;
}

/// What became of a true value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Attached {
    /// It is attached.
    New,
    /// This value was attached before.
    Same,
    /// Another value was attached before, and stays.
    Other(Actual),
    /// There is no such record.
    Unknown,
}

impl Attached {
    /// What became of `actual` when `first` was attached before.
    pub(crate) fn again(first: Actual, actual: Actual) -> Self {
        #[expect(clippy::float_cmp, reason = "the same value, not a near one")]
        let same = first.value == actual.value;
        if same { Self::Same } else { Self::Other(first) }
    }
}
