//! Files of a run and of its models.

use super::Sync;
use crate::mlflow::client::Content;
use crate::mlflow::error::MlflowError;
use hp_core::fingerprint::{Fingerprint, Hasher};
use hp_durable::IoError;
use std::path::Path;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

impl Sync<'_> {
    /// Puts a file into the server's store, unless it is known to be there.
    pub(super) async fn upload(
        &mut self,
        path: String,
        content: &Content,
    ) -> Result<(), MlflowError> {
        let digest = match content {
            Content::Bytes(bytes) => Fingerprint::of(bytes),
            Content::File(file) => digest(file).await?,
        };
        if self.state.uploaded.get(&path) == Some(&digest) {
            return Ok(());
        }
        let client = self.client;
        let put = async || client.upload(&path, content).await;
        client.retry(put).await?;
        self.state.uploaded.insert(path, digest);
        self.state.save(self.folder)
    }
}

/// The digest of the file at `path`.
async fn digest(path: &Path) -> Result<Fingerprint, IoError> {
    let failed = IoError::of("read", path);
    let mut file = File::open(path).await.map_err(failed)?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).await.map_err(failed)? {
            0 => return Ok(hasher.finish()),
            count => hasher.update(&buffer[..count]),
        }
    }
}
