//! A version of the shipped methods on disk, as `hp train` would write it.

use crate::{Boston, Result};
use hp_artifact::{DataSummary, NewVersion, Overwrite, TrainedMethod, version_path, write_version};
use hp_train::{Quiet, Trained, TrainingSet};
use std::path::PathBuf;
use tempfile::TempDir;

/// A version in a temporary folder.
#[derive(Debug)]
pub struct TrainedVersion {
    /// What was trained.
    pub trained: Trained,
    /// The folder of the version.
    pub path: PathBuf,
    _artifacts: TempDir,
}

impl TrainedVersion {
    /// Trains every shipped method and writes the version.
    ///
    /// # Errors
    /// When a method cannot be fitted or the disk refuses.
    pub fn new(boston: &Boston) -> Result<Self> {
        let trained = train(boston)?;
        let artifacts = tempfile::tempdir()?;
        let methods = trained.methods.iter().map(|method| TrainedMethod {
            method: &method.method,
            fit: &method.fit,
            cross_validation: method.cross_validation.clone(),
        });
        let version = NewVersion {
            version: boston.models.version,
            hp_version: env!("CARGO_PKG_VERSION"),
            git_commit: None,
            data: summary(boston),
            schema: &boston.data.schema,
            example: &boston.features(boston.rows.train[0]),
            folds: boston.models.folds,
            preprocessor: &trained.preprocessor,
            methods: methods.collect(),
            serving: trained.serving.clone(),
            reference: Some(&trained.reference),
        };
        write_version(artifacts.path(), &version, Overwrite::Refuse)?;
        Ok(Self {
            path: version_path(artifacts.path(), boston.models.version),
            trained,
            _artifacts: artifacts,
        })
    }
}

/// Fits and cross-validates every shipped method.
///
/// # Errors
/// When a method cannot be fitted.
pub fn train(boston: &Boston) -> Result<Trained> {
    let set = TrainingSet {
        schema: &boston.data.schema,
        table: &boston.table,
        split: boston.data.split,
    };
    Ok(hp_train::train(&boston.models, set, &Quiet)?)
}

fn summary(boston: &Boston) -> DataSummary {
    DataSummary {
        name: boston.data.name.clone(),
        fingerprint: boston.fingerprint,
        rows: boston.table.n_rows(),
        train_rows: boston.rows.train.len(),
        test_rows: boston.rows.test.len(),
        split: boston.data.split,
    }
}
