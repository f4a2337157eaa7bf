//! The prediction log in memory: for tests, for trying out, and the plain model of what the other
//! backends do.

use crate::error::StoreError;
use crate::id::PredictionId;
use crate::query::{Aggregate, AggregateQuery, Bucket, Page, RecordQuery};
use crate::record::{Actual, PredictionRecord};
use crate::rollup::Rollups;
use crate::store::{Attached, PredictionStore};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keeps predictions until the process ends.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    records: BTreeMap<PredictionId, PredictionRecord>,
    hours: Rollups,
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl PredictionStore for MemoryStore {
    async fn put(&self, records: Arc<[PredictionRecord]>) -> Result<(), StoreError> {
        let state = &mut *self.state();
        for record in records.iter() {
            if !state.records.contains_key(&record.id) {
                state.hours.count(record, Bucket::Hour);
                state.records.insert(record.id, record.clone());
            }
        }
        Ok(())
    }

    async fn get(&self, id: PredictionId) -> Result<Option<PredictionRecord>, StoreError> {
        Ok(self.state().records.get(&id).cloned())
    }

    async fn attach(&self, id: PredictionId, actual: Actual) -> Result<Attached, StoreError> {
        let state = &mut *self.state();
        let Some(record) = state.records.get_mut(&id) else {
            return Ok(Attached::Unknown);
        };
        if let Some(first) = record.actual {
            return Ok(Attached::again(first, actual));
        }
        state.hours.count_actual(record, actual, Bucket::Hour);
        record.actual = Some(actual);
        Ok(Attached::New)
    }

    async fn list(&self, query: &RecordQuery) -> Result<Page, StoreError> {
        let state = self.state();
        let newest_first = state.records.values().rev();
        let asked_for = newest_first.filter(|record| query.matches(record));
        let one_more = query.limit.get().saturating_add(1);
        Ok(query.page(asked_for.take(one_more).cloned().collect()))
    }

    async fn aggregate(&self, query: &AggregateQuery) -> Result<Vec<Aggregate>, StoreError> {
        Ok(Rollups::answer(self.state().hours.iter(), query))
    }

    async fn prune(&self, time: Timestamp) -> Result<u64, StoreError> {
        let records = &mut self.state().records;
        let kept = records.split_off(&PredictionId::not_before(time));
        let removed = std::mem::replace(records, kept);
        Ok(removed.len() as u64)
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
