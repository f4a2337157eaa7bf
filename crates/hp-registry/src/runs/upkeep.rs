//! Keeping the index like the folders. Whoever writes it holds a lock, so that no two make it anew
//! at once and none writes to a file that is being replaced.

use super::index::{self, Index};
use super::{Reindexed, RunStore, RunSummary};
use crate::error::RegistryError;
use crate::run::{Run, RunId, RunStatus};
use hp_durable::{Lock, StagedFile};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The name of the index below the artifacts folder.
const INDEX: &str = "runs.db";

impl RunStore {
    pub(super) fn index_path(&self) -> PathBuf {
        self.artifacts.join(INDEX)
    }

    /// Keeps other processes from writing the index.
    pub(super) fn lock_index(&self) -> Result<Lock, RegistryError> {
        Ok(Lock::exclusive(&self.folders.path().join(".lock"))?)
    }

    /// Writes the row of `run` in the index.
    pub(super) fn note(&self, run: &Run) -> Result<(), RegistryError> {
        let _lock = self.lock_index()?;
        match Index::open(&self.index_path())? {
            Some(mut index) => index.change(&[RunSummary::of(run)], &[]),
            None => self.rebuild().map(drop),
        }
    }

    /// The index with a row for each of `ids` and no other, and the folders that have none as they
    /// are damaged.
    pub(super) fn current(
        &self,
        ids: &BTreeSet<RunId>,
    ) -> Result<(Index, Vec<RegistryError>), RegistryError> {
        let path = self.index_path();
        let mut index = self.open_or_rebuild(&path)?;
        let known = index.ids()?;
        let new = ids.difference(&known).copied().collect();
        let (new, damaged) = self.folders.read_all(&new);
        let gone: Vec<_> = known.difference(ids).copied().collect();
        if !new.is_empty() || !gone.is_empty() {
            let _lock = self.lock_index()?;
            // Another process may have replaced the file while nobody was kept from it.
            if let Some(now) = Index::open(&path)? {
                index = now;
            }
            index.change(&self.rows(&new), &gone)?;
        }
        Ok((index, damaged))
    }

    fn open_or_rebuild(&self, path: &Path) -> Result<Index, RegistryError> {
        if let Some(index) = Index::open(path)? {
            return Ok(index);
        }
        let _lock = self.lock_index()?;
        if let Some(index) = Index::open(path)? {
            return Ok(index);
        }
        self.rebuild()?;
        Index::open(path)?.ok_or_else(|| RegistryError::IndexDamaged {
            path: path.to_owned(),
            problem: "it vanished as soon as it was made".to_owned(),
        })
    }

    /// Makes the index anew. The lock of the index must be held.
    pub(super) fn rebuild(&self) -> Result<Reindexed, RegistryError> {
        let found = self.folders.scan()?;
        let (runs, damaged) = self.folders.read_all(&found.ids);
        let path = self.index_path();
        let staged = StagedFile::new(&path)?;
        Index::create(staged.path(), &self.rows(&runs))?;
        index::clear_for_successor(&path)?;
        staged.rename()?;
        let mut problems = found.strays;
        problems.extend(damaged);
        Ok(Reindexed {
            runs: runs.len(),
            damaged: problems,
        })
    }

    /// The rows of `runs`. Those whose process is gone are marked as KILLED in their folders, since
    /// the index will not tell them from others.
    fn rows(&self, runs: &[Run]) -> Vec<RunSummary> {
        for run in runs.iter().filter(|run| run.status == RunStatus::Killed) {
            if let Err(error) = self.folders.bury(run.id) {
                tracing::debug!(run = %run.id, %error, "a run that was killed is not marked");
            }
        }
        runs.iter().map(RunSummary::of).collect()
    }

    /// Marks the runs that the index has as RUNNING and whose process is gone as KILLED.
    pub(super) fn bury_the_dead(&self) -> Result<(), RegistryError> {
        let Some(index) = Index::open(&self.index_path())? else {
            return Ok(());
        };
        for id in index.running()? {
            if let Some(run) = self.folders.bury(id)? {
                self.note(&run)?;
            }
        }
        Ok(())
    }
}
