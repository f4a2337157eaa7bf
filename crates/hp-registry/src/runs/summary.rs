//! What a list says of a run.

use crate::error::RegistryError;
use crate::run::{Metrics, Run, RunId, RunStatus};
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Which runs to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunQuery {
    /// At most this many.
    pub limit: Option<usize>,
    /// Only those that stand like this.
    pub status: Option<RunStatus>,
    /// Only those of this version.
    pub version: Option<ModelVersion>,
}

/// A list of runs.
#[derive(Debug, Default)]
pub struct Listing {
    /// The runs, newest first.
    pub runs: Vec<RunSummary>,
    /// What is wrong with the index, and with folders that are not listed.
    pub warnings: Vec<RegistryError>,
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// Its id.
    pub id: RunId,
    /// How it stands.
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The version that it was to make.
    pub model_version: ModelVersion,
    /// The name of its data set.
    pub data_name: String,
    /// The digest of its data set.
    pub data_fingerprint: Fingerprint,
    /// The commit that it was started in.
    pub git_commit: Option<String>,
    /// Whether tracked files differed from the commit.
    pub git_dirty: bool,
    /// Who started it.
    pub user: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    /// The metrics of the served trio.
    pub metrics: Metrics,
}

impl RunSummary {
    /// What a list says of `run`.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let mut metrics = run.metrics.clone();
        metrics.retain(|_, value| value.is_finite());
        Self {
            id: run.id,
            status: run.status,
            started_at: run.started_at,
            ended_at: run.ended_at,
            model_version: run.model_version,
            data_name: run.data.name.clone(),
            data_fingerprint: run.data.fingerprint,
            git_commit: run.git.as_ref().map(|git| git.commit.clone()),
            git_dirty: run.git.as_ref().is_some_and(|git| git.dirty),
            user: run.user.clone(),
            failure: run.failure.clone(),
            metrics,
        }
    }

    /// How long it took, once it ended.
    #[must_use]
    pub fn duration(&self) -> Option<SignedDuration> {
        Some(self.ended_at?.duration_since(self.started_at))
    }
}

impl RunQuery {
    /// The runs that it asks for out of all `runs`, which come oldest first.
    pub(super) fn of(&self, runs: &[Run]) -> Vec<RunSummary> {
        let wanted = |run: &&Run| {
            self.takes(run.status) && self.version.is_none_or(|only| only == run.model_version)
        };
        let limit = self.limit.unwrap_or(usize::MAX);
        let newest = runs.iter().rev().filter(wanted).take(limit);
        newest.map(RunSummary::of).collect()
    }

    pub(super) fn takes(&self, status: RunStatus) -> bool {
        self.status.is_none_or(|only| only == status)
    }
}
