//! The models of a run: logged, and the version registered.

use super::source::Version;
use super::{Remote, Sync};
use crate::mlflow::REGISTERED_MODEL;
use crate::mlflow::api::{
    MANIFEST_SHA256, METHOD, MODEL_VERSION, NewModel, NewRegistered, RUN_ID, RemoteModel,
    RemoteRun, Texts,
};
use crate::mlflow::artifacts::store_path;
use crate::mlflow::client::Content;
use crate::mlflow::error::MlflowError;
use crate::mlflow::mlmodel::{self, MLMODEL_FILE, Origin};
use hp_artifact::{MANIFEST_FILE, MethodEntry};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where a server without logged models keeps the model of a run.
const FOLDER: &str = "model";

/// The models of a run that the server has.
#[derive(Default)]
pub(super) struct Logged {
    /// The logged models by the run that made them; none on a server without logged models.
    by_run: BTreeMap<String, RemoteModel>,
}

/// A model that is to be sent: its files and what MLflow should know.
struct Model<'a> {
    /// The method; none for the version.
    method: Option<&'a MethodEntry>,
    run: &'a RemoteRun,
    files: Vec<(String, PathBuf)>,
}

impl Logged {
    /// The model that the run `run_id` on the server made.
    pub(super) fn of_run(&self, run_id: &str) -> Option<&RemoteModel> {
        self.by_run.get(run_id)
    }
}

impl Sync<'_> {
    /// Sends the models of the methods and of the version.
    pub(super) async fn models(
        &mut self,
        remote: &Remote,
        version: &Version,
    ) -> Result<Logged, MlflowError> {
        let client = self.client;
        let id = self.source.run.id.to_string();
        let find = async || client.models_of(&remote.experiment_id, &id).await;
        let has_logged_models = client.retry(find).await?.is_some();
        let mut logged = Logged::default();
        for model in &self.parts(remote, version) {
            if has_logged_models {
                let sent = self
                    .log_model(&remote.experiment_id, version, model)
                    .await?;
                logged.by_run.insert(model.run.id().to_owned(), sent);
            } else {
                self.log_run_model(version, model).await?;
            }
        }
        Ok(logged)
    }

    /// Registers the version, unless one with its manifest is registered, and gives its number.
    pub(super) async fn register(
        &self,
        remote: &Remote,
        version: &Version,
        logged: &Logged,
    ) -> Result<u64, MlflowError> {
        let client = self.client;
        client
            .retry(async || client.ensure_registered_model(REGISTERED_MODEL).await)
            .await?;
        let sha256 = version.manifest_sha256.to_string();
        let name = self.source.run.model_version.to_string();
        let tags = Texts::from([
            (MODEL_VERSION.to_owned(), name.clone()),
            (MANIFEST_SHA256.to_owned(), sha256.clone()),
            (RUN_ID.to_owned(), self.source.run.id.to_string()),
        ]);
        let run = &remote.parent.remote;
        let model_id = logged.of_run(run.id()).map(|model| &*model.info.model_id);
        let source = match model_id {
            Some(model_id) => format!("models:/{model_id}"),
            None => format!("{}/{FOLDER}", run.info.artifact_uri.trim_end_matches('/')),
        };
        let new = NewRegistered {
            source: &source,
            run_id: run.id(),
            model_id,
            description: &name,
            tags: &tags,
        };
        let find_or_create = async || {
            let found = client
                .versions_with_manifest(REGISTERED_MODEL, &sha256)
                .await?;
            match found.into_iter().next() {
                Some(found) => Ok(found),
                None => client.register(REGISTERED_MODEL, &new).await,
            }
        };
        Ok(client.retry(find_or_create).await?.number())
    }

    /// The model of the version, and those of the methods that it holds.
    fn parts<'a>(&self, remote: &'a Remote, version: &'a Version) -> Vec<Model<'a>> {
        let manifest = &version.manifest;
        let file = |name: &str| (name.to_owned(), version.folder.join(name));
        let names = manifest.files.keys().map(String::as_str);
        let mut models = vec![Model {
            method: None,
            run: &remote.parent.remote,
            files: names.chain([MANIFEST_FILE]).map(file).collect(),
        }];
        for (method, child) in self.source.run.methods.iter().zip(&remote.children) {
            if let Some(entry) = manifest.method(&method.name) {
                models.push(Model {
                    method: Some(entry),
                    run: &child.remote,
                    files: vec![file(&entry.file)],
                });
            }
        }
        models
    }

    /// Sends a logged model, or what it lacks.
    async fn log_model(
        &mut self,
        experiment_id: &str,
        version: &Version,
        model: &Model<'_>,
    ) -> Result<RemoteModel, MlflowError> {
        let client = self.client;
        let remote = self.find_or_create(experiment_id, model).await?;
        let model_id = &remote.info.model_id;
        if !remote.is_ready() {
            let mlmodel = self.mlmodel(version, model, Some(model_id));
            let folder = store_path(&remote.info.artifact_uri, &client.settings().uri)?;
            if let Err(error) = self.put_model(&folder, model, &mlmodel).await {
                // The server should not wait for it; that the files are missing is what counts.
                let _ = client.finish_model(model_id, false).await;
                return Err(error);
            }
            client
                .retry(async || client.finish_model(model_id, true).await)
                .await?;
        }
        let run_id = model.run.id();
        let link = async || {
            // Servers refuse to be told twice.
            if client.run(run_id).await?.has_output(model_id) {
                return Ok(());
            }
            client.log_output(run_id, model_id).await
        };
        if !model.run.has_output(model_id) {
            client.retry(link).await?;
        }
        Ok(remote)
    }

    /// The logged model, looked for before each attempt to create it.
    async fn find_or_create(
        &self,
        experiment_id: &str,
        model: &Model<'_>,
    ) -> Result<RemoteModel, MlflowError> {
        let client = self.client;
        let run = &self.source.run;
        let id = run.id.to_string();
        let method = model.method.map(|method| method.name.as_str());
        let mut tags = Texts::from([
            (RUN_ID.to_owned(), id.clone()),
            (MODEL_VERSION.to_owned(), run.model_version.to_string()),
        ]);
        if let Some(method) = method {
            tags.insert(METHOD.to_owned(), method.to_owned());
        }
        let name = model_name(method.unwrap_or(REGISTERED_MODEL));
        let new = NewModel {
            experiment_id,
            name: &name,
            source_run_id: model.run.id(),
            tags: &tags,
        };
        let find_or_create = async || {
            let found = client.models_of(experiment_id, &id).await?;
            let mut ours = found.into_iter().flatten();
            if let Some(found) = ours.find(|found| found.method() == method) {
                return Ok(found);
            }
            client.create_model(&new).await
        };
        client.retry(find_or_create).await
    }

    /// Sends a model to a server that keeps models among the artifacts of their runs.
    async fn log_run_model(
        &mut self,
        version: &Version,
        model: &Model<'_>,
    ) -> Result<(), MlflowError> {
        let client = self.client;
        let run = model.run;
        let mlmodel = self.mlmodel(version, model, None);
        let folder = store_path(&run.info.artifact_uri, &client.settings().uri)?;
        self.put_model(&format!("{folder}/{FOLDER}"), model, &mlmodel)
            .await?;
        client
            .retry(async || client.log_run_model(run.id(), &mlmodel).await)
            .await
    }

    /// Puts the files of a model into a folder of the store, the one that names them last.
    async fn put_model(
        &mut self,
        folder: &str,
        model: &Model<'_>,
        mlmodel: &Value,
    ) -> Result<(), MlflowError> {
        for (name, path) in &model.files {
            let content = Content::File(path.clone());
            self.upload(format!("{folder}/{name}"), &content).await?;
        }
        let text = format!("{mlmodel:#}\n");
        self.upload(
            format!("{folder}/{MLMODEL_FILE}"),
            &Content::Bytes(text.into_bytes()),
        )
        .await
    }

    fn mlmodel(&self, version: &Version, model: &Model<'_>, model_id: Option<&str>) -> Value {
        let run = &self.source.run;
        let origin = Origin {
            run_id: model.run.id(),
            model_id,
            made_at: run.ended_at.unwrap_or(run.started_at),
        };
        match model.method {
            Some(method) => mlmodel::of_method(&version.manifest, method, origin),
            None => mlmodel::of_version(&version.manifest, origin),
        }
    }
}

/// `name` without what MLflow allows in no name of a model.
fn model_name(name: &str) -> String {
    let plain = |c: char| {
        let forbidden = c.is_control() || matches!(c, '/' | ':' | '.' | '%' | '"' | '\'');
        if forbidden { '_' } else { c }
    };
    name.chars().map(plain).take(250).collect()
}
