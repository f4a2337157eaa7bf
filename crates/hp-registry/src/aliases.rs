//! Aliases: names such as `champion` that are moved from version to version. `aliases.json` holds
//! every move with who, when and why; what an alias means follows from its moves.

mod moving;

pub use moving::{Promotion, Rollback, promote, rollback};

use crate::error::RegistryError;
use crate::json_file::{self, Limits};
use crate::reference::Alias;
use hp_core::version::ModelVersion;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name of the file below the artifacts folder.
pub(crate) const FILE: &str = "aliases.json";

/// Some fifty thousand moves.
const LIMITS: Limits = Limits {
    bytes: 16 << 20,
    format: 1,
};

/// All aliases, as they were when they were loaded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aliases {
    moves: Vec<Move>,
    /// The targets of each alias, the present one last; a rollback takes it away.
    targets: BTreeMap<Alias, Vec<ModelVersion>>,
}

/// An alias was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Which one.
    pub alias: Alias,
    /// In which direction.
    pub action: Action,
    /// What it meant before.
    pub from: Option<ModelVersion>,
    /// What it means since.
    pub to: ModelVersion,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    #[serde(default)]
    pub by: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// The condition that the version met.
    #[serde(default)]
    pub gate: Option<String>,
}

/// The direction of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// To a version that was chosen.
    Promote,
    /// To the target before.
    Rollback,
}

impl Action {
    /// `promote` or `rollback`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Rollback => "rollback",
        }
    }
}

impl Aliases {
    /// Reads the aliases below `artifacts`; none when nothing was ever promoted.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, is of a newer format, or its moves do not follow from
    /// one another.
    pub fn load(artifacts: &Path) -> Result<Self, RegistryError> {
        let path = path(artifacts);
        let Some(file) = json_file::read::<File>(&path, LIMITS)? else {
            return Ok(Self::default());
        };
        let mut aliases = Self::default();
        for (index, next) in file.moves.into_iter().enumerate() {
            let replayed = aliases.replay(next);
            replayed.map_err(|problem| RegistryError::Inconsistent {
                path: path.clone(),
                number: index + 1,
                problem,
            })?;
        }
        Ok(aliases)
    }

    /// The version that `alias` means.
    #[must_use]
    pub fn target(&self, alias: &Alias) -> Option<ModelVersion> {
        self.targets.get(alias)?.last().copied()
    }

    /// The targets of `alias`, the present one first, then those that rollbacks lead to.
    pub fn targets(&self, alias: &Alias) -> impl Iterator<Item = ModelVersion> {
        let targets = self.targets.get(alias).map_or(&[][..], Vec::as_slice);
        targets.iter().rev().copied()
    }

    /// The aliases that mean `version`, in alphabetical order.
    #[must_use]
    pub fn of(&self, version: ModelVersion) -> Vec<&Alias> {
        let all = self.all();
        all.filter_map(|(alias, target)| (target == version).then_some(alias))
            .collect()
    }

    /// Every alias with the version that it means, in alphabetical order.
    pub fn all(&self) -> impl Iterator<Item = (&Alias, ModelVersion)> {
        let aliases = self.targets.iter();
        aliases.filter_map(|(alias, targets)| Some((alias, *targets.last()?)))
    }

    /// Everything that was ever moved, oldest first.
    #[must_use]
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// The aliases that mean a version, in alphabetical order.
    #[must_use]
    pub fn names(&self) -> Vec<Alias> {
        self.all().map(|(alias, _)| alias.clone()).collect()
    }

    /// Whether an alias means `version`, or would after rollbacks.
    pub(crate) fn lead_to(&self, version: ModelVersion) -> bool {
        self.targets.values().flatten().any(|&to| to == version)
    }

    /// Adds a move; the problem, if it does not follow from those before.
    fn replay(&mut self, next: Move) -> Result<(), String> {
        let targets = self.targets.entry(next.alias.clone()).or_default();
        if next.from != targets.last().copied() {
            return Err(format!("starts where `{}` was not", next.alias));
        }
        match next.action {
            Action::Promote if next.from == Some(next.to) => {
                return Err(format!("leaves `{}` where it was", next.alias));
            }
            Action::Promote => targets.push(next.to),
            Action::Rollback => {
                targets.pop();
                if targets.last() != Some(&next.to) {
                    return Err(format!("leads to {}, which was not before", next.to));
                }
            }
        }
        self.moves.push(next);
        Ok(())
    }

    fn write(&self, artifacts: &Path) -> Result<(), RegistryError> {
        let file = FileOut {
            format_version: LIMITS.format,
            moves: &self.moves,
        };
        json_file::write(&path(artifacts), &file, LIMITS)
    }
}

fn path(artifacts: &Path) -> PathBuf {
    artifacts.join(FILE)
}

#[derive(Deserialize)]
struct File {
    moves: Vec<Move>,
}

#[derive(Serialize)]
struct FileOut<'a> {
    format_version: u32,
    moves: &'a [Move],
}
