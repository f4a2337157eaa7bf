//! What DynamoDB's errors mean, and what can be done about them.

use super::table::ACTIONS;
use crate::error::StoreError;
use aws_sdk_dynamodb::error::{
    BuildError, DisplayErrorContext, ErrorMetadata, ProvideErrorMetadata, SdkError,
};
use std::error::Error;
use std::time::Duration;

/// Why DynamoDB did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// It cannot be reached.
    #[error("DynamoDB cannot be reached: {0}")]
    Unreachable(String),
    /// The credentials do not allow it.
    #[error("access is denied ({code}: {message}); the role needs {}", ACTIONS.join(", "))]
    Denied {
        /// The code of the error.
        code: String,
        /// What DynamoDB says.
        message: String,
    },
    /// More is asked of it than it gives.
    #[error("DynamoDB throttles requests ({code}: {message}); more `shards` spread them further")]
    Throttled {
        /// The code of the error.
        code: String,
        /// What DynamoDB says.
        message: String,
    },
    /// Other transactions kept changing the same sums.
    #[error("other writers kept changing the sums of the same hour; more `shards` keep them apart")]
    Conflict,
    /// Some deletions of a batch were put off again and again.
    #[error("DynamoDB left {0} deletions undone")]
    Unprocessed(usize),
    /// Any other error of the service.
    #[error("DynamoDB answers {code}: {message}")]
    Service {
        /// The code of the error.
        code: String,
        /// What DynamoDB says.
        message: String,
    },
    /// An error within this process.
    #[error("the request cannot be made: {0}")]
    Request(String),
}

/// The address of a table for error messages.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) table: String,
    pub(super) region: String,
    /// How long one call may take.
    pub(super) deadline: Duration,
}

impl Address {
    /// The address as text, without secrets.
    pub(super) fn text(&self) -> String {
        format!("dynamodb://{}?region={}", self.table, self.region)
    }

    /// The error that `refusal` is, when the log should be `operation`: `opened`, `read`, `written`.
    pub(super) fn failed(&self, operation: &'static str, refusal: Refusal) -> StoreError {
        StoreError::Failed {
            store: self.text(),
            operation,
            source: Box::new(refusal),
        }
    }

    /// The error of a request that this process cannot make.
    pub(super) fn request(&self, operation: &'static str, error: BuildError) -> StoreError {
        self.failed(operation, Refusal::Request(error.to_string()))
    }

    /// The error of something that is missing.
    pub(super) fn not_set_up(&self, problem: String) -> StoreError {
        StoreError::NotSetUp {
            store: self.text(),
            problem,
            source: None,
        }
    }

    /// The error of something that hp did not write like this.
    pub(super) fn foreign(&self, problem: String) -> StoreError {
        StoreError::Foreign {
            store: self.text(),
            problem,
        }
    }

    /// What the SDK's `error` means for the log.
    pub(super) fn sdk<E>(&self, operation: &'static str, error: SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let timed_out = || StoreError::TimedOut {
            store: self.text(),
            deadline: self.deadline,
        };
        match &error {
            SdkError::TimeoutError(_) => timed_out(),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => timed_out(),
            SdkError::DispatchFailure(failure) if failure.is_io() => {
                let text = DisplayErrorContext(&error).to_string();
                self.failed(operation, Refusal::Unreachable(shortened(&text)))
            }
            SdkError::ServiceError(answer) => self.service(operation, answer.err().meta()),
            _ => {
                let text = DisplayErrorContext(&error).to_string();
                self.failed(operation, Refusal::Request(shortened(&text)))
            }
        }
    }

    fn service(&self, operation: &'static str, meta: &ErrorMetadata) -> StoreError {
        let code = meta.code().unwrap_or("an unnamed error").to_owned();
        let message = shortened(meta.message().unwrap_or("no message"));
        let refusal = match code.as_str() {
            "ResourceNotFoundException" => return self.no_table(),
            "AccessDeniedException"
            | "ExpiredTokenException"
            | "IncompleteSignature"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException"
            | "UnrecognizedClientException" => Refusal::Denied { code, message },
            "LimitExceededException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ThrottlingException" => Refusal::Throttled { code, message },
            "ValidationException" if operation == "written" => return self.refused(meta),
            _ => Refusal::Service { code, message },
        };
        self.failed(operation, refusal)
    }

    /// The error of something that a table which is well does not take.
    pub(super) fn refused(&self, meta: &ErrorMetadata) -> StoreError {
        let refusal = Refusal::Service {
            code: meta.code().unwrap_or("an unnamed error").to_owned(),
            message: shortened(meta.message().unwrap_or("no message")),
        };
        StoreError::Refused {
            store: self.text(),
            source: Box::new(refusal),
        }
    }

    /// The error of a table that is not there.
    pub(super) fn no_table(&self) -> StoreError {
        let Self { table, region, .. } = self;
        self.not_set_up(format!(
            "the table `{table}` is not in region `{region}`; `hp log init` creates it"
        ))
    }
}

/// The same error for another caller that waited for it.
pub(super) fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Failed {
            store,
            operation,
            source,
        } => StoreError::Failed {
            store: store.clone(),
            operation,
            source: copied(source.as_ref()),
        },
        StoreError::Refused { store, source } => StoreError::Refused {
            store: store.clone(),
            source: copied(source.as_ref()),
        },
        StoreError::Foreign { store, problem } => StoreError::Foreign {
            store: store.clone(),
            problem: problem.clone(),
        },
        StoreError::NotSetUp {
            store,
            problem,
            source,
        } => StoreError::NotSetUp {
            store: store.clone(),
            problem: problem.clone(),
            source: source.as_deref().map(copied),
        },
        StoreError::TimedOut { store, deadline } => StoreError::TimedOut {
            store: store.clone(),
            deadline: *deadline,
        },
        &StoreError::TooMany { limit } => StoreError::TooMany { limit },
        &StoreError::NotBuilt { scheme, feature } => StoreError::NotBuilt { scheme, feature },
    }
}

/// The same source for another error.
fn copied(source: &(dyn Error + Send + Sync + 'static)) -> Box<dyn Error + Send + Sync> {
    match source.downcast_ref::<Refusal>() {
        Some(refusal) => Box::new(refusal.clone()),
        None => source.to_string().into(),
    }
}

/// The first line of a text, cut to what a message may hold.
fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(500).collect()
}
