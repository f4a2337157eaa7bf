//! Finding a run by what a person calls it.

use super::{RunQuery, RunStore};
use crate::error::RegistryError;
use crate::run::{Run, RunId, RunStatus};

/// The fewest characters that may stand for a whole id.
const SHORTEST: usize = 4;

/// How many runs an error names.
const NAMED: usize = 5;

impl RunStore {
    /// The run that `text` means: an id, at least four characters that only one id begins with, a
    /// version (its newest run that is FINISHED, or else its newest), or `latest`.
    ///
    /// # Errors
    /// No run or several are meant, or the run's folder is damaged.
    pub fn find(&self, text: &str) -> Result<Run, RegistryError> {
        if let Ok(id) = text.parse() {
            return self.get(id);
        }
        let version = text.parse().ok();
        if version.is_none() && text != "latest" {
            return self.beginning_with(text);
        }
        let newest = |status| -> Result<_, RegistryError> {
            let query = RunQuery {
                limit: Some(1),
                status,
                version,
            };
            Ok(self.list(&query)?.runs.into_iter().next())
        };
        let finished = match version {
            Some(_) => newest(Some(RunStatus::Finished))?,
            None => None,
        };
        let found = match finished {
            None => newest(None)?,
            finished => finished,
        };
        match found {
            Some(run) => self.get(run.id),
            None => Err(self.unknown(text)),
        }
    }

    /// The only run whose id begins with `text`.
    fn beginning_with(&self, text: &str) -> Result<Run, RegistryError> {
        let beginning = text.to_ascii_uppercase();
        let mut candidates = Vec::new();
        if beginning.len() >= SHORTEST {
            let ids = self.folders.scan()?.ids;
            let begins = |id: &RunId| id.to_string().starts_with(&beginning);
            candidates = ids.into_iter().rev().filter(begins).collect();
        }
        match candidates[..] {
            [] => Err(self.unknown(text)),
            [id] => self.get(id),
            _ => {
                let total = candidates.len();
                candidates.truncate(NAMED);
                Err(RegistryError::AmbiguousRun {
                    text: text.to_owned(),
                    candidates,
                    total,
                })
            }
        }
    }

    pub(super) fn unknown(&self, text: &str) -> RegistryError {
        let ids = self.folders.scan().map(|found| found.ids);
        let ids = ids.unwrap_or_default();
        RegistryError::UnknownRun {
            text: text.chars().take(60).collect(),
            newest: ids.iter().rev().take(NAMED).copied().collect(),
            total: ids.len(),
        }
    }
}
