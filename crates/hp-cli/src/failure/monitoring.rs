//! What can go wrong with monitoring.

use super::{Code, Failure, failures};
use hp_monitor::policy::{StateError, WebhookError};
use hp_monitor::view::MonitorError;
use hp_monitor::web::MetricsError;

failures! {
    MetricsError => Failed,
}

impl From<MonitorError> for Failure {
    fn from(error: MonitorError) -> Self {
        match error {
            MonitorError::Store(error) => error.into(),
            error @ MonitorError::TooLate { .. } => Self::new(Code::Network, error.into())
                .hint("choose a shorter period, or more time with --store-timeout"),
            error @ MonitorError::Models(_) => {
                Self::new(Code::Failed, error.into()).hint("check --artifacts")
            }
            error => Self::new(Code::Failed, error.into()),
        }
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Io(error) => error.into(),
            error @ StateError::Foreign { .. } => {
                Self::new(Code::Failed, error.into()).hint("name another file with --state")
            }
        }
    }
}

impl From<WebhookError> for Failure {
    fn from(error: WebhookError) -> Self {
        let code = match &error {
            WebhookError::Url => Code::Usage,
            WebhookError::Client(_) => Code::Failed,
            WebhookError::Unreachable { .. } | WebhookError::Refused { .. } => Code::Network,
        };
        Self::new(code, error.into())
    }
}
