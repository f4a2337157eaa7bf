//! Why a command failed: the message, the exit code, and what to do about it. The only place that
//! knows which error has which exit code.

#[cfg(feature = "monitor")]
mod monitoring;
#[cfg(feature = "pipeline")]
mod pipeline;
mod registry;
mod serving;

use crate::output;
use anyhow::anyhow;
use hp_artifact::ArtifactError;
use hp_durable::IoError;
use std::io;
use std::process::ExitCode;

/// The exit codes, as `hp --help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// It did not work.
    Failed = 1,
    /// The arguments contradict each other.
    Usage = 2,
    /// It worked, but a policy was not met.
    Policy = 3,
    /// A configuration file is wrong.
    Configuration = 4,
    /// The network did not give what was asked for.
    Network = 5,
    /// The user stopped it.
    Interrupted = 130,
}

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    code: Code,
    error: anyhow::Error,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: Code, error: anyhow::Error) -> Self {
        Self {
            code,
            error,
            hint: None,
        }
    }

    pub(crate) fn interrupted() -> Self {
        Self::new(Code::Interrupted, anyhow!("interrupted"))
    }

    /// The exit code.
    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// The same failure with another exit code.
    pub(crate) fn with_code(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// Adds what the user can do about it.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Adds what the user can do about it, if that is known.
    pub(crate) fn perhaps_hint(self, hint: Option<impl Into<String>>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Puts what was being done before the message.
    pub(crate) fn context(self, context: impl std::fmt::Display + Send + Sync + 'static) -> Self {
        Self {
            error: self.error.context(context),
            ..self
        }
    }

    /// What is wrong, with its causes.
    pub(crate) fn message(&self) -> String {
        format!("{:#}", self.error)
    }

    /// What the user can do about it, if that is known.
    pub(crate) fn cure(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The error alone.
    pub(crate) fn into_error(self) -> anyhow::Error {
        self.error
    }

    /// Tells the user, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        if self.is_broken_pipe() {
            // The reader has had enough, as `head` does; that is no failure.
            return ExitCode::SUCCESS;
        }
        output::say(format!("error: {}", self.message()));
        if let Some(hint) = &self.hint {
            output::say(format!("hint: {hint}"));
        }
        ExitCode::from(self.code as u8)
    }

    fn is_broken_pipe(&self) -> bool {
        let io_error = self.error.downcast_ref::<io::Error>();
        io_error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// Errors that always mean the same to the user.
macro_rules! failures {
    ($($error:ty => $code:ident),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(Code::$code, error.into())
            }
        })*
    };
}
use failures;

failures! {
    anyhow::Error => Failed,
    io::Error => Failed,
    serde_json::Error => Failed,
}

impl From<IoError> for Failure {
    fn from(error: IoError) -> Self {
        let hint = error.hint().unwrap_or(OTHER_PLACE);
        Self::new(Code::Failed, error.into()).hint(hint)
    }
}

const OTHER_PLACE: &str = "choose another place";

impl From<ArtifactError> for Failure {
    fn from(error: ArtifactError) -> Self {
        let hint = match &error {
            ArtifactError::Io(error) => error.hint().unwrap_or(OTHER_PLACE),
            ArtifactError::Missing { .. } => "check the path, or run `hp train`",
            ArtifactError::NewerFormat { .. } => "update hp",
            ArtifactError::Exists { .. } => "raise `model_versions`",
            ArtifactError::Unlisted { .. } => "remove that file",
            ArtifactError::Encode { .. } => "train a smaller model",
            _ => {
                "take it from where it is sound, or make it again: `hp train --overwrite`, `hp package`"
            }
        };
        Self::new(Code::Failed, error.into()).hint(hint)
    }
}
