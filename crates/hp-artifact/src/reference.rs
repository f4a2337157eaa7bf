//! `reference.json`: what a version remembers of its training data.

use crate::error::ArtifactError;
use hp_core::reference::TrainingReference;
use hp_core::schema::Schema;
use std::path::Path;

/// Largest reference, of more than two thousand features.
const MAX_BYTES: u64 = 64 << 20;

/// Refuses a reference of more bytes than this program writes.
pub(crate) fn check_length(path: &Path, bytes: u64) -> Result<(), ArtifactError> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    Err(ArtifactError::TooLarge {
        path: path.to_owned(),
        limit: MAX_BYTES,
    })
}

/// The text of the file that will be at `path`, after making sure that it can be read back: JSON has
/// no NaN.
pub(crate) fn encode(
    path: &Path,
    reference: &TrainingReference,
    schema: &Schema,
) -> Result<Vec<u8>, ArtifactError> {
    let mut text = serde_json::to_vec(reference).map_err(|source| ArtifactError::Encode {
        path: path.to_owned(),
        source: source.into(),
    })?;
    text.push(b'\n');
    check_length(path, text.len() as u64)?;
    if decode(path, &text, schema)? == *reference {
        return Ok(text);
    }
    Err(ArtifactError::inconsistent(
        path,
        "it does not read back as it was written",
    ))
}

/// The reference in `bytes`, which came from `path` and must be of the features of `schema`.
pub(crate) fn decode(
    path: &Path,
    bytes: &[u8],
    schema: &Schema,
) -> Result<TrainingReference, ArtifactError> {
    let reference: TrainingReference =
        serde_json::from_slice(bytes).map_err(|error| ArtifactError::undecodable(path, error))?;
    let names = reference.features.iter().map(|feature| &*feature.name);
    if names.eq(schema.feature_names()) {
        return Ok(reference);
    }
    Err(ArtifactError::inconsistent(
        path,
        "its features are not those of the schema",
    ))
}
