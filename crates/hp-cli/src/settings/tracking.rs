//! The tracking server that the environment names.

use crate::failure::{Code, Failure};
use crate::output;
use crate::progress;
use anyhow::anyhow;
use hp_core::version::ModelVersion;
use hp_registry::mlflow::{self, MlflowError, Pulled, Settings, Tracking};
use hp_registry::reference::{Alias, RemoteReference};
use std::future::Future;
use std::path::Path;
use tokio::runtime::{Builder, Runtime};

/// A tracking server, and where to wait for it. Not to be used in an asynchronous task.
pub(crate) struct Tracked {
    tracking: Tracking,
    settings: Settings,
    runtime: Runtime,
}

impl Tracked {
    /// The server that `MLFLOW_TRACKING_URI` names, if it is set.
    pub(crate) fn open() -> Result<Option<Self>, Failure> {
        let Some(settings) = settings()? else {
            return Ok(None);
        };
        Ok(Some(Self {
            tracking: Tracking::new(settings.clone())?,
            settings,
            runtime: Builder::new_current_thread().enable_all().build()?,
        }))
    }

    /// The server that `MLFLOW_TRACKING_URI` names, without which the command makes no sense.
    pub(crate) fn required() -> Result<Self, Failure> {
        Self::open()?.ok_or_else(|| {
            let error = anyhow!("no tracking server is named");
            Failure::new(Code::Configuration, error)
                .hint("set MLFLOW_TRACKING_URI, for example to http://127.0.0.1:5000")
        })
    }

    /// Waits for the answer to what `ask` asks the server.
    pub(crate) fn wait<'a, T, F>(
        &'a self,
        ask: impl FnOnce(&'a Tracking) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, MlflowError>> + 'a,
    {
        let waiting = (!has_log()).then(|| progress::waiting("tracking server"));
        let answer = self.runtime.block_on(ask(&self.tracking));
        if let Some(bar) = waiting {
            bar.finish_and_clear();
        }
        Ok(answer?)
    }

    /// Whether the server was told everything about the run in `folder`.
    pub(crate) fn knows(&self, folder: &Path) -> bool {
        mlflow::is_synced(folder, &self.settings)
    }

    /// Whether the server was told that `alias` means `version`.
    pub(crate) fn knows_alias(
        &self,
        alias: &Alias,
        version: ModelVersion,
        artifacts: &Path,
    ) -> bool {
        self.tracking.was_told(alias, version, artifacts)
    }

    /// Brings a version from the server into the folder of the versions, and warns when that was
    /// there, but damaged.
    pub(crate) fn pull(
        &self,
        remote: &RemoteReference,
        artifacts: &Path,
    ) -> Result<Pulled, Failure> {
        let pulled = self.wait(|tracking| tracking.pull(remote, artifacts))?;
        if let Some(problem) = &pulled.repaired {
            let version = pulled.version;
            warn(&format!(
                "{version} was damaged here and has been downloaded again: {problem}"
            ));
        }
        Ok(pulled)
    }

    /// Brings a version from the server; when that cannot be reached, the version it named last.
    pub(crate) fn pull_or_last(
        remote: &RemoteReference,
        artifacts: &Path,
    ) -> Result<ModelVersion, Failure> {
        match Self::required()?.pull(remote, artifacts) {
            Ok(pulled) => Ok(pulled.version),
            Err(failure) if failure.code() == Code::Network => {
                let Some(version) = mlflow::last_pulled(remote, artifacts) else {
                    return Err(failure);
                };
                let message = failure.message();
                warn(&format!(
                    "using {version}, which was {remote} the last time: {message}"
                ));
                Ok(version)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Sends the run in `folder` with the version that it wrote below `artifacts`, and warns when
    /// that could not go along.
    pub(crate) fn send_run(&self, folder: &Path, artifacts: &Path) -> Result<(), Failure> {
        let synced = self.wait(|tracking| tracking.sync_run(folder, artifacts))?;
        if let Some(reason) = &synced.without_models {
            let run = synced.run;
            warn(&format!("run {run} is sent without its models: {reason}"));
        }
        Ok(())
    }

    /// Tells the server that `alias` means `version`.
    pub(crate) fn send_alias(
        &self,
        alias: &Alias,
        version: ModelVersion,
        artifacts: &Path,
    ) -> Result<(), Failure> {
        self.wait(|tracking| tracking.set_alias(alias, version, artifacts))
    }

    /// Tells the server, if one is named, that `alias` means `version`. It is no failure when the
    /// server cannot be told now.
    pub(crate) fn tell_alias(alias: &Alias, version: ModelVersion, artifacts: &Path) {
        let what = format!("{alias} = {version}");
        Self::tell(&what, |tracked| {
            tracked.send_alias(alias, version, artifacts)
        });
    }

    /// Lets `send` tell the server of `what`, if a server is named, and says what came of it. It is
    /// no failure when the server cannot be told now.
    pub(crate) fn tell(what: &str, send: impl FnOnce(&Self) -> Result<(), Failure>) {
        let told = match Self::open() {
            Ok(None) => return,
            Ok(Some(tracked)) => send(&tracked),
            Err(failure) => Err(failure),
        };
        match told {
            Ok(()) => output::say(format!("the tracking server knows {what}")),
            Err(failure) => output::say(format!(
                "warning: the tracking server does not know {what} yet: {}\n\
                 hint: `hp runs sync` tells it later",
                failure.message()
            )),
        }
    }
}

/// What the environment says of the tracking server.
pub(super) fn settings() -> Result<Option<Settings>, Failure> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let home = variable("HOME");
    let credentials = home.and_then(|home| {
        std::fs::read_to_string(Path::new(&home).join(".mlflow/credentials")).ok()
    });
    Ok(Settings::read(&variable, credentials.as_deref())?)
}

/// Whether the program is a server that writes a log.
fn has_log() -> bool {
    tracing::dispatcher::has_been_set()
}

/// Says it where the program talks: to its log, if it has one.
fn warn(text: &str) {
    if has_log() {
        tracing::warn!("{text}");
    } else {
        output::say(format!("warning: {text}"));
    }
}
