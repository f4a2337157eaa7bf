//! What a backend of the prediction log does.

use crate::error::StoreError;
use crate::id::PredictionId;
use crate::paged;
use crate::query::{Aggregate, AggregateQuery, Page, RecordQuery};
use crate::record::{Actual, PredictionRecord};
use crate::window::{
    Measure, MeasureQuery, Points, PointsQuery, RankQuery, Ranked, Sample, SampleQuery,
};
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

    /// The counts and sums that `query` asks for, by start, version and data; those of buckets
    /// without predictions are left out.
    ///
    /// # Errors
    /// The store cannot be read, or looks through records one by one and the window holds too many
    /// ([`StoreError::TooMany`]).
    async fn measure(&self, query: &MeasureQuery) -> Result<Vec<Measure>, StoreError> {
        paged::measure(self, query).await
    }

    /// The newest predictions of a window, without their inputs.
    ///
    /// # Errors
    /// See [`measure`](Self::measure).
    async fn points(&self, query: &PointsQuery) -> Result<Points, StoreError> {
        paged::points(self, query).await
    }

    /// The records of a window in an order, page by page.
    ///
    /// # Errors
    /// See [`measure`](Self::measure).
    async fn rank(&self, query: &RankQuery) -> Result<Ranked, StoreError> {
        paged::rank(self, query).await
    }

    /// Some records of a window.
    ///
    /// # Errors
    /// See [`measure`](Self::measure).
    async fn sample(&self, query: &SampleQuery) -> Result<Sample, StoreError> {
        paged::sample(self, query).await
    }

    /// The id of the newest record.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn newest(&self) -> Result<Option<PredictionId>, StoreError> {
        let newest = self.list(&RecordQuery::newest(None)).await?;
        Ok(newest.records.first().map(|record| record.id))
    }

    /// When the oldest and the newest record were made.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn extent(&self) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        paged::extent(self).await
    }

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
