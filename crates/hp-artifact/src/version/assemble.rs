//! From fitted objects to the manifest and the bytes of every file.

use super::{NewVersion, TrainedMethod};
use crate::codec;
use crate::error::ArtifactError;
use crate::manifest::{
    self, FileEntry, MANIFEST_FILE, Manifest, MethodEntry, PREPROCESSOR_FILE, REFERENCE_FILE,
};
use crate::reference;
use hp_core::fingerprint::Fingerprint;
use hp_core::number;
use hp_core::version::ModelVersion;
use hp_models::{FittedModel, Regressor};
use std::collections::BTreeMap;
use std::path::Path;

/// File names and their bytes.
type Files = BTreeMap<String, Vec<u8>>;

/// The manifest and all files, itself among them, of the version that will be at `target`.
pub(super) fn assemble(
    target: &Path,
    new: &NewVersion<'_>,
) -> Result<(Manifest, Files), ArtifactError> {
    check_features(target, new)?;
    let mut files = Files::new();
    let preprocessor =
        codec::encode_preprocessor(&target.join(PREPROCESSOR_FILE), new.preprocessor)?;
    files.insert(PREPROCESSOR_FILE.to_owned(), preprocessor);
    let mut methods = Vec::new();
    for trained in &new.methods {
        let entry = method_entry(trained, new.version);
        let path = target.join(&entry.file);
        let model = codec::encode_model(&path, &trained.fit.model)?;
        files.insert(entry.file.clone(), model);
        methods.push(entry);
    }
    if let Some(training) = new.reference {
        let text = reference::encode(&target.join(REFERENCE_FILE), training, new.schema)?;
        files.insert(REFERENCE_FILE.to_owned(), text);
    }
    let manifest = manifest(new, methods, &files);
    let text = checked_text(&target.join(MANIFEST_FILE), &manifest)?;
    files.insert(MANIFEST_FILE.to_owned(), text);
    Ok((manifest, files))
}

fn check_features(target: &Path, new: &NewVersion<'_>) -> Result<(), ArtifactError> {
    let expected = new.schema.features.len();
    let models = new.methods.iter().map(|trained| {
        let name = trained.method.name.as_str();
        (name, trained.fit.model.n_features())
    });
    let others = [
        ("the preprocessor", new.preprocessor.n_features()),
        ("the example", new.example.len()),
    ];
    for (what, found) in others.into_iter().chain(models) {
        if found != expected {
            let problem = format!("`{what}` has {found} features, the schema {expected}");
            return Err(ArtifactError::inconsistent(target, problem));
        }
    }
    Ok(())
}

fn method_entry(trained: &TrainedMethod<'_>, version: ModelVersion) -> MethodEntry {
    MethodEntry {
        name: trained.method.name.clone(),
        role: trained.method.role,
        quantile: trained.method.quantile(),
        config: trained.method.config.clone(),
        cross_validation: trained.cross_validation.clone(),
        n_iter: trained.fit.n_iter,
        oob_score: oob_score(&trained.fit.model),
        warnings: trained.fit.warnings.clone(),
        file: format!("{}_{version}.bin", trained.method.slug()),
    }
}

fn oob_score(model: &FittedModel) -> Option<f64> {
    match model {
        FittedModel::Forest(forest) => forest.oob_score(),
        FittedModel::Linear(_) | FittedModel::Boosting(_) => None,
    }
}

fn manifest(new: &NewVersion<'_>, methods: Vec<MethodEntry>, files: &Files) -> Manifest {
    let names = new.schema.feature_names().map(str::to_owned);
    let values = new.example.iter().map(|&value| number::json(value));
    let entries = files.iter().map(|(name, bytes)| {
        let entry = FileEntry {
            sha256: Fingerprint::of(bytes),
            bytes: bytes.len() as u64,
        };
        (name.clone(), entry)
    });
    Manifest {
        format_version: manifest::FORMAT,
        model_version: new.version,
        hp_version: new.hp_version.to_owned(),
        git_commit: new.git_commit.map(str::to_owned),
        data: new.data.clone(),
        schema: new.schema.clone(),
        example: names.zip(values).collect(),
        folds: new.folds,
        methods,
        serving: new.serving.clone(),
        files: entries.collect(),
    }
}

/// The manifest's bytes, after making sure that they can be read back: JSON has no NaN, and names
/// come from a configuration.
fn checked_text(path: &Path, manifest: &Manifest) -> Result<Vec<u8>, ArtifactError> {
    let syntax = |source| ArtifactError::ManifestSyntax {
        path: path.to_owned(),
        source,
    };
    let text = manifest.to_json().map_err(syntax)?.into_bytes();
    if Manifest::parse(path, &text)? != *manifest {
        return Err(ArtifactError::inconsistent(
            path,
            "it does not read back as it was written",
        ));
    }
    Ok(text)
}
