//! The files of one version, checked while they come.

use crate::mlflow::client::{Client, Failure};
use crate::mlflow::error::MlflowError;
use hp_artifact::{FileEntry, MANIFEST_FILE, Manifest};
use hp_core::fingerprint::{Fingerprint, Hasher};
use hp_durable::IoError;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// Fetches from one folder of the store.
pub(super) struct Download<'a> {
    client: &'a Client,
    store: &'a str,
    bytes: u64,
}

impl<'a> Download<'a> {
    pub(super) fn new(client: &'a Client, store: &'a str) -> Self {
        Self {
            client,
            store,
            bytes: 0,
        }
    }

    /// How many bytes came.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The manifest, which is at most `most` bytes long and has the digest `expected`, if known.
    pub(super) async fn manifest(
        &mut self,
        most: u64,
        expected: Option<Fingerprint>,
    ) -> Result<Vec<u8>, MlflowError> {
        let client = self.client;
        let path = format!("{}/{MANIFEST_FILE}", self.store);
        let fetch = async || {
            let mut bytes = Vec::new();
            let take = |chunk: &[u8]| {
                bytes.extend_from_slice(chunk);
                Ok(())
            };
            client.download(&path, most, take).await?;
            self.bytes += bytes.len() as u64;
            match expected {
                Some(expected) => check(MANIFEST_FILE, expected, Fingerprint::of(&bytes))?,
                None if serde_json::from_slice::<serde_json::Value>(&bytes)
                    .is_err_and(|error| error.is_eof()) =>
                {
                    return Err(damaged(MANIFEST_FILE, "it ends too early"));
                }
                None => {}
            }
            Ok(bytes)
        };
        client.retry(fetch).await
    }

    /// The files that `manifest` lists, into `folder`, but for those that are there.
    pub(super) async fn files(
        &mut self,
        manifest: &Manifest,
        folder: &Path,
    ) -> Result<(), MlflowError> {
        for (name, entry) in &manifest.files {
            let target = folder.join(name);
            if !is_complete(&target, *entry) {
                self.file(name, *entry, &target).await?;
            }
        }
        Ok(())
    }

    async fn file(
        &mut self,
        name: &str,
        entry: FileEntry,
        target: &Path,
    ) -> Result<(), MlflowError> {
        let client = self.client;
        let path = format!("{}/{name}", self.store);
        let failed = IoError::of("write", target);
        let fetch = async || {
            let mut file = File::create(target).map_err(failed)?;
            let mut hasher = Hasher::default();
            let mut length = 0;
            let take = |chunk: &[u8]| {
                hasher.update(chunk);
                length += chunk.len() as u64;
                Ok(file.write_all(chunk).map_err(failed)?)
            };
            let came = client.download(&path, entry.bytes, take).await;
            self.bytes += length;
            match came {
                // Too long is another way of being damaged.
                Err(failure) if matches!(*failure.error, MlflowError::TooLarge { .. }) => {
                    let problem = format!("it has more than {} bytes", entry.bytes);
                    return Err(damaged(name, problem));
                }
                came => came?,
            }
            if length != entry.bytes {
                let problem = format!("it has {length} bytes where {} are expected", entry.bytes);
                return Err(damaged(name, problem));
            }
            check(name, entry.sha256, hasher.finish())
        };
        client.retry(fetch).await
    }
}

/// Whether the file is at `path` as it should be.
fn is_complete(path: &Path, entry: FileEntry) -> bool {
    let Ok(mut file) = File::open(path) else {
        return false;
    };
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return hasher.finish() == entry.sha256,
            Ok(count) => hasher.update(&buffer[..count]),
            Err(_) => return false,
        }
    }
}

fn check(file: &str, expected: Fingerprint, found: Fingerprint) -> Result<(), Failure> {
    if found == expected {
        return Ok(());
    }
    let problem = format!("its sha256 is {found} where {expected} is expected");
    Err(damaged(file, problem))
}

fn damaged(file: &str, problem: impl Into<String>) -> Failure {
    Failure::passing(MlflowError::Damaged {
        file: file.to_owned(),
        problem: problem.into(),
    })
}
