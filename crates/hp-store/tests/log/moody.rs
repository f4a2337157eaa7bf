//! A store in memory that fails, hangs or works as a test wants.

use async_trait::async_trait;
use hp_store::{
    Actual, Aggregate, AggregateQuery, Attached, MemoryStore, Page, PredictionId, PredictionRecord,
    PredictionStore, RecordQuery, StoreError,
};
use jiff::Timestamp;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of the next puts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Mood {
    #[default]
    Working,
    Failing,
    /// Works so many times, then fails.
    FailingAfter(usize),
    FailingEverySecond,
    /// Refuses calls with a record without inputs.
    Picky,
    /// Works after a minute, whether anybody waits or not.
    Late,
}

#[derive(Debug, Default)]
pub(crate) struct MoodyStore {
    memory: Arc<MemoryStore>,
    /// The mood, the puts since it was set, and all puts.
    state: Mutex<(Mood, usize, usize)>,
}

impl MoodyStore {
    pub(crate) fn set(&self, mood: Mood) {
        let mut state = self.state.lock().unwrap();
        (state.0, state.1) = (mood, 0);
    }

    /// How often records were put.
    pub(crate) fn puts(&self) -> usize {
        self.state.lock().unwrap().2
    }
}

#[async_trait]
impl PredictionStore for MoodyStore {
    async fn put(&self, records: Arc<[PredictionRecord]>) -> Result<(), StoreError> {
        let (mood, earlier, _) = {
            let mut state = self.state.lock().unwrap();
            let before = *state;
            state.1 += 1;
            state.2 += 1;
            before
        };
        let fails = match mood {
            Mood::Working => false,
            Mood::Failing => true,
            Mood::FailingAfter(count) => earlier >= count,
            Mood::FailingEverySecond => earlier % 2 == 1,
            Mood::Picky => {
                if records.iter().any(|record| record.inputs.names.is_empty()) {
                    return Err(StoreError::Refused {
                        store: "moody:".to_owned(),
                        source: "no inputs".into(),
                    });
                }
                false
            }
            Mood::Late => {
                let memory = self.memory.clone();
                let late = tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_mins(1)).await;
                    memory.put(records).await
                });
                return late.await.unwrap();
            }
        };
        if fails {
            return Err(StoreError::Failed {
                store: "moody:".to_owned(),
                operation: "written",
                source: "not today".into(),
            });
        }
        self.memory.put(records).await
    }

    async fn get(&self, id: PredictionId) -> Result<Option<PredictionRecord>, StoreError> {
        self.memory.get(id).await
    }

    async fn attach(&self, id: PredictionId, actual: Actual) -> Result<Attached, StoreError> {
        self.memory.attach(id, actual).await
    }

    async fn list(&self, query: &RecordQuery) -> Result<Page, StoreError> {
        self.memory.list(query).await
    }

    async fn aggregate(&self, query: &AggregateQuery) -> Result<Vec<Aggregate>, StoreError> {
        self.memory.aggregate(query).await
    }

    async fn prune(&self, time: Timestamp) -> Result<u64, StoreError> {
        self.memory.prune(time).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.memory.check().await
    }
}
