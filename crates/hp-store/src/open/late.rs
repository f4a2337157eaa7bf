//! A store that was down when it was to be opened, and is opened by the first call that succeeds.

use super::{Clock, open};
use crate::error::StoreError;
use crate::id::PredictionId;
use crate::query::{Aggregate, AggregateQuery, Page, RecordQuery};
use crate::record::{Actual, PredictionRecord};
use crate::store::{Attached, PredictionStore};
use crate::uri::StoreUri;
use crate::window::{
    Measure, MeasureQuery, Points, PointsQuery, RankQuery, Ranked, Sample, SampleQuery,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Opens the store at the first call, again and again until that succeeds.
pub(super) struct LateStore {
    uri: StoreUri,
    clock: Clock,
    store: OnceCell<Arc<dyn PredictionStore>>,
}

impl LateStore {
    pub(super) fn new(uri: StoreUri, clock: Clock) -> Self {
        let store = OnceCell::new();
        Self { uri, clock, store }
    }

    async fn store(&self) -> Result<&dyn PredictionStore, StoreError> {
        let opened = || open(&self.uri, Arc::clone(&self.clock));
        Ok(&**self.store.get_or_try_init(opened).await?)
    }
}

impl fmt::Debug for LateStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LateStore")
            .field("uri", &self.uri)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl PredictionStore for LateStore {
    async fn put(&self, records: Arc<[PredictionRecord]>) -> Result<(), StoreError> {
        self.store().await?.put(records).await
    }

    async fn get(&self, id: PredictionId) -> Result<Option<PredictionRecord>, StoreError> {
        self.store().await?.get(id).await
    }

    async fn attach(&self, id: PredictionId, actual: Actual) -> Result<Attached, StoreError> {
        self.store().await?.attach(id, actual).await
    }

    async fn list(&self, query: &RecordQuery) -> Result<Page, StoreError> {
        self.store().await?.list(query).await
    }

    async fn aggregate(&self, query: &AggregateQuery) -> Result<Vec<Aggregate>, StoreError> {
        self.store().await?.aggregate(query).await
    }

    async fn measure(&self, query: &MeasureQuery) -> Result<Vec<Measure>, StoreError> {
        self.store().await?.measure(query).await
    }

    async fn points(&self, query: &PointsQuery) -> Result<Points, StoreError> {
        self.store().await?.points(query).await
    }

    async fn rank(&self, query: &RankQuery) -> Result<Ranked, StoreError> {
        self.store().await?.rank(query).await
    }

    async fn sample(&self, query: &SampleQuery) -> Result<Sample, StoreError> {
        self.store().await?.sample(query).await
    }

    async fn newest(&self) -> Result<Option<PredictionId>, StoreError> {
        self.store().await?.newest().await
    }

    async fn extent(&self) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        self.store().await?.extent().await
    }

    async fn prune(&self, time: Timestamp) -> Result<u64, StoreError> {
        self.store().await?.prune(time).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.store().await?.check().await
    }
}

#[cfg(test)]
mod tests {
    use super::LateStore;
    use crate::store::PredictionStore;
    use jiff::Timestamp;
    use std::fs;
    use std::sync::Arc;

    #[tokio::test]
    async fn is_opened_as_soon_as_that_succeeds() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("log");
        fs::write(&place, "no folder").unwrap();
        let uri = format!("sqlite://{}/predictions.db", place.display());
        let store = LateStore::new(uri.parse().unwrap(), Arc::new(Timestamp::now));
        assert!(store.check().await.is_err());
        fs::remove_file(&place).unwrap();
        store.check().await.unwrap();
    }
}
