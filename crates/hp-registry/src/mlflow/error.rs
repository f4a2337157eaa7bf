//! Why the tracking server could not be told or asked.

use crate::run::RunId;
use hp_artifact::ArtifactError;
use hp_core::version::ModelVersion;
use hp_durable::IoError;
use std::path::PathBuf;
use std::time::Duration;

/// Why the tracking server could not be told or asked. No variant holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum MlflowError {
    /// A setting cannot be used.
    #[error("`{variable}` {problem}")]
    Setting {
        /// The environment variable, or the key of the credentials file.
        variable: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A certificate cannot be used.
    #[error("`{}` in `{variable}` is no certificate that can be used", path.display())]
    Certificate {
        /// The environment variable.
        variable: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: reqwest::Error,
    },
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made")]
    Client(#[source] reqwest::Error),
    /// There is no connection.
    #[error("the tracking server `{server}` cannot be reached: {problem}")]
    Unreachable {
        /// The server.
        server: String,
        /// Why not: what the system or the encryption said first.
        problem: String,
    },
    /// The answer did not come in time.
    #[error("`{call}` was not answered within {} s", after.as_secs_f64())]
    TimedOut {
        /// What was asked.
        call: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// The server wants other credentials.
    #[error("the tracking server refused `{call}` with status {status}")]
    Refused {
        /// What was asked.
        call: String,
        /// 401 or 403.
        status: u16,
    },
    /// The server does not want to be called by this name.
    #[error("the tracking server does not answer to the name `{host}`")]
    Host {
        /// The host of the tracking URI.
        host: String,
    },
    /// The server sends the caller elsewhere.
    #[error("`{call}` is redirected to `{location}`")]
    Redirected {
        /// What was asked.
        call: String,
        /// Where to, without query.
        location: String,
    },
    /// The server answered with an error of its own.
    #[error("`{call}` failed with status {status}, {code}: {message}")]
    Api {
        /// What was asked.
        call: String,
        /// The status code.
        status: u16,
        /// The name of the error, `RESOURCE_DOES_NOT_EXIST`.
        code: String,
        /// Its message, shortened.
        message: String,
    },
    /// The answer is not of MLflow: a login page, or a proxy's error.
    #[error("`{call}` was answered with status {status} and `{content_type}`, not with JSON")]
    NotJson {
        /// What was asked.
        call: String,
        /// The status code.
        status: u16,
        /// What the answer says it is.
        content_type: String,
    },
    /// The answer ended too early.
    #[error("the answer to `{call}` ended too early")]
    Truncated {
        /// What was asked.
        call: String,
    },
    /// The answer is larger than any that is expected.
    #[error("the answer to `{call}` has more than {limit} bytes")]
    TooLarge {
        /// What was asked.
        call: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The answer lacks what it should contain.
    #[error("the answer to `{call}` is not what MLflow answers")]
    Unexpected {
        /// What was asked.
        call: String,
        /// What is missing.
        #[source]
        source: serde_json::Error,
    },
    /// The experiment was deleted on the server.
    #[error("the experiment `{experiment}` is deleted")]
    ExperimentDeleted {
        /// Its name or id.
        experiment: String,
    },
    /// The server keeps its files where only it or its cloud can reach them.
    #[error("files at `{uri}` cannot be reached through the tracking server")]
    Storage {
        /// Where they are.
        uri: String,
    },
    /// The run is at work.
    #[error("the run `{0}` is still at work")]
    StillRunning(RunId),
    /// A file beside the models is not what hp writes.
    #[error("`{}` cannot be understood", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// The server does not know the version.
    #[error("the version `{version}` is not registered on the tracking server")]
    NotRegistered {
        /// The version.
        version: ModelVersion,
    },
    /// The server has no such version.
    #[error("the tracking server has no `{reference}`")]
    NoSuchVersion {
        /// What was asked for.
        reference: String,
    },
    /// The registered version was not written by hp.
    #[error("`{reference}` is not a version of hp: {problem}")]
    Foreign {
        /// What was asked for.
        reference: String,
        /// What is missing or wrong.
        problem: String,
    },
    /// A name on the server could lead out of the folder it belongs into.
    #[error("`{reference}` lists `{name}`, which no version contains")]
    Hostile {
        /// What was asked for.
        reference: String,
        /// The beginning of the name.
        name: String,
    },
    /// Every download of a file differed from what it should be.
    #[error("`{file}` came damaged: {problem}")]
    Damaged {
        /// Its name.
        file: String,
        /// How it differs.
        problem: String,
    },
    /// Another version of that name is there, and versions do not change.
    #[error("`{}` is there already and is not the version on the server", path.display())]
    Different {
        /// The folder of the version.
        path: PathBuf,
    },
    /// A version is not sound.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] IoError),
}

impl MlflowError {
    /// What to do about it, when there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable { .. } => {
                Some("check MLFLOW_TRACKING_URI and whether the server is up")
            }
            Self::TimedOut { .. } => {
                Some("the server is slow; MLFLOW_HTTP_REQUEST_TIMEOUT gives it more seconds")
            }
            Self::Refused { .. } => Some(
                "check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or \
                 MLFLOW_TRACKING_TOKEN, and what this user may do",
            ),
            Self::Host { .. } => Some(
                "start the server with `--allowed-hosts` and this name, or set \
                 MLFLOW_SERVER_ALLOWED_HOSTS for it",
            ),
            Self::Redirected { .. } => Some("set MLFLOW_TRACKING_URI to the address it leads to"),
            Self::NotJson { .. } | Self::Unexpected { .. } => Some(
                "check that MLFLOW_TRACKING_URI is the address of the server itself, with its \
                 path, and not of a page to log in",
            ),
            Self::ExperimentDeleted { .. } => {
                Some("restore it on the server, or name another in MLFLOW_EXPERIMENT_NAME")
            }
            Self::Storage { .. } => Some(
                "start the server with `--artifacts-destination` and without \
                 `--no-serve-artifacts`, and use an experiment made since then",
            ),
            Self::StillRunning(_) => Some("wait until it has ended"),
            Self::NotRegistered { .. } => Some("send its run first with `hp runs sync`"),
            Self::Damaged { .. } => Some("the file on the server may be damaged; register it anew"),
            Self::Different { .. } => {
                Some("move the folder away, or pull into another with `--artifacts`")
            }
            Self::Io(error) => error.hint(),
            _ => None,
        }
    }

    /// Whether the server or the way to it is to blame, so that trying later may help.
    #[must_use]
    pub fn is_network(&self) -> bool {
        match self {
            // What answers with a page where data is expected is a proxy on the way.
            Self::NotJson {
                status: 200,
                content_type,
                ..
            } => content_type.starts_with("text/html"),
            Self::Api { status, .. } | Self::NotJson { status, .. } => {
                *status >= 500 || matches!(status, 408 | 429)
            }
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Refused { .. }
            | Self::Host { .. }
            | Self::Redirected { .. }
            | Self::Truncated { .. }
            | Self::Damaged { .. } => true,
            _ => false,
        }
    }

    /// Whether the server says that what was asked for is not there.
    pub(super) fn is_missing(&self) -> bool {
        // An alias that is not there is an invalid value to MLflow.
        matches!(self, Self::Api { status: 404, .. })
            || matches!(self, Self::Api { status: 400, message, .. } if message.contains("not found"))
    }

    /// Whether the server says that what was to be created is there.
    pub(super) fn is_duplicate(&self) -> bool {
        matches!(self, Self::Api { code, .. } if code == "RESOURCE_ALREADY_EXISTS")
    }

    /// Whether the server does not know the route at all.
    pub(super) fn is_unknown_route(&self) -> bool {
        match self {
            Self::NotJson { status, .. } => matches!(status, 404 | 405),
            Self::Api { status, code, .. } => {
                matches!(status, 404 | 405) && matches!(code.as_str(), "ENDPOINT_NOT_FOUND" | "")
            }
            _ => false,
        }
    }
}
