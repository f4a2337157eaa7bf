//! Telling the server of a run: itself, a run for each of its methods, and the models they made.

mod dataset;
mod describe;
mod difference;
mod models;
mod note;
mod runs;
mod source;
mod upload;

use super::Tracking;
use super::api::RemoteRun;
use super::client::Client;
use super::error::MlflowError;
use super::state::State;
use crate::run::{RunId, RunStatus};
use describe::Description;
use hp_durable::Lock;
use models::Logged;
use source::Source;
use std::io;
use std::path::{Path, PathBuf};

/// A run that is on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synced {
    /// The run here.
    pub run: RunId,
    /// Its id on the server.
    pub remote_run: String,
    /// Its page on the server.
    pub url: String,
    /// The number of the registered version that holds its models.
    pub registered: Option<u64>,
    /// Why the models that it made were not sent.
    pub without_models: Option<String>,
}

impl Tracking {
    /// Sends the run in `folder`, `artifacts/runs/<id>`, with the version that it wrote below
    /// `artifacts`. It can be stopped at any moment and called again; what is there already is
    /// left alone, and what changed since it was sent is sent again.
    ///
    /// # Errors
    /// The run is still at work or cannot be read, its version is damaged, or the server does not
    /// answer as it should. What was sent until then stays, and is noted.
    pub async fn sync_run(&self, folder: &Path, artifacts: &Path) -> Result<Synced, MlflowError> {
        let _lock = lock(folder.join(".mlflow.lock")).await?;
        let source = Source::read(folder, artifacts)?;
        if source.run.status == RunStatus::Running {
            return Err(MlflowError::StillRunning(source.run.id));
        }
        let state = State::load(folder, self.client.settings().tracking_uri());
        let sync = Sync {
            client: &self.client,
            folder,
            source,
            state,
        };
        sync.send().await
    }
}

/// Waits for the lock `path` without keeping others from working.
pub(super) async fn lock(path: PathBuf) -> Result<Lock, MlflowError> {
    let locked = tokio::task::spawn_blocking({
        let path = path.clone();
        move || Lock::exclusive(&path)
    });
    let failed = hp_durable::IoError::of("lock", &path);
    Ok(locked
        .await
        .map_err(|error| failed(io::Error::other(error)))??)
}

/// One run on its way.
struct Sync<'a> {
    client: &'a Client,
    folder: &'a Path,
    source: Source,
    state: State,
}

/// The run on the server and those of its methods.
struct Remote {
    experiment_id: String,
    parent: Told,
    /// In the order of the methods.
    children: Vec<Told>,
}

/// A run on the server as it was before it is told what to know.
struct Told {
    remote: RemoteRun,
    description: Description,
}

impl Sync<'_> {
    async fn send(mut self) -> Result<Synced, MlflowError> {
        let remote = self.runs().await?;
        // Moved out, so that the state can change meanwhile.
        let version = self.source.version.take();
        let logged = match &version {
            Some(version) => self.models(&remote, version).await?,
            None => Logged::default(),
        };
        // After the models, whose metrics they are as well.
        self.metrics(&remote, &logged).await?;
        let registered = match &version {
            Some(version) => Some(self.register(&remote, version, &logged).await?),
            None => None,
        };
        // Last, so that a run on the server is at work until it is complete.
        self.end(&remote).await?;
        self.state.sent = Some(self.source.digest);
        self.state.save(self.folder)?;
        let server = self.client.settings().tracking_uri();
        let (experiment, run) = (&remote.experiment_id, remote.parent.remote.id());
        Ok(Synced {
            run: self.source.run.id,
            url: format!("{server}/#/experiments/{experiment}/runs/{run}"),
            remote_run: run.to_owned(),
            registered,
            without_models: self.source.without_models,
        })
    }
}
