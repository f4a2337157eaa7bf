//! What can go wrong with the API, its clients and the prediction log.

use super::{Code, Failure, failures};
use hp_http::{AddressError, KeyError};
use hp_simulate::{ClientError, SampleError};
use hp_store::{LogError, StoreError};

failures! {
    AddressError => Usage,
    KeyError => Usage,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let hint = match &error {
            StoreError::NotSetUp { .. } => Some("`hp log init` sets it up"),
            StoreError::Foreign { .. } => Some("choose another place with --store"),
            _ => None,
        };
        Self::new(Code::Failed, error.into()).perhaps_hint(hint)
    }
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
