//! Moving an alias, one process at a time.

use super::{Action, Aliases, Move};
use crate::error::RegistryError;
use crate::reference::Alias;
use crate::resolve::{unknown_alias, unknown_version};
use hp_artifact::{ArtifactError, verify, version_path};
use hp_core::version::ModelVersion;
use hp_durable::Lock;
use jiff::Timestamp;
use std::path::Path;

/// The name of the file that is locked while an alias is moved.
const LOCK_FILE: &str = "aliases.lock";

/// The wish that an alias means another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    /// The alias.
    pub alias: Alias,
    /// What it is to mean.
    pub version: ModelVersion,
    /// What it meant when this was decided.
    pub expected: Option<ModelVersion>,
    /// When this is done.
    pub at: Timestamp,
    /// Who does it.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The condition that the version met.
    pub gate: Option<String>,
}

/// The wish that an alias means again what it meant before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// The alias.
    pub alias: Alias,
    /// What it meant when this was decided.
    pub expected: Option<ModelVersion>,
    /// When this is done.
    pub at: Timestamp,
    /// Who does it.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Moves an alias to a version below `artifacts`, which must be sound. Whenever the process dies,
/// the alias is where it was or where it is to be.
///
/// # Errors
/// The version does not exist or is damaged, the alias means it already, somebody moved the alias
/// since the decision, or the disk refuses. The alias is then where it was.
pub fn promote(artifacts: &Path, promotion: Promotion) -> Result<Move, RegistryError> {
    let version = promotion.version;
    let target = version_path(artifacts, version);
    if !target.is_dir() {
        return Err(unknown_version(artifacts, version)?);
    }
    check(&target, version)?;
    change(artifacts, |aliases| {
        let from = expected(aliases, &promotion.alias, promotion.expected)?;
        if from == Some(version) {
            let alias = promotion.alias;
            return Err(RegistryError::Already { alias, version });
        }
        Ok(Move {
            alias: promotion.alias,
            action: Action::Promote,
            from,
            to: version,
            at: promotion.at,
            by: promotion.by,
            reason: promotion.reason,
            gate: promotion.gate,
        })
    })
}

/// Moves an alias back to its target before this one, which must be sound. A second rollback leads
/// one further back.
///
/// # Errors
/// The alias has no target, or none before this one; that one is gone or damaged, somebody moved the alias since the
/// decision, or the disk refuses. The alias is then where it was.
pub fn rollback(artifacts: &Path, rollback: Rollback) -> Result<Move, RegistryError> {
    change(artifacts, |aliases| {
        let from = expected(aliases, &rollback.alias, rollback.expected)?;
        let alias = rollback.alias;
        let Some(version) = from else {
            return Err(unknown_alias(artifacts, alias, aliases)?);
        };
        let Some(to) = aliases.targets(&alias).nth(1) else {
            return Err(RegistryError::NoPrevious { alias, version });
        };
        let target = version_path(artifacts, to);
        if !target.is_dir() {
            return Err(RegistryError::TargetGone {
                alias,
                version: to,
                artifacts: artifacts.to_owned(),
            });
        }
        check(&target, to)?;
        Ok(Move {
            alias,
            action: Action::Rollback,
            from,
            to,
            at: rollback.at,
            by: rollback.by,
            reason: rollback.reason,
            gate: None,
        })
    })
}

/// Adds the move that `decide` makes of the aliases as they are, while nobody else moves any.
fn change(
    artifacts: &Path,
    decide: impl FnOnce(&Aliases) -> Result<Move, RegistryError>,
) -> Result<Move, RegistryError> {
    let _lock = Lock::exclusive(&artifacts.join(LOCK_FILE))?;
    let mut aliases = Aliases::load(artifacts)?;
    let made = decide(&aliases)?;
    aliases.moves.push(made.clone());
    aliases.write(artifacts)?;
    Ok(made)
}

/// The target of `alias`, if it is still the one that a decision was made against.
fn expected(
    aliases: &Aliases,
    alias: &Alias,
    expected: Option<ModelVersion>,
) -> Result<Option<ModelVersion>, RegistryError> {
    let found = aliases.target(alias);
    if found == expected {
        return Ok(found);
    }
    let mut moves = aliases.moves().iter().rev();
    let last = moves.find(|last| last.alias == *alias).cloned();
    Err(RegistryError::Conflict {
        alias: alias.clone(),
        expected,
        found,
        last: last.map(Box::new),
    })
}

/// Checks that the folder `target` holds `version`, sound.
fn check(target: &Path, version: ModelVersion) -> Result<(), RegistryError> {
    let found = verify(target)?.model_version;
    if found == version {
        return Ok(());
    }
    let path = target.to_owned();
    Err(ArtifactError::OtherVersion { path, found }.into())
}
