//! Why a data set could not be had from its sources.

use hp_core::fingerprint::Fingerprint;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a data set could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No source could be used.
    #[error("no source could be used: {}", described(.0))]
    NoSource(Vec<SourceFailure>),
    /// The bytes of a source are not those that were promised. No other source was tried.
    #[error("`{location}` has sha256 {actual}, expected {expected}")]
    Sha256Mismatch {
        /// The source.
        location: String,
        /// The digest in the configuration.
        expected: Fingerprint,
        /// The digest of the bytes received.
        actual: Fingerprint,
    },
    /// The folder for temporary files cannot be written.
    #[error("cannot write a temporary file in `{folder}`")]
    Temporary {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// No connection can be made at all, for example because there are no root certificates.
    #[error("cannot prepare connections: {0}")]
    Client(String),
}

/// A source and why it was not used.
#[derive(Debug)]
pub struct SourceFailure {
    /// The address, without a password, or the path.
    pub location: String,
    /// Whether it is an address and not a path.
    pub on_network: bool,
    /// Why it was not used.
    pub error: SourceError,
}

/// Why one source was not used. `Display` follows the source and a colon.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The network is not to be used.
    #[error("skipped because of `--offline`")]
    Offline,
    /// The address cannot be understood.
    #[error("not a usable address")]
    BadAddress,
    /// The name has no address.
    #[error("the name does not resolve")]
    NameNotResolved,
    /// Nothing answers there.
    #[error("the connection was refused")]
    Refused,
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// No connection could be made, for example because of a certificate.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// The server answered with an error.
    #[error("the server answered {status}")]
    Status {
        /// The HTTP status code.
        status: u16,
        /// How long it asked to wait.
        retry_after: Option<Duration>,
    },
    /// The server answered with an error and wants to be left alone for long.
    #[error("the server answered {status} and asks to wait for {} s", wait.as_secs())]
    Postponed {
        /// The HTTP status code.
        status: u16,
        /// How long it asked to wait.
        wait: Duration,
    },
    /// The server sent the client elsewhere too often, or from `https` to `http`.
    #[error("{0}")]
    Redirect(&'static str),
    /// There are more bytes than accepted.
    #[error("more than {limit} bytes, the limit set by `download.max_mebibytes`")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The file cannot be read.
    #[error("cannot read it: {0}")]
    File(io::Error),
}

impl FetchError {
    /// Whether the network or what it delivered is to blame.
    #[must_use]
    pub fn is_network(&self) -> bool {
        match self {
            Self::NoSource(failures) => failures.iter().any(|failure| failure.on_network),
            Self::Sha256Mismatch { .. } | Self::Client(_) => true,
            Self::Temporary { .. } => false,
        }
    }

    /// What to do about it, when there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoSource(_) if self.is_network() => {
                Some("check the network, or name a file: hp fetch --source PATH")
            }
            Self::NoSource(failures) if failures.iter().any(SourceFailure::is_size) => {
                Some("raise `download.max_mebibytes` in the data configuration")
            }
            Self::NoSource(_) => Some("check the path"),
            Self::Sha256Mismatch { .. } => Some(
                "the source was changed or damaged; when the change is wanted, \
                 put the new sha256 into the data configuration",
            ),
            Self::Temporary { .. } => {
                Some("make room on the disk, or choose a folder you may write")
            }
            Self::Client(_) => None,
        }
    }
}

impl SourceFailure {
    fn is_size(&self) -> bool {
        matches!(self.error, SourceError::TooLarge { .. })
    }
}

impl SourceError {
    /// Whether trying again may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::TimedOut | Self::Broken(_) => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..=599),
            _ => false,
        }
    }

    /// How long the source asked to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

fn described(failures: &[SourceFailure]) -> String {
    let failures = failures
        .iter()
        .map(|failure| format!("`{}`: {}", failure.location, failure.error));
    failures.collect::<Vec<_>>().join("; ")
}
