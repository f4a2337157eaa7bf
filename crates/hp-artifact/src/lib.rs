//! The on-disk model format. [`write_version`] makes an immutable folder `v1.0.0`, [`package`] one
//! archive of it, and [`load`] reads either back, trusting no byte of it: a file that is truncated,
//! damaged, foreign or newer is an error, never a panic or a wrong model.

mod artifact;
mod manifest;
mod reference;
mod trio;
mod version;

mod archive;
pub mod codec;
mod container;
mod files;

mod error;

pub use archive::{Extra, Packaged, checksum_path, package};
pub use artifact::{
    Artifact, What, load, load_version, read_archive, read_manifest, read_reference, verify,
};
pub use error::ArtifactError;
pub use manifest::{
    Change, DataSummary, FileEntry, MANIFEST_FILE, Manifest, MethodEntry, PREPROCESSOR_FILE,
    REFERENCE_FILE, TrainingInputs,
};
pub use trio::ServedTrio;
pub use version::{
    NewVersion, Overwrite, TrainedMethod, list_versions, version_path, write_version,
};
