//! What went wrong with the file, in a form that can be told to everyone in a group.

use crate::error::StoreError;
use rusqlite::ErrorCode;
use std::error::Error;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// SQLite takes this never, as it is too large or of another kind.
    Unfit(Arc<dyn Error + Send + Sync>),
    /// SQLite or the system refused.
    Refused(Arc<dyn Error + Send + Sync>),
    /// The file holds something that hp did not write.
    Foreign(String),
}

impl Failure {
    /// Whether another process has locked the file.
    pub(super) fn is_busy(&self) -> bool {
        let Self::Refused(error) = self else {
            return false;
        };
        let error = error.downcast_ref::<rusqlite::Error>();
        error.and_then(rusqlite::Error::sqlite_error_code) == Some(ErrorCode::DatabaseBusy)
    }

    /// The error of the store `store`, with which it could not be `operation`.
    pub(super) fn of(self, store: &str, operation: &'static str) -> StoreError {
        let store = store.to_owned();
        match self {
            Self::Refused(source) => StoreError::Failed {
                store,
                operation,
                source: Box::new(source),
            },
            Self::Unfit(source) => StoreError::Refused {
                store,
                source: Box::new(source),
            },
            Self::Foreign(problem) => StoreError::Foreign { store, problem },
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign("it is no file of SQLite".to_owned()),
            Some(ErrorCode::DatabaseCorrupt) => Self::Foreign("it is damaged".to_owned()),
            Some(ErrorCode::TooBig | ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) => {
                Self::Unfit(Arc::new(error))
            }
            _ => Self::Refused(Arc::new(error)),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Refused(Arc::new(error))
    }
}
