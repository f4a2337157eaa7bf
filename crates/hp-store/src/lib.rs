//! The prediction log: every prediction with its inputs, durably, and the true value when it comes.
//!
//! [`PredictionStore`] is what a backend does; [`PredictionLog`] puts a spool on disk beside it, so
//! that predictions outlive a store that is down.

mod id;
mod query;
mod record;
mod rollup;
mod table;
mod window;

mod paged;
mod store;
mod uri;

#[cfg(feature = "dynamodb")]
pub mod dynamodb;
mod memory;
mod open;
mod sqlite;

mod log;
mod spool;

mod error;

pub use error::{LogError, PutError, StoreError};
pub use id::{IdError, IdGenerator, PredictionId};
pub use log::{Kept, LogCounts, LogOptions, PredictionLog};
pub use memory::MemoryStore;
pub use open::{Clock, open, open_even_if_down};
pub use query::{Aggregate, AggregateQuery, Bucket, Page, RecordQuery};
pub use record::{Actual, Inputs, PredictionRecord, Source, SourceError};
pub use spool::read_spool;
pub use sqlite::SqliteStore;
pub use store::{Attached, PredictionStore};
pub use table::{Cell, Columns};
pub use uri::{DynamoDbUri, StoreUri, StoreUriError};
pub use window::{
    Measure, MeasureQuery, Point, Points, PointsQuery, RankBy, RankQuery, Ranked, Sample,
    SampleQuery, Window,
};
