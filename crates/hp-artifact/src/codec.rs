//! Fitted objects to bytes and back.
//!
//! What is stored are flat arrays, apart from the types that predict. Every vector holds plain
//! numbers, never another vector: the decoder then sees that a length exceeds the bytes at hand
//! before it allocates anything.

mod linear;
mod preprocessor;
mod trees;

use crate::container::{self, Kind, MAX_BYTES, Opened};
use crate::error::ArtifactError;
use hp_features::Preprocessor;
use hp_models::FittedModel;
use linear::StoredLinear;
use preprocessor::StoredPreprocessor;
use std::error::Error;
use std::path::Path;
use trees::{StoredBoosting, StoredForest};
use wincode::config::Configuration;
use wincode::{SchemaReadOwned, SchemaWrite};

/// The bytes of `preprocessor`; `path` is the file they are meant for.
///
/// # Errors
/// When they would be more than a file may have.
pub fn encode_preprocessor(
    path: &Path,
    preprocessor: &Preprocessor,
) -> Result<Vec<u8>, ArtifactError> {
    encode(
        path,
        Kind::Preprocessor,
        &StoredPreprocessor::from(preprocessor),
    )
}

/// The bytes of `model`; `path` is the file they are meant for.
///
/// # Errors
/// When they would be more than a file may have.
pub fn encode_model(path: &Path, model: &FittedModel) -> Result<Vec<u8>, ArtifactError> {
    match model {
        FittedModel::Linear(model) => encode(path, Kind::Linear, &StoredLinear::from(model)),
        FittedModel::Forest(model) => encode(path, Kind::Forest, &StoredForest::from(model)),
        FittedModel::Boosting(model) => encode(path, Kind::Boosting, &StoredBoosting::from(model)),
    }
}

/// The preprocessor in `bytes`, which came from `path`.
///
/// # Errors
/// When the bytes are anything but a preprocessor as written by this or an older hp.
pub fn decode_preprocessor(path: &Path, bytes: &[u8]) -> Result<Preprocessor, ArtifactError> {
    preprocessor_of(path, &container::open(path, bytes)?)
}

/// The model in `bytes`, which came from `path`.
///
/// # Errors
/// When the bytes are anything but a model as written by this or an older hp.
pub fn decode_model(path: &Path, bytes: &[u8]) -> Result<FittedModel, ArtifactError> {
    model_of(path, &container::open(path, bytes)?)
}

/// The preprocessor in an opened container.
pub(crate) fn preprocessor_of(
    path: &Path,
    opened: &Opened<'_>,
) -> Result<Preprocessor, ArtifactError> {
    match opened.kind {
        Kind::Preprocessor => decode::<StoredPreprocessor, _>(path, opened.payload),
        other => Err(wrong_kind(path, Kind::Preprocessor.name(), other)),
    }
}

/// The model in an opened container.
pub(crate) fn model_of(path: &Path, opened: &Opened<'_>) -> Result<FittedModel, ArtifactError> {
    let payload = opened.payload;
    match opened.kind {
        Kind::Linear => decode::<StoredLinear, _>(path, payload).map(FittedModel::Linear),
        Kind::Forest => decode::<StoredForest, _>(path, payload).map(FittedModel::Forest),
        Kind::Boosting => decode::<StoredBoosting, _>(path, payload).map(FittedModel::Boosting),
        Kind::Preprocessor => Err(wrong_kind(path, "model", opened.kind)),
    }
}

fn encode<T>(path: &Path, kind: Kind, object: &T) -> Result<Vec<u8>, ArtifactError>
where
    T: SchemaWrite<Layout, Src = T>,
{
    let payload = wincode::config::serialize(object, Layout::new());
    let payload = payload.map_err(|source| ArtifactError::Encode {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    let bytes = container::seal(kind, &payload);
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ArtifactError::TooLarge {
            path: path.to_owned(),
            limit: MAX_BYTES,
        });
    }
    Ok(bytes)
}

/// Decodes the stored form `S` of a `T`, which checks itself.
fn decode<S, T>(path: &Path, payload: &[u8]) -> Result<T, ArtifactError>
where
    S: SchemaReadOwned<Layout, Dst = S>,
    T: TryFrom<S>,
    T::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let stored: S = wincode::config::deserialize_exact(payload, Layout::new())
        .map_err(|source| ArtifactError::undecodable(path, source))?;
    T::try_from(stored).map_err(|source| ArtifactError::undecodable(path, source))
}

fn wrong_kind(path: &Path, expected: &'static str, found: Kind) -> ArtifactError {
    ArtifactError::WrongKind {
        path: path.to_owned(),
        expected,
        found: found.name(),
    }
}

/// bincode's layout; a vector may be as large as a file.
type Layout = Configuration<true, { 1 << 30 }>;
