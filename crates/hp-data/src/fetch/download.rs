//! One source into one temporary file.

use super::backoff;
use super::error::SourceError;
use super::{FetchEvent, FetchObserver};
use hp_core::config::Download;
use hp_core::fingerprint::{Fingerprint, Hasher};
use jiff::Timestamp;
use reqwest::header::{ACCEPT_ENCODING, RETRY_AFTER};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Client, Error, Url};
use std::error::Error as _;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

const MAX_REDIRECTS: usize = 10;
const FROM_SECURE: &str = "it redirects from https to http";
const TOO_MANY: &str = "it redirects more than 10 times";

/// The bytes of a source, and what they hash to.
pub(super) struct Received<'a> {
    file: &'a File,
    hasher: Hasher,
    pub(super) bytes: u64,
    limit: u64,
}

/// What stops a transfer: the source, or the temporary file.
pub(super) enum Stop {
    Source(SourceError),
    Temporary(io::Error),
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl<'a> Received<'a> {
    /// Begins anew in `file`, whatever it holds.
    pub(super) fn new(mut file: &'a File, limit: u64) -> Result<Self, Stop> {
        let emptied = file.set_len(0).and_then(|()| file.rewind());
        emptied.map_err(Stop::Temporary)?;
        Ok(Self {
            file,
            hasher: Hasher::default(),
            bytes: 0,
            limit,
        })
    }

    pub(super) fn sha256(self) -> Fingerprint {
        self.hasher.finish()
    }

    /// Refuses what is announced to be too large.
    fn expect(&self, total: Option<u64>) -> Result<(), SourceError> {
        let limit = self.limit;
        match total {
            Some(total) if total > limit => Err(SourceError::TooLarge { limit }),
            _ => Ok(()),
        }
    }

    fn add(&mut self, chunk: &[u8]) -> Result<(), Stop> {
        self.bytes = self.bytes.saturating_add(chunk.len() as u64);
        if self.bytes > self.limit {
            return Err(SourceError::TooLarge { limit: self.limit }.into());
        }
        self.hasher.update(chunk);
        self.file.write_all(chunk).map_err(Stop::Temporary)
    }
}

/// A client that keeps to `limits` and hands over bodies as they were sent.
pub(super) fn client(limits: &Download) -> Result<Client, Error> {
    let connect_timeout = Duration::from_secs_f64(limits.connect_timeout);
    let idle_timeout = Duration::from_secs_f64(limits.idle_timeout);
    Client::builder()
        .user_agent(concat!("hp/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect_timeout)
        .read_timeout(idle_timeout)
        .redirect(Policy::custom(follow))
        .build()
}

/// Downloads `url` in one attempt.
pub(super) async fn download(
    client: &Client,
    url: &str,
    received: &mut Received<'_>,
    now: &dyn Fn() -> Timestamp,
    observer: &dyn FetchObserver,
) -> Result<(), Stop> {
    let url = Url::parse(url).map_err(|_| SourceError::BadAddress)?;
    let request = client.get(url).header(ACCEPT_ENCODING, "identity");
    let mut response = request.send().await.map_err(|error| explain(&error))?;
    let status = response.status();
    if !status.is_success() {
        let header = response.headers().get(RETRY_AFTER);
        let header = header.and_then(|header| header.to_str().ok());
        let status = status.as_u16();
        let error = match header.and_then(|header| backoff::retry_after(header, now())) {
            Some(wait) if wait > backoff::LONGEST => SourceError::Postponed { status, wait },
            retry_after => SourceError::Status {
                status,
                retry_after,
            },
        };
        return Err(error.into());
    }
    let total = response.content_length();
    received.expect(total)?;
    observer.notify(FetchEvent::Received { bytes: 0, total });
    while let Some(chunk) = response.chunk().await.map_err(|error| explain(&error))? {
        received.add(&chunk)?;
        let bytes = received.bytes;
        observer.notify(FetchEvent::Received { bytes, total });
    }
    Ok(())
}

/// Copies the file `path`.
pub(super) async fn copy(
    path: &Path,
    received: &mut Received<'_>,
    observer: &dyn FetchObserver,
) -> Result<(), Stop> {
    let unreadable = |error| Stop::Source(SourceError::File(error));
    let mut source = File::open(path).map_err(unreadable)?;
    let metadata = source.metadata().map_err(unreadable)?;
    let total = metadata.is_file().then_some(metadata.len());
    received.expect(total)?;
    observer.notify(FetchEvent::Received { bytes: 0, total });
    let mut buffer = vec![0; 1 << 18];
    loop {
        let count = source.read(&mut buffer).map_err(unreadable)?;
        if count == 0 {
            return Ok(());
        }
        received.add(&buffer[..count])?;
        let bytes = received.bytes;
        observer.notify(FetchEvent::Received { bytes, total });
        // A large file must not keep an interruption from being noticed.
        tokio::task::yield_now().await;
    }
}

fn follow(attempt: Attempt) -> Action {
    match forbidden(attempt.previous(), attempt.url()) {
        Some(reason) => attempt.error(reason),
        None => attempt.follow(),
    }
}

/// Why a redirect from the addresses `previous` to `next` is not followed.
fn forbidden(previous: &[Url], next: &Url) -> Option<&'static str> {
    let was_secure = previous.last().is_some_and(|url| url.scheme() == "https");
    if was_secure && next.scheme() != "https" {
        Some(FROM_SECURE)
    } else if previous.len() > MAX_REDIRECTS {
        Some(TOO_MANY)
    } else {
        None
    }
}

fn explain(error: &Error) -> SourceError {
    let kind = io_kind(error);
    // Innermost: "dns error", "unexpected end of file". The address is said elsewhere.
    let reason = causes(error)
        .last()
        .map_or_else(|| "the reason is not known".to_owned(), ToString::to_string);
    if error.is_redirect() {
        let insecure = reason.contains(FROM_SECURE);
        SourceError::Redirect(if insecure { FROM_SECURE } else { TOO_MANY })
    } else if error.is_builder() {
        SourceError::BadAddress
    } else if error.is_timeout() {
        SourceError::TimedOut
    } else if error.is_dns() {
        SourceError::NameNotResolved
    } else if kind == Some(io::ErrorKind::ConnectionRefused) {
        SourceError::Refused
    } else if error.is_connect() && kind != Some(io::ErrorKind::ConnectionReset) {
        SourceError::Connect(reason)
    } else {
        SourceError::Broken(reason)
    }
}

fn io_kind(error: &Error) -> Option<io::ErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref().map(io::Error::kind))
}

fn causes(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use super::{FROM_SECURE, TOO_MANY, forbidden};
    use reqwest::Url;

    #[test]
    fn a_redirect_never_leaves_https() {
        let url = |text| Url::parse(text).unwrap();
        let [plain, secure] = [[url("http://example.org")], [url("https://example.org")]];
        assert_eq!(forbidden(&secure, &plain[0]), Some(FROM_SECURE));
        assert_eq!(forbidden(&secure, &secure[0]), None);
        assert_eq!(forbidden(&plain, &secure[0]), None);
        assert_eq!(forbidden(&plain, &plain[0]), None);
        let times = |count| vec![plain[0].clone(); count];
        assert_eq!(forbidden(&times(10), &plain[0]), None);
        assert_eq!(forbidden(&times(11), &plain[0]), Some(TOO_MANY));
    }
}
