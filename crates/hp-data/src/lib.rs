//! Fetching, validating and versioning a data set, and reading and writing files of any size.
//!
//! From a source to `data/<name>.csv`:
//!
//! ```no_run
//! # async fn run(config: &hp_core::config::DataConfig) -> Result<(), Box<dyn std::error::Error>> {
//! use hp_data::{Batches, DataSet, FetchEvent, FetchRequest, Layout, Purpose, ReadOptions, fetch, validate};
//! # let (now, jitter) = (jiff::Timestamp::UNIX_EPOCH, || 0.5);
//! let request = FetchRequest {
//!     sources: &config.sources,
//!     limits: &config.download,
//!     offline: false,
//!     folder: "data".as_ref(),
//!     now: &|| now,
//!     jitter: &jitter,
//! };
//! let fetched = fetch(&request, &|event: FetchEvent<'_>| eprintln!("{event:?}")).await?;
//! let layout = Layout::of(config);
//! let options = ReadOptions::validating(config);
//! let batches = Batches::from_file(fetched.file, &fetched.origin.source, &layout, &options)?;
//! let validated = validate(batches, &layout, Purpose::Labelled, &mut |position| ())?;
//! validated.verdict(config.max_rejected)?;
//! DataSet::new("data", &config.name).publish(&validated, config, &fetched.origin)?;
//! # Ok(()) }
//! ```
//!
//! Scoring a file larger than memory reads [`Batches`], turns each [`Batch`] into numbers with a
//! [`Checker`] and hands both to a [`PredictionWriter`].

mod error;
mod layout;

mod fetch;

mod batch;
mod csv_reader;
mod parquet_reader;
mod reader;

mod check;
mod validate;

mod dataset;
mod manifest;
pub mod versions;

mod frame_writer;
mod parquet_table;
mod prediction_writer;

pub use batch::Batch;
pub use check::{CheckedBatch, Checker, Fault, Purpose, Rejection};
pub use dataset::{DataSet, Stale, canonical_fingerprint};
pub use error::DataError;
pub use fetch::{
    FetchError, FetchEvent, FetchObserver, FetchRequest, Fetched, SourceError, SourceFailure,
    fetch, overridden, shown,
};
pub use layout::{ColumnRole, Layout};
pub use manifest::{ColumnSummary, DataManifest, Origin, config_fingerprint};
pub use parquet_table::{ParquetTable, Values};
pub use prediction_writer::PredictionWriter;
pub use reader::{Batches, Position, ReadOptions};
pub use validate::{FaultCount, MAX_REJECTIONS, Policy, Validated, validate};
