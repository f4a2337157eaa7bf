//! Why an artifact could not be written, read or trusted.

use hp_core::fingerprint::Fingerprint;
use hp_core::version::ModelVersion;
use hp_durable::IoError;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

/// Why an artifact could not be written, read or trusted. A path inside an archive is that of the
/// archive followed by the name of the entry.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] IoError),
    /// There is nothing where an artifact or one of its files should be.
    #[error("`{}` does not exist", path.display())]
    Missing {
        /// The file or folder.
        path: PathBuf,
    },
    /// The version was written before; versions are immutable.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// The version's folder.
        path: PathBuf,
    },
    /// The file does not begin as a file of hp does.
    #[error("`{}` is not a model file of hp", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is of a format that this hp does not know yet.
    #[error(
        "`{}` has format {found}, which needs hp {needs} or newer; this hp reads formats up to \
         {supported}",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that is known.
        supported: u32,
        /// A version of hp that reads it.
        needs: String,
    },
    /// The file ends too early, or is not as long as the manifest says.
    #[error("`{}` has {found} bytes where {expected} are expected", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// The length it should have in bytes.
        expected: u64,
        /// The length it has in bytes.
        found: u64,
    },
    /// The bytes are not those that were written.
    #[error(
        "`{}` is damaged: its sha256 is {found} where {expected} is expected",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The digest written down.
        expected: String,
        /// The digest of what is there.
        found: Fingerprint,
    },
    /// The file holds another kind of object.
    #[error("`{}` holds a {found} where a {expected} is expected", path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// The kind that is needed.
        expected: &'static str,
        /// The kind that is there.
        found: &'static str,
    },
    /// The bytes are sound but do not make an object.
    #[error("`{}` does not hold a usable object", path.display())]
    Undecodable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The manifest is not JSON of the expected form.
    #[error("`{}` is not a manifest of hp", path.display())]
    ManifestSyntax {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The parts of the artifact do not fit together.
    #[error("`{}` is inconsistent: {problem}", path.display())]
    Inconsistent {
        /// The manifest or model file.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },
    /// The file is larger than anything this program writes.
    #[error("`{}` has more than the {limit} bytes allowed", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The largest length allowed in bytes.
        limit: u64,
    },
    /// A file lies in the version's folder that the manifest does not list.
    #[error("`{}` is not listed in the manifest", path.display())]
    Unlisted {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds another version than its name says.
    #[error("`{}` holds the model version {found}", path.display())]
    OtherVersion {
        /// The version's folder.
        path: PathBuf,
        /// The version in its manifest.
        found: ModelVersion,
    },
    /// The archive cannot be unpacked.
    #[error("cannot unpack `{}`", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An entry of the archive is not one that hp writes.
    #[error("`{}` contains `{entry}`, {problem}", path.display())]
    Entry {
        /// The archive.
        path: PathBuf,
        /// The entry's name as it stands there.
        entry: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A model is too large for the format.
    #[error("`{}` cannot be encoded", path.display())]
    Encode {
        /// The file it was meant for.
        path: PathBuf,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Verification found several faults.
    #[error("`{}` has {} faults: {}", path.display(), faults.len(), list(faults))]
    Unsound {
        /// The artifact.
        path: PathBuf,
        /// All of them.
        faults: Vec<ArtifactError>,
    },
}

impl ArtifactError {
    /// Makes a function that adds path and action to an error of reading.
    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            _ => IoError::of(action, &path)(source).into(),
        }
    }

    pub(crate) fn undecodable(
        path: &Path,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Undecodable {
            path: path.to_owned(),
            source: source.into(),
        }
    }

    pub(crate) fn inconsistent(path: &Path, problem: impl Into<String>) -> Self {
        Self::Inconsistent {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}

fn list(faults: &[ArtifactError]) -> String {
    let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
