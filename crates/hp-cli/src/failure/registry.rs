//! What can go wrong with runs, aliases and the tracking server.

use super::{Code, Failure};
use hp_registry::RegistryError;
use hp_registry::mlflow::MlflowError;

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        if let RegistryError::Artifact(error) = error {
            return error.into();
        }
        let hint = error.hint();
        Self::new(Code::Failed, error.into()).perhaps_hint(hint)
    }
}

impl From<MlflowError> for Failure {
    fn from(error: MlflowError) -> Self {
        let code = match &error {
            MlflowError::Setting { .. } | MlflowError::Certificate { .. } => Code::Configuration,
            error if error.is_network() => Code::Network,
            _ => Code::Failed,
        };
        let hint = error.hint();
        Self::new(code, error.into()).perhaps_hint(hint)
    }
}
