//! What can go wrong from a raw file to an archive.

use super::{Code, Failure, failures};
use hp_core::yaml::ConfigError;
use hp_data::versions::DataVersionError;
use hp_data::{DataError, FetchError, Policy, Stale};
use hp_evaluate::evaluation::EvaluationError;
use hp_evaluate::report::ReportError;
use hp_features::FeatureError;
use hp_train::TrainError;

failures! {
    ConfigError => Configuration,
    EvaluationError => Failed,
    ReportError => Failed,
}

impl From<Policy> for Failure {
    fn from(policy: Policy) -> Self {
        Self::new(Code::Policy, policy.into()).hint(
            "`hp validate FILE` lists the cells; correct them, or adapt `columns` and `max_rejected` in the data configuration",
        )
    }
}

impl From<FeatureError> for Failure {
    fn from(error: FeatureError) -> Self {
        let hint = feature_hint(&error);
        Self::new(Code::Failed, error.into()).perhaps_hint(hint)
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        let code = if error.is_policy() {
            Code::Policy
        } else {
            Code::Failed
        };
        let hint = error.hint();
        Self::new(code, error.into()).perhaps_hint(hint)
    }
}

impl From<DataVersionError> for Failure {
    fn from(error: DataVersionError) -> Self {
        let code = match &error {
            DataVersionError::NotATag { .. } | DataVersionError::LongMessage { .. } => Code::Usage,
            DataVersionError::Taken { .. } => Code::Policy,
            _ => Code::Failed,
        };
        let hint = error.hint();
        match error {
            DataVersionError::Data(error) => error.into(),
            DataVersionError::Io(error) => error.into(),
            error => Self::new(code, error.into()).perhaps_hint(hint),
        }
    }
}

impl From<Stale> for Failure {
    fn from(stale: Stale) -> Self {
        match stale {
            Stale::Unusable(error) => error.into(),
            stale => Self::new(Code::Failed, stale.into()).hint("run `hp fetch`"),
        }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        let code = if error.is_network() {
            Code::Network
        } else {
            Code::Failed
        };
        let hint = error.hint();
        Self::new(code, error.into()).perhaps_hint(hint)
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        let code = if error.is_interrupt() {
            Code::Interrupted
        } else {
            Code::Failed
        };
        let hint = match &error {
            TrainError::Features(error) => feature_hint(error),
            _ => None,
        };
        Self::new(code, error.into()).perhaps_hint(hint)
    }
}

fn feature_hint(error: &FeatureError) -> Option<&'static str> {
    match error {
        FeatureError::EmptySplit { .. } => {
            Some("use more rows, or adapt `test_size` in the data configuration")
        }
        FeatureError::Folds { .. } => Some(
            "use more rows, or fewer `folds` under `cross_validation` in the model configuration",
        ),
        _ => None,
    }
}
