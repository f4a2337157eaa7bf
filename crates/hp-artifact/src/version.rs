//! Version folders: writing one, and finding those there are.

mod assemble;

use crate::error::ArtifactError;
use crate::manifest::{DataSummary, Manifest};
use hp_core::config::Method;
use hp_core::reference::TrainingReference;
use hp_core::schema::Schema;
use hp_core::training::{CrossValidation, Serving};
use hp_core::version::ModelVersion;
use hp_durable::StagedFolder;
use hp_features::Preprocessor;
use hp_models::Fit;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Everything that makes a version.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    /// The version.
    pub version: ModelVersion,
    /// The hp that trained it.
    pub hp_version: &'a str,
    /// The commit of the project it was trained in, when that is a git checkout.
    pub git_commit: Option<&'a str>,
    /// What it was trained on.
    pub data: DataSummary,
    /// The columns.
    pub schema: &'a Schema,
    /// The first training row `[features]`, unscaled.
    pub example: &'a [f64],
    /// Number of cross-validation folds.
    pub folds: usize,
    /// The fitted preprocessor.
    pub preprocessor: &'a Preprocessor,
    /// The fitted methods in the order of the configuration.
    pub methods: Vec<TrainedMethod<'a>>,
    /// Which of them are served.
    pub serving: Serving,
    /// What monitoring compares with; without it, it can only count.
    pub reference: Option<&'a TrainingReference>,
}

/// A method and what training made of it.
#[derive(Debug, Clone)]
pub struct TrainedMethod<'a> {
    /// Name, role and parameters.
    pub method: &'a Method,
    /// The fitted model and what its fitting had to say.
    pub fit: &'a Fit,
    /// Its scores on the training rows.
    pub cross_validation: CrossValidation,
}

/// What to do when the version exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Leave it alone and report it.
    Refuse,
    /// Put the new one in its place, at once.
    Replace,
}

/// Writes a version below `artifacts` and gives its manifest. Whenever the process dies, the folder
/// holds the whole version, its predecessor, or nothing; several writers take turns.
///
/// # Errors
/// When the version exists and must not be overwritten, its parts do not fit together, or the disk
/// refuses.
pub fn write_version(
    artifacts: &Path,
    new: &NewVersion<'_>,
    overwrite: Overwrite,
) -> Result<Manifest, ArtifactError> {
    let target = version_path(artifacts, new.version);
    let (manifest, files) = assemble::assemble(&target, new)?;
    let staged = StagedFolder::new(&target)?;
    if overwrite == Overwrite::Refuse && target.symlink_metadata().is_ok() {
        return Err(ArtifactError::Exists { path: target });
    }
    staged.fill(files.iter().map(|(name, bytes)| (name, bytes.as_slice())))?;
    staged.commit()?;
    Ok(manifest)
}

/// The folder of `version` below `artifacts`.
#[must_use]
pub fn version_path(artifacts: &Path, version: ModelVersion) -> PathBuf {
    artifacts.join(version.to_string())
}

/// The versions below `artifacts`, oldest first; none when the folder does not exist.
///
/// # Errors
/// When the folder cannot be read.
pub fn list_versions(artifacts: &Path) -> Result<Vec<ModelVersion>, ArtifactError> {
    let entries = match fs::read_dir(artifacts) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(ArtifactError::io(artifacts, "read"))?,
    };
    let mut versions = Vec::new();
    for entry in entries {
        let entry = entry.map_err(ArtifactError::io(artifacts, "read"))?;
        let name = entry.file_name();
        // `1.0.0` is a version too, but not the name of its folder.
        let version = name.to_str().and_then(|name| {
            let version: ModelVersion = name.parse().ok()?;
            (version.to_string() == name).then_some(version)
        });
        if entry.path().is_dir() {
            versions.extend(version);
        }
    }
    versions.sort_unstable();
    Ok(versions)
}
