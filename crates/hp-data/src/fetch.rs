//! Getting the bytes of a data set: its sources in order, checked against their digests.

mod backoff;
mod download;
mod error;

pub use error::{FetchError, SourceError, SourceFailure};

use crate::manifest::Origin;
use download::{Received, Stop};
use hp_core::config::{DataConfig, Download, Location, Source};
use hp_core::fingerprint::Fingerprint;
use jiff::Timestamp;
use reqwest::{Client, Url};
use std::fs::File;
use std::io::Seek;
use std::path::Path;
use std::time::Duration;

/// What to fetch, and how.
pub struct FetchRequest<'a> {
    /// The sources in the order they are tried; see [`overridden`].
    pub sources: &'a [Source],
    /// Sizes, times and retries.
    pub limits: &'a Download,
    /// Whether sources on the network are skipped.
    pub offline: bool,
    /// Where the bytes are kept, in a file without a name that vanishes by itself. Made when it
    /// does not exist.
    pub folder: &'a Path,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
    /// A random number from 0 to 1, which spreads retries.
    pub jitter: &'a dyn Fn() -> f64,
}

/// The bytes of the source that was used.
#[derive(Debug)]
pub struct Fetched {
    /// The bytes, from the beginning. The file has no name; closing it removes it.
    pub file: File,
    /// Where they came from.
    pub origin: Origin,
}

/// What happens while fetching.
#[derive(Debug)]
pub enum FetchEvent<'a> {
    /// A source is tried.
    Trying {
        /// The address, without a password, or the path.
        location: &'a str,
    },
    /// Bytes arrived.
    Received {
        /// How many so far.
        bytes: u64,
        /// How many there will be, when known.
        total: Option<u64>,
    },
    /// A download failed and is tried again.
    Retrying {
        /// The address.
        location: &'a str,
        /// Why it failed.
        error: &'a SourceError,
        /// How long is waited before.
        wait: Duration,
    },
    /// A source cannot be used; the next one follows, if there is one.
    Unusable {
        /// The address or path.
        location: &'a str,
        /// Why.
        error: &'a SourceError,
    },
}

/// Learns what happens while fetching. Every function of a [`FetchEvent`] is one.
pub trait FetchObserver {
    /// Takes notice of `event`.
    fn notify(&self, event: FetchEvent<'_>);
}

impl<F: Fn(FetchEvent<'_>)> FetchObserver for F {
    fn notify(&self, event: FetchEvent<'_>) {
        self(event);
    }
}

/// Gets the bytes of the first source that can be used. Dropping the future stops it and leaves
/// nothing behind.
///
/// Bytes are stored and hashed as they were sent, whatever `Content-Encoding` says. Time-outs,
/// broken connections and the answers 408, 429 and 5xx are tried again, as often as the limits
/// say and not before `Retry-After`; a server that asks for more than a minute is given up.
///
/// # Errors
/// No source can be used; or the bytes of one do not match its digest, and then the sources after
/// it are not tried.
pub async fn fetch(
    request: &FetchRequest<'_>,
    observer: &dyn FetchObserver,
) -> Result<Fetched, FetchError> {
    let no_file = |error| FetchError::Temporary {
        folder: request.folder.to_owned(),
        error,
    };
    std::fs::create_dir_all(request.folder).map_err(no_file)?;
    let mut file = tempfile::tempfile_in(request.folder).map_err(no_file)?;
    let mut client = None;
    let mut failures = Vec::new();
    for source in request.sources {
        let location = shown(&source.location);
        observer.notify(FetchEvent::Trying {
            location: &location,
        });
        let result = match &source.location {
            Location::Url(_) if request.offline => Err(Stop::Source(SourceError::Offline)),
            Location::Url(url) => {
                let client = match &client {
                    Some(client) => client,
                    None => client.insert(
                        download::client(request.limits)
                            .map_err(|error| FetchError::Client(error.to_string()))?,
                    ),
                };
                download_with_retries(client, url, &file, request, observer).await
            }
            Location::Path(path) => copy(path, &file, request, observer).await,
        };
        match result {
            Ok((sha256, bytes)) => {
                check(source, &location, sha256)?;
                file.rewind().map_err(no_file)?;
                let origin = Origin {
                    source: location,
                    sha256,
                    bytes,
                    fetched_at: (request.now)(),
                };
                return Ok(Fetched { file, origin });
            }
            Err(Stop::Temporary(error)) => return Err(no_file(error)),
            Err(Stop::Source(error)) => {
                observer.notify(FetchEvent::Unusable {
                    location: &location,
                    error: &error,
                });
                failures.push(SourceFailure {
                    location,
                    on_network: matches!(source.location, Location::Url(_)),
                    error,
                });
            }
        }
    }
    Err(FetchError::NoSource(failures))
}

/// The source to use when `location` is asked for instead of the configured ones. A configured
/// source keeps its digest; any other has none.
#[must_use]
pub fn overridden(config: &DataConfig, location: Location) -> Source {
    let configured = config.sources.iter();
    let configured = configured
        .into_iter()
        .find(|source| source.location == location);
    configured.cloned().unwrap_or(Source {
        location,
        sha256: None,
    })
}

/// A location as it may be shown and recorded: without user name and password.
#[must_use]
pub fn shown(location: &Location) -> String {
    let Location::Url(text) = location else {
        return location.to_string();
    };
    let Ok(mut url) = Url::parse(text) else {
        return text.clone();
    };
    if url.username().is_empty() && url.password().is_none() {
        return text.clone();
    }
    let removed = url.set_username("").and_then(|()| url.set_password(None));
    removed.map_or_else(|()| "an address".to_owned(), |()| url.to_string())
}

/// Downloads until it succeeds or no further attempt is worth it.
async fn download_with_retries(
    client: &Client,
    url: &str,
    file: &File,
    request: &FetchRequest<'_>,
    observer: &dyn FetchObserver,
) -> Result<(Fingerprint, u64), Stop> {
    let mut attempt = 1;
    loop {
        let mut received = Received::new(file, request.limits.max_bytes)?;
        let result = download::download(client, url, &mut received, request.now, observer).await;
        match result {
            Ok(()) => {
                let bytes = received.bytes;
                return Ok((received.sha256(), bytes));
            }
            Err(Stop::Source(error)) if error.is_passing() && attempt <= request.limits.retries => {
                let wait = backoff::wait(attempt, (request.jitter)(), error.retry_after());
                observer.notify(FetchEvent::Retrying {
                    location: &shown(&Location::Url(url.to_owned())),
                    error: &error,
                    wait,
                });
                tokio::time::sleep(wait).await;
                attempt += 1;
            }
            Err(stop) => return Err(stop),
        }
    }
}

async fn copy(
    path: &Path,
    file: &File,
    request: &FetchRequest<'_>,
    observer: &dyn FetchObserver,
) -> Result<(Fingerprint, u64), Stop> {
    let mut received = Received::new(file, request.limits.max_bytes)?;
    download::copy(path, &mut received, observer).await?;
    let bytes = received.bytes;
    Ok((received.sha256(), bytes))
}

fn check(source: &Source, location: &str, actual: Fingerprint) -> Result<(), FetchError> {
    match source.sha256 {
        Some(expected) if expected != actual => Err(FetchError::Sha256Mismatch {
            location: location.to_owned(),
            expected,
            actual,
        }),
        _ => Ok(()),
    }
}
