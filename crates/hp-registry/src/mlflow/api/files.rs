//! What is in the server's store.

use crate::mlflow::client::{Client, Failure};
use serde::Deserialize;

/// A name in a folder of the store.
#[derive(Debug, Deserialize)]
pub(in crate::mlflow) struct StoredFile {
    /// Relative to the folder.
    pub(in crate::mlflow) path: String,
    #[serde(default)]
    pub(in crate::mlflow) is_dir: bool,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    files: Vec<StoredFile>,
    #[serde(default)]
    next_page_token: String,
}

/// What is in the folder `path` of the store, as far as its first `most` names.
pub(in crate::mlflow) async fn listing(
    client: &Client,
    path: &str,
    most: usize,
) -> Result<Vec<StoredFile>, Failure> {
    let mut files = Vec::new();
    let mut token = String::new();
    loop {
        let mut query = vec![("path", path)];
        if !token.is_empty() {
            query.push(("page_token", token.as_str()));
        }
        let page: Listing = client.get("mlflow-artifacts/artifacts", &query).await?;
        let repeats = page.files.is_empty() || page.next_page_token == token;
        files.extend(page.files);
        if page.next_page_token.is_empty() || repeats || files.len() >= most {
            return Ok(files);
        }
        token = page.next_page_token;
    }
}
