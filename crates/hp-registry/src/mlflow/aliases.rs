//! Telling the server which version an alias means.

use super::error::MlflowError;
use super::memory::Memory;
use super::state::read_if_there;
use super::{REGISTERED_MODEL, Tracking};
use crate::reference::Alias;
use hp_artifact::{MANIFEST_FILE, version_path};
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use std::path::Path;

impl Tracking {
    /// Makes `alias` of the registered model mean `version`, as it is below `artifacts`.
    ///
    /// # Errors
    /// The version is not registered, or the server does not answer as it should.
    pub async fn set_alias(
        &self,
        alias: &Alias,
        version: ModelVersion,
        artifacts: &Path,
    ) -> Result<(), MlflowError> {
        let client = &self.client;
        let manifest = version_path(artifacts, version).join(MANIFEST_FILE);
        let name = version.to_string();
        let registered = if let Some(bytes) = read_if_there(&manifest)? {
            let sha256 = Fingerprint::of(&bytes).to_string();
            let find = async || {
                client
                    .versions_with_manifest(REGISTERED_MODEL, &sha256)
                    .await
            };
            client.retry(find).await?
        } else {
            let find = async || client.versions_called(REGISTERED_MODEL, &name).await;
            client.retry(find).await?
        };
        let newest = registered.first();
        let number = newest
            .ok_or(MlflowError::NotRegistered { version })?
            .number();
        let put = async || {
            client
                .put_alias(REGISTERED_MODEL, alias.as_str(), number)
                .await
        };
        client.retry(put).await?;
        let server = client.settings().tracking_uri();
        Memory::told(artifacts, server, (alias, version))
    }

    /// Whether the server was told, by whoever works below `artifacts`, that `alias` means
    /// `version`. Somebody else may have moved it there since.
    #[must_use]
    pub fn was_told(&self, alias: &Alias, version: ModelVersion, artifacts: &Path) -> bool {
        let server = self.client.settings().tracking_uri();
        Memory::last_told(artifacts, server, alias) == Some(version)
    }
}
