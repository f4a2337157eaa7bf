//! From a name to the version in the folder that it means.

use crate::aliases::Aliases;
use crate::error::RegistryError;
use crate::reference::{Alias, Reference};
use hp_artifact::{list_versions, version_path};
use hp_core::version::ModelVersion;
use std::path::Path;

/// The version below `artifacts` that `reference` means. Its folder exists; it is not verified.
///
/// # Errors
/// There is no such version or alias, the alias means a version that is gone, the name is that of a
/// version on a server, or the folder cannot be read.
pub fn resolve(artifacts: &Path, reference: &Reference) -> Result<ModelVersion, RegistryError> {
    match reference {
        Reference::Latest => {
            let newest = list_versions(artifacts)?.pop();
            newest.ok_or_else(|| RegistryError::NoVersion {
                artifacts: artifacts.to_owned(),
            })
        }
        Reference::Version(version) => {
            if version_path(artifacts, *version).is_dir() {
                return Ok(*version);
            }
            Err(unknown_version(artifacts, *version)?)
        }
        Reference::Alias(alias) => target(artifacts, alias),
        Reference::Remote(reference) => Err(RegistryError::Remote {
            reference: reference.clone(),
        }),
    }
}

/// The error that `version` does not exist, with those that do.
pub(crate) fn unknown_version(
    artifacts: &Path,
    version: ModelVersion,
) -> Result<RegistryError, RegistryError> {
    Ok(RegistryError::UnknownVersion {
        version,
        artifacts: artifacts.to_owned(),
        versions: list_versions(artifacts)?,
        // A damaged file of aliases is not what was asked about.
        aliases: Aliases::load(artifacts).map_or_else(|_| Vec::new(), |aliases| aliases.names()),
    })
}

/// The error that `alias` means nothing, with what exists.
pub(crate) fn unknown_alias(
    artifacts: &Path,
    alias: Alias,
    aliases: &Aliases,
) -> Result<RegistryError, RegistryError> {
    Ok(RegistryError::UnknownAlias {
        alias,
        artifacts: artifacts.to_owned(),
        versions: list_versions(artifacts)?,
        aliases: aliases.names(),
    })
}

fn target(artifacts: &Path, alias: &Alias) -> Result<ModelVersion, RegistryError> {
    let aliases = Aliases::load(artifacts)?;
    let Some(version) = aliases.target(alias) else {
        return Err(unknown_alias(artifacts, alias.clone(), &aliases)?);
    };
    if version_path(artifacts, version).is_dir() {
        return Ok(version);
    }
    Err(RegistryError::TargetGone {
        alias: alias.clone(),
        version,
        artifacts: artifacts.to_owned(),
    })
}
