//! What can go wrong with the API, its clients and the prediction log.

use super::{Code, Failure, failures};
use hp_http::{AddressError, KeyError};
use hp_simulate::{ClientError, SampleError};
use hp_store::{LogError, StoreError};
use std::error::Error;

failures! {
    AddressError => Usage,
    KeyError => Usage,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (code, hint) = match &error {
            StoreError::Foreign { .. } => (Code::Failed, Some("choose another place with --store")),
            StoreError::TimedOut { .. } => (Code::Network, Some(UNREACHABLE)),
            StoreError::Failed { source, .. } if is_unreachable(&**source) => {
                (Code::Network, Some(UNREACHABLE))
            }
            // What is not set up names what is missing: a table or variables of the environment.
            _ => (Code::Failed, None),
        };
        Self::new(code, error.into()).perhaps_hint(hint)
    }
}

const UNREACHABLE: &str = "check the network, and `region` and `endpoint` of the address";

#[cfg(feature = "dynamodb")]
fn is_unreachable(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    use hp_store::dynamodb::Refusal;
    matches!(error.downcast_ref(), Some(Refusal::Unreachable(_)))
}

#[cfg(not(feature = "dynamodb"))]
fn is_unreachable(_: &(dyn Error + Send + Sync + 'static)) -> bool {
    false
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        let hint = match &error {
            LogError::NotARecord { .. } => Some("remove or correct that line"),
            _ => None,
        };
        Self::new(Code::Failed, error.into()).perhaps_hint(hint)
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let (code, hint) = match &error {
            ClientError::Url { .. } | ClientError::Key => (Code::Usage, None),
            ClientError::Unreachable { .. } => {
                (Code::Network, Some("check the address; `hp serve` serves"))
            }
            ClientError::Refused { status: 401, .. } => {
                (Code::Failed, Some("give the key with HP_API_KEY"))
            }
            ClientError::Refused { .. } | ClientError::NoModel { .. } => (
                Code::Failed,
                Some("check the address; --artifact describes the model without asking"),
            ),
            ClientError::Build(_) => (Code::Failed, None),
        };
        Self::new(code, error.into()).perhaps_hint(hint)
    }
}

impl From<SampleError> for Failure {
    fn from(error: SampleError) -> Self {
        let code = match &error {
            SampleError::UnknownColumn { .. } | SampleError::Share { .. } => Code::Usage,
            _ => Code::Failed,
        };
        let hint = match &error {
            SampleError::NoRange { .. } => Some("draw rows of a file with --from FILE"),
            _ => None,
        };
        Self::new(code, error.into()).perhaps_hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Failure};
    use hp_store::StoreError;
    use std::error::Error;
    use std::time::Duration;

    fn failed(source: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        let store = "dynamodb://hp_predictions".to_owned();
        let source = source.into();
        let operation = "opened";
        StoreError::Failed {
            store,
            operation,
            source,
        }
        .into()
    }

    #[test]
    fn a_store_that_does_not_answer_is_a_network_failure() {
        let late = Failure::from(StoreError::TimedOut {
            store: "dynamodb://hp_predictions".to_owned(),
            deadline: Duration::from_secs(3),
        });
        assert_eq!(late.code, Code::Network);
        assert!(late.cure().unwrap().contains("region"));
        assert_eq!(failed("the disk is full").code, Code::Failed);
    }

    #[cfg(feature = "dynamodb")]
    #[test]
    fn a_store_that_cannot_be_reached_is_a_network_failure() {
        use hp_store::dynamodb::Refusal;
        let refused = failed(Refusal::Unreachable("connection refused".to_owned()));
        assert_eq!(refused.code, Code::Network);
        assert_eq!(failed(Refusal::Conflict).code, Code::Failed);
    }
}
