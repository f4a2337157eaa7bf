//! Whether a data set is what its configuration asks for now.

use super::DataSet;
use crate::error::DataError;
use crate::fetch::shown;
use crate::manifest::{DataManifest, config_fingerprint};
use hp_core::config::{DataConfig, Location};
use hp_core::fingerprint::{Fingerprint, Hasher};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// Why a data set has to be fetched again.
#[derive(Debug, thiserror::Error)]
pub enum Stale {
    /// There is none, or it cannot be used.
    #[error(transparent)]
    Unusable(#[from] DataError),
    /// It was made with another configuration.
    #[error("the data configuration changed")]
    Configuration,
    /// It was fetched from somewhere else.
    #[error("it was fetched from `{source_used}`, which is not a configured source")]
    OtherSource {
        /// The address or path it came from.
        source_used: String,
    },
    /// A file it would be fetched from has other content.
    #[error("`{path}` has other content than it was fetched with")]
    SourceChanged {
        /// The file.
        path: String,
    },
}

impl DataSet {
    /// Checks that fetching the data set with `config` again would change nothing, as far as can be
    /// told without the network, and gives its manifest.
    ///
    /// Files are compared by content. Those that matter are the sources up to the one it came from:
    /// a source after that would not be tried. A file that cannot be opened, most likely because it
    /// was removed, changes nothing; nor does one too large to be used, unless the data set came
    /// from it.
    ///
    /// # Errors
    /// The reason to fetch it again.
    pub fn status(&self, config: &DataConfig) -> Result<DataManifest, Stale> {
        let (_, manifest) = self.load(&config.schema)?;
        if manifest.config_fingerprint != config_fingerprint(config) {
            return Err(Stale::Configuration);
        }
        let origin = &manifest.origin;
        let locations = config.sources.iter().map(|source| &source.location);
        if locations
            .clone()
            .all(|location| shown(location) != origin.source)
        {
            return Err(Stale::OtherSource {
                source_used: manifest.origin.source,
            });
        }
        for location in locations {
            let name = shown(location);
            let is_origin = name == origin.source;
            if let Location::Path(path) = location
                && let Ok((file, bytes)) = open(path)
                && (is_origin || bytes <= config.download.max_bytes)
                && (bytes != origin.bytes || fingerprint(file).ok() != Some(origin.sha256))
            {
                return Err(Stale::SourceChanged { path: name });
            }
            if is_origin {
                break;
            }
        }
        Ok(manifest)
    }
}

/// Opens a regular file and tells its length in bytes; opening a pipe could wait for ever.
fn open(path: &Path) -> io::Result<(File, u64)> {
    if !path.metadata()?.is_file() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    Ok((file, bytes))
}

/// The digest of what is left to read.
pub(super) fn fingerprint(file: File) -> io::Result<Fingerprint> {
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut hasher = Hasher::default();
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(hasher.finish());
        }
        hasher.update(bytes);
        let length = bytes.len();
        reader.consume(length);
    }
}
