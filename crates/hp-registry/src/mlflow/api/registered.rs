//! Registered models, their versions and aliases.

use super::{MANIFEST_SHA256, MODEL_VERSION, Nothing, Pair, Texts, pairs, tag_is};
use crate::mlflow::client::{Client, Failure};
use serde::Deserialize;
use serde_json::{Value, json};

/// A version of a registered model.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::mlflow) struct RegisteredVersion {
    version: Value,
    #[serde(default)]
    tags: Vec<Pair>,
}

/// A version that is to be registered.
#[derive(Debug)]
pub(in crate::mlflow) struct NewRegistered<'a> {
    pub(in crate::mlflow) source: &'a str,
    pub(in crate::mlflow) run_id: &'a str,
    pub(in crate::mlflow) model_id: Option<&'a str>,
    pub(in crate::mlflow) description: &'a str,
    pub(in crate::mlflow) tags: &'a Texts,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    model_versions: Vec<RegisteredVersion>,
}

#[derive(Deserialize)]
struct One {
    model_version: RegisteredVersion,
}

#[derive(Deserialize)]
struct Download {
    artifact_uri: String,
}

impl RegisteredVersion {
    /// The number that the server gave it.
    pub(in crate::mlflow) fn number(&self) -> u64 {
        // Text, and a number on some servers.
        let text = self.version.as_str().and_then(|text| text.parse().ok());
        self.version.as_u64().or(text).unwrap_or_default()
    }

    /// The digest of its manifest.
    pub(in crate::mlflow) fn manifest(&self) -> Option<&str> {
        let tag = self.tags.iter().find(|tag| tag.key == MANIFEST_SHA256)?;
        Some(&tag.value)
    }
}

impl Client {
    /// Makes sure that there is the registered model `name`.
    pub(in crate::mlflow) async fn ensure_registered_model(
        &self,
        name: &str,
    ) -> Result<(), Failure> {
        let body = json!({ "name": name });
        let created: Result<Value, _> = self.post("mlflow/registered-models/create", &body).await;
        match created {
            Err(failure) if !failure.error.is_duplicate() => Err(failure),
            _ => Ok(()),
        }
    }

    /// The registered versions of `model` with this manifest.
    pub(in crate::mlflow) async fn versions_with_manifest(
        &self,
        model: &str,
        sha256: &str,
    ) -> Result<Vec<RegisteredVersion>, Failure> {
        self.search_versions(model, &tag_is(MANIFEST_SHA256, sha256))
            .await
    }

    /// The registered versions of `model` that hp calls `version`, the newest first.
    pub(in crate::mlflow) async fn versions_called(
        &self,
        model: &str,
        version: &str,
    ) -> Result<Vec<RegisteredVersion>, Failure> {
        self.search_versions(model, &tag_is(MODEL_VERSION, version))
            .await
    }

    async fn search_versions(
        &self,
        model: &str,
        condition: &str,
    ) -> Result<Vec<RegisteredVersion>, Failure> {
        let filter = format!("name = '{model}' and {condition}");
        let query = [("filter", filter.as_str()), ("max_results", "100")];
        let found: Found = self.get("mlflow/model-versions/search", &query).await?;
        let mut versions = found.model_versions;
        versions.sort_by_key(|version| std::cmp::Reverse(version.number()));
        Ok(versions)
    }

    pub(in crate::mlflow) async fn register(
        &self,
        model: &str,
        new: &NewRegistered<'_>,
    ) -> Result<RegisteredVersion, Failure> {
        let mut body = json!({
            "name": model,
            "source": new.source,
            "run_id": new.run_id,
            "description": new.description,
            "tags": pairs(new.tags),
        });
        if let Some(model_id) = new.model_id {
            body["model_id"] = model_id.into();
        }
        let one: One = self.post("mlflow/model-versions/create", &body).await?;
        Ok(one.model_version)
    }

    pub(in crate::mlflow) async fn version_by_alias(
        &self,
        model: &str,
        alias: &str,
    ) -> Result<RegisteredVersion, Failure> {
        let query = [("name", model), ("alias", alias)];
        let one: One = self.get("mlflow/registered-models/alias", &query).await?;
        Ok(one.model_version)
    }

    pub(in crate::mlflow) async fn version_by_number(
        &self,
        model: &str,
        number: u64,
    ) -> Result<RegisteredVersion, Failure> {
        let number = number.to_string();
        let query = [("name", model), ("version", number.as_str())];
        let one: One = self.get("mlflow/model-versions/get", &query).await?;
        Ok(one.model_version)
    }

    /// Where the files of a registered version are.
    pub(in crate::mlflow) async fn download_uri(
        &self,
        model: &str,
        number: u64,
    ) -> Result<String, Failure> {
        let number = number.to_string();
        let query = [("name", model), ("version", number.as_str())];
        let route = "mlflow/model-versions/get-download-uri";
        let download: Download = self.get(route, &query).await?;
        Ok(download.artifact_uri)
    }

    pub(in crate::mlflow) async fn put_alias(
        &self,
        model: &str,
        alias: &str,
        number: u64,
    ) -> Result<(), Failure> {
        let body = json!({ "name": model, "alias": alias, "version": number.to_string() });
        let Nothing {} = self.post("mlflow/registered-models/alias", &body).await?;
        Ok(())
    }
}
