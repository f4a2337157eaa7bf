//! Why a prediction could not be kept or found.

use hp_durable::IoError;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

/// A store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or service refuses, or cannot be reached.
    #[error("the prediction log `{store}` cannot be {operation}")]
    Failed {
        /// Its address, without secrets.
        store: String,
        /// What was tried: `opened`, `read`, `written`.
        operation: &'static str,
        /// What the file or service said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The store holds something that this version of hp does not understand.
    #[error("the prediction log `{store}` is not as hp wrote it: {problem}")]
    Foreign {
        /// Its address, without secrets.
        store: String,
        /// What is wrong.
        problem: String,
    },
    /// The store is well, but does not take what it was given, and never will.
    #[error("the prediction log `{store}` does not take what it was given")]
    Refused {
        /// Its address, without secrets.
        store: String,
        /// What the file or service said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The table or its settings are not there.
    #[error("the prediction log `{store}` is not set up: {problem}")]
    NotSetUp {
        /// Its address, without secrets.
        store: String,
        /// What is missing.
        problem: String,
        /// Why it was not found, if something says so.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// It took too long.
    #[error("the prediction log `{store}` did not answer within {} ms", deadline.as_millis())]
    TimedOut {
        /// Its address, without secrets.
        store: String,
        /// How long it had.
        deadline: Duration,
    },
    /// The window holds more predictions than this store looks at one by one.
    #[error(
        "the window holds more than {limit} predictions, the most that this kind of prediction \
         log looks through: narrow the time, the version or the source"
    )]
    TooMany {
        /// The most predictions that it takes.
        limit: usize,
    },
    /// This build of hp cannot talk to such a store.
    #[error("this build of hp has no support for `{scheme}` (cargo feature `{feature}`)")]
    NotBuilt {
        /// The scheme of the address.
        scheme: &'static str,
        /// The feature to build with.
        feature: &'static str,
    },
}

/// The store of a log did not take records.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// It failed.
    #[error(transparent)]
    Failed(#[from] StoreError),
    /// It took longer than the log waits; it may still take them.
    #[error("the prediction log did not answer within {} ms", deadline.as_millis())]
    TooLate {
        /// How long it had.
        deadline: Duration,
    },
}

impl PutError {
    /// Whether the records are refused for what they are, by a store that is well.
    pub(crate) fn is_of_the_records(&self) -> bool {
        matches!(self, Self::Failed(StoreError::Refused { .. }))
    }
}

/// Neither the store nor the spool could keep a prediction.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The store is down, and the spool has grown as large as it may.
    #[error("the store is down and its spool `{}` is full ({limit} bytes)", path.display())]
    SpoolFull {
        /// The spool.
        path: PathBuf,
        /// Its limit.
        limit: u64,
    },
    /// The spool cannot be locked, read or written.
    #[error(transparent)]
    Spool(#[from] IoError),
    /// The store does not take what the spool holds.
    #[error("the spool `{}` cannot be delivered", path.display())]
    Undelivered {
        /// The spool.
        path: PathBuf,
        /// Why not.
        #[source]
        source: PutError,
    },
    /// A line of a spool is not a record.
    #[error("`{}` line {line} is not a record", path.display())]
    NotARecord {
        /// The spool.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}
