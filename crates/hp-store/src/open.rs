//! Opening the store that an address names.

mod late;

use crate::error::StoreError;
use crate::memory::MemoryStore;
use crate::sqlite::SqliteStore;
use crate::store::PredictionStore;
use crate::uri::StoreUri;
use hp_core::cause::chain;
use jiff::Timestamp;
use late::LateStore;
use std::sync::Arc;
use tokio::task;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Opens the store at `uri`. `clock` tells which records have expired, where records do.
///
/// # Errors
/// The store cannot be opened, is not hp's, or this build has no support for it.
pub async fn open(uri: &StoreUri, clock: Clock) -> Result<Arc<dyn PredictionStore>, StoreError> {
    match uri {
        StoreUri::Memory => Ok(Arc::new(MemoryStore::default())),
        StoreUri::Sqlite { path, full_sync } => {
            let (path, full_sync) = (path.clone(), *full_sync);
            let opening = task::spawn_blocking(move || SqliteStore::open(&path, full_sync));
            match opening.await {
                Ok(opened) => Ok(Arc::new(opened?)),
                Err(ended) => Err(StoreError::Failed {
                    store: uri.to_string(),
                    operation: "opened",
                    source: Box::new(ended),
                }),
            }
        }
        StoreUri::DynamoDb(table) => open_dynamodb(table, clock).await,
    }
}

/// Opens the store at `uri` as [`open`] does, or later: when a service is down, as it may be at any
/// other time, the first call that reaches it opens the store.
///
/// # Errors
/// The store is not hp's or not set up, its file cannot be opened, or this build has no support for
/// it.
pub async fn open_even_if_down(
    uri: &StoreUri,
    clock: Clock,
) -> Result<Arc<dyn PredictionStore>, StoreError> {
    match (open(uri, Arc::clone(&clock)).await, uri) {
        (
            Err(error @ (StoreError::Failed { .. } | StoreError::TimedOut { .. })),
            StoreUri::DynamoDb(_),
        ) => {
            let error = chain(&error);
            tracing::warn!(error, "the prediction log cannot be opened yet");
            Ok(Arc::new(LateStore::new(uri.clone(), clock)))
        }
        (opened, _) => opened,
    }
}

#[cfg(feature = "dynamodb")]
async fn open_dynamodb(
    table: &crate::uri::DynamoDbUri,
    clock: Clock,
) -> Result<Arc<dyn PredictionStore>, StoreError> {
    let store = crate::dynamodb::DynamoDbStore::open(table, clock).await?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "dynamodb"))]
#[expect(clippy::unused_async, reason = "with the feature it waits")]
async fn open_dynamodb(
    _table: &crate::uri::DynamoDbUri,
    _clock: Clock,
) -> Result<Arc<dyn PredictionStore>, StoreError> {
    Err(StoreError::NotBuilt {
        scheme: "dynamodb",
        feature: "dynamodb",
    })
}
