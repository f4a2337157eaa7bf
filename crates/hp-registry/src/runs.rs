//! The runs below the artifacts folder. `runs/<id>/run.json` is the truth about a run, and its
//! folder can be copied elsewhere; `runs.db` is an index of the folders that makes lists fast, and
//! can be thrown away at any time.

mod active;
mod collect;
mod find;
mod summary;

mod folders;
mod index;
mod upkeep;

pub use active::{ActiveRun, Finished};
pub use collect::{Collected, GcPolicy, Removed};
pub use summary::{Listing, RunQuery, RunSummary};

use crate::error::RegistryError;
use crate::run::{Run, RunId};
use folders::RunFolders;
use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use std::path::PathBuf;

/// A folder of runs with its index.
#[derive(Debug, Clone)]
pub struct RunStore {
    artifacts: PathBuf,
    folders: RunFolders,
}

/// What was found when the index was made anew.
#[derive(Debug)]
pub struct Reindexed {
    /// The number of runs.
    pub runs: usize,
    /// The folders that hold no run, and why; nothing was done to them.
    pub damaged: Vec<RegistryError>,
}

impl RunStore {
    /// The runs below `artifacts`. Nothing is read or made yet.
    #[must_use]
    pub fn new(artifacts: impl Into<PathBuf>) -> Self {
        let artifacts = artifacts.into();
        let folders = RunFolders::new(&artifacts);
        Self { artifacts, folders }
    }

    /// Begins `run` with status RUNNING. `files`, given as name and content, are kept beside its
    /// `run.json`. Runs whose process is gone are marked as KILLED on this occasion.
    ///
    /// # Errors
    /// The folder of the run exists or cannot be written. The index is not needed: what it lacks is
    /// added when the run ends, or when runs are listed.
    pub fn start(&self, run: Run, files: &[(&str, &[u8])]) -> Result<ActiveRun, RegistryError> {
        let active = ActiveRun::start(self, run, files)?;
        if let Err(error) = self.bury_the_dead() {
            tracing::debug!(%error, "runs that were killed are not marked");
        }
        let _ = self.note(&active.run);
        Ok(active)
    }

    /// The run `id` as its folder says. One that is RUNNING without a living process is KILLED.
    ///
    /// # Errors
    /// There is no such run, or its folder is damaged.
    pub fn get(&self, id: RunId) -> Result<Run, RegistryError> {
        match self.folders.read(id)? {
            Some(run) => Ok(run),
            None => Err(self.unknown(&id.to_string())),
        }
    }

    /// The runs that `query` asks for, newest first. Folders that were copied in or removed by hand
    /// are noticed; `run.json` files that another program changed are not until the index is made
    /// anew. When the index cannot be used the folders are read instead, which takes longer, and
    /// the reason is among the warnings, as is every folder that holds no run.
    ///
    /// # Errors
    /// The folder of the runs cannot be read.
    pub fn list(&self, query: &RunQuery) -> Result<Listing, RegistryError> {
        let found = self.folders.scan()?;
        if found.ids.is_empty() {
            return Ok(Listing {
                runs: Vec::new(),
                warnings: found.strays,
            });
        }
        let mut warnings = found.strays;
        let indexed = self.current(&found.ids).and_then(|(index, damaged)| {
            let runs = index.query(query, &|id| self.folders.read(id).ok().flatten())?;
            Ok((runs, damaged))
        });
        let (runs, damaged) = match indexed {
            Ok(listed) => listed,
            Err(problem) => {
                warnings.push(problem);
                let (runs, damaged) = self.folders.read_all(&found.ids);
                (query.of(&runs), damaged)
            }
        };
        warnings.extend(damaged);
        Ok(Listing { runs, warnings })
    }

    /// What is wrong with the folders of these runs, read one by one: a list is of the index, which
    /// does not know what happened to a folder since.
    #[must_use]
    pub fn damage(&self, runs: &[RunSummary]) -> Vec<RegistryError> {
        let read = runs.iter().map(|run| self.folders.read(run.id));
        read.filter_map(Result::err).collect()
    }

    /// Writes `run` in the place of what its folder says. Gives what kept the index from learning
    /// of it, if anything did.
    ///
    /// # Errors
    /// The folder of the run is gone or cannot be written.
    pub fn update(&self, run: &Run) -> Result<Option<RegistryError>, RegistryError> {
        self.folders.write(run)?;
        Ok(self.note(run).err())
    }

    /// The newest run that wrote exactly this version: the one whose manifest has this digest.
    ///
    /// # Errors
    /// The folder of the runs cannot be read.
    pub fn made(
        &self,
        version: ModelVersion,
        manifest_sha256: Fingerprint,
    ) -> Result<Option<Run>, RegistryError> {
        let query = RunQuery {
            version: Some(version),
            ..RunQuery::default()
        };
        let wrote = |run: &Run| {
            let artifact = run.artifact.as_ref();
            artifact.is_some_and(|artifact| artifact.manifest_sha256 == manifest_sha256)
        };
        let listed = self.list(&query)?.runs;
        let mut runs = listed
            .iter()
            .filter_map(|summary| self.folders.read(summary.id).ok().flatten());
        Ok(runs.find(wrote))
    }

    /// Makes the index anew from the folders. Runs whose process is gone are marked as KILLED.
    ///
    /// # Errors
    /// The folder of the runs cannot be read or the index cannot be written; the index is then as
    /// it was.
    pub fn reindex(&self) -> Result<Reindexed, RegistryError> {
        self.folders.create()?;
        let _lock = self.lock_index()?;
        self.rebuild()
    }

    /// The folder of the run `id`, whether it exists or not.
    #[must_use]
    pub fn folder(&self, id: RunId) -> PathBuf {
        self.folders.of(id)
    }
}
