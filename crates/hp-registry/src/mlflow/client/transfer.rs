//! Files to and from the server, in pieces.

use super::{Call, Client, Failure};
use hp_durable::IoError;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Method};
use std::path::PathBuf;
use std::time::Duration;
use tokio::fs::File;

/// Bytes a second that every way to a server carries; slower ones time out.
const SLOWEST: u64 = 16 << 10;

/// What is uploaded.
#[derive(Debug, Clone)]
pub(in crate::mlflow) enum Content {
    /// A file, read while it is sent.
    File(PathBuf),
    /// Bytes that are in no file.
    Bytes(Vec<u8>),
}

impl Client {
    /// Sends a file to `path` in the server's store, replacing what is there.
    pub(in crate::mlflow) async fn upload(
        &self,
        path: &str,
        content: &Content,
    ) -> Result<(), Failure> {
        let (body, length) = match content {
            Content::Bytes(bytes) => (Body::from(bytes.clone()), bytes.len() as u64),
            Content::File(file) => {
                let failed = IoError::of("read", file);
                let opened = File::open(file).await.map_err(failed)?;
                let length = opened.metadata().await.map_err(failed)?.len();
                (Body::from(opened), length)
            }
        };
        let route = format!("mlflow-artifacts/artifacts/{path}");
        let call = Call::new(Method::PUT, &route);
        let patience = self.settings.patience.timeout + Duration::from_secs(length / SLOWEST);
        let request = self
            .request(&call, self.api(&route))
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/octet-stream"),
            )
            // Without it the body would come in chunks, which not every server in between reads.
            .header(CONTENT_LENGTH, length)
            .timeout(patience)
            .body(body);
        let sent = request.send().await;
        let response = sent.map_err(|error| self.broken(&call, error))?;
        let answer = super::Answer::new(self, &call, response);
        answer.successful().await?.read().await?;
        Ok(())
    }

    /// Hands the bytes of the file at `path` in the server's store to `take`, piece by piece; more
    /// than `most` are an error.
    pub(in crate::mlflow) async fn download(
        &self,
        path: &str,
        most: u64,
        mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let route = format!("mlflow-artifacts/artifacts/{path}");
        let call = Call::new(Method::GET, &route);
        let request = self.request(&call, self.api(&route));
        let request = request.header(ACCEPT_ENCODING, "identity");
        let mut answer = self.answer(&call, request).await?;
        let mut received = 0_u64;
        while let Some(chunk) = answer.chunk().await? {
            let chunk = chunk.as_ref();
            received += chunk.len() as u64;
            if received > most {
                return Err(answer.too_large(most).into());
            }
            take(chunk)?;
        }
        Ok(())
    }
}
