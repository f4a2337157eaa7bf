//! The prediction log: every prediction with its inputs, durably, and the true value when it comes.
//!
//! [`PredictionStore`] is what a backend does; [`PredictionLog`] puts a spool on disk beside it, so
//! that predictions outlive a store that is down.

mod id;
mod query;
mod record;
mod store;
mod uri;

mod log;
mod spool;

#[cfg(feature = "dynamodb")]
pub mod dynamodb;
mod memory;
mod sqlite;

mod error;

pub use error::{LogError, StoreError};
pub use id::{IdError, IdGenerator, PredictionId};
pub use log::{Kept, LogOptions};
pub use memory::MemoryStore;
pub use query::{Aggregate, AggregateQuery, Bucket, Page, RecordQuery};
pub use record::{Actual, Inputs, PredictionRecord, Source, SourceError};
pub use store::{Attached, PredictionStore};
pub use uri::{DynamoDbUri, StoreUri, StoreUriError};
