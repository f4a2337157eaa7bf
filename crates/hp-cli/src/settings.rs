//! Arguments that several subcommands share, and the files they name.

use crate::failure::{Code, Failure};
use anyhow::anyhow;
use clap::Args;
use hp_artifact::{Artifact, What, list_versions, load_version, version_path};
use hp_core::config::{DataConfig, ModelConfig};
use hp_core::version::{ModelVersion, VersionError};
use hp_data::DataSet;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What the data set is like.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataConfigArgs {
    /// Describes the data set: sources, columns, split
    #[arg(
        long,
        value_name = "FILE",
        default_value = "configs/data_config.yaml",
        env = "HP_DATA_CONFIG"
    )]
    pub(crate) data_config: PathBuf,
}

impl DataConfigArgs {
    pub(crate) fn read(&self) -> Result<DataConfig, Failure> {
        let text = read_config(&self.data_config)?;
        Ok(DataConfig::parse(
            &self.data_config.display().to_string(),
            &text,
        )?)
    }
}

/// Which data set.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataArgs {
    #[command(flatten)]
    pub(crate) config: DataConfigArgs,
    /// Folder of the validated data
    #[arg(long, value_name = "DIR", default_value = "data", env = "HP_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
}

impl DataArgs {
    pub(crate) fn config(&self) -> Result<DataConfig, Failure> {
        self.config.read()
    }

    pub(crate) fn data_set(&self, config: &DataConfig) -> DataSet {
        DataSet::new(&self.data_dir, &config.name)
    }
}

/// Which methods to train.
#[derive(Debug, Clone, Args)]
pub(crate) struct ModelArgs {
    /// Lists the version and the methods to train
    #[arg(
        long,
        value_name = "FILE",
        default_value = "configs/model_config.yaml",
        env = "HP_CONFIG"
    )]
    pub(crate) config: PathBuf,
}

impl ModelArgs {
    pub(crate) fn config(&self) -> Result<ModelConfig, Failure> {
        let text = read_config(&self.config)?;
        Ok(ModelConfig::parse(
            &self.config.display().to_string(),
            &text,
        )?)
    }
}

/// Where model versions are kept.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// Folder of the model versions
    #[arg(
        long,
        value_name = "DIR",
        default_value = "artifacts",
        env = "HP_ARTIFACTS"
    )]
    pub(crate) artifacts: PathBuf,
}

/// Refuses to put a file in the place of a folder or a device, which renaming would do.
pub(crate) fn check_output(path: &Path) -> Result<(), Failure> {
    match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => {
            let error = anyhow!("`{}` is not a file that can be replaced", path.display());
            Err(Failure::new(Code::Failed, error).hint("name another file"))
        }
        _ => Ok(()),
    }
}

/// The text of a configuration file, which a person has written and is therefore small.
fn read_config(path: &Path) -> Result<String, Failure> {
    const MOST: u64 = 4 << 20;
    let name = path.display();
    let fail = |error: anyhow::Error| Failure::new(Code::Configuration, error);
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
        .map_err(|error| {
            fail(anyhow!(error).context(format!("`{name}` cannot be read")))
                .hint("run `hp` in the project's folder, or name the file")
        })?;
    if bytes.len() as u64 > MOST {
        return Err(fail(anyhow!(
            "`{name}` is larger than {MOST} bytes: no configuration"
        )));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        fail(anyhow!("`{name}` is not UTF-8 text (byte {at})")).hint("save the file as UTF-8")
    })
}

/// Which model version to use.
#[derive(Debug, Clone, Args)]
pub(crate) struct VersionArgs {
    /// The version [default: the newest]
    #[arg(long, value_name = "VERSION", env = "MODEL_VERSION")]
    pub(crate) model_version: Option<String>,
    /// A version's folder or archive, wherever it is
    #[arg(long, value_name = "PATH")]
    pub(crate) artifact: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

impl VersionArgs {
    /// Loads the version that is meant.
    pub(crate) fn load(&self, what: What) -> Result<Artifact, Failure> {
        match &self.artifact {
            Some(path) => Ok(hp_artifact::load(path, what)?),
            None => Ok(load_version(&self.store.artifacts, self.version()?, what)?),
        }
    }

    /// The folder or archive of the version that is meant.
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        match &self.artifact {
            Some(path) => Ok(path.clone()),
            None => Ok(version_path(&self.store.artifacts, self.version()?)),
        }
    }

    /// The folder for files about the version: beside it, never in it.
    pub(crate) fn folder(&self) -> PathBuf {
        let Some(path) = &self.artifact else {
            return self.store.artifacts.clone();
        };
        // `.` and `..` have the right parent as an absolute path only.
        let absolute = match path.file_name() {
            Some(_) => None,
            None => path.canonicalize().ok(),
        };
        let beside = absolute.as_ref().unwrap_or(path).parent();
        beside.unwrap_or(Path::new("")).to_owned()
    }

    fn version(&self) -> Result<ModelVersion, Failure> {
        let artifacts = &self.store.artifacts;
        let existing = list_versions(artifacts)?;
        // `MODEL_VERSION=` in a `.env` file means nothing in particular.
        let wanted = self
            .model_version
            .as_deref()
            .filter(|text| !text.is_empty());
        let Some(wanted) = wanted else {
            return existing.last().copied().ok_or_else(|| {
                let error = anyhow!("there is no model version in `{}`", artifacts.display());
                Failure::new(Code::Failed, error).hint("run `hp train`")
            });
        };
        let version = wanted
            .parse()
            .map_err(|error: VersionError| Failure::new(Code::Usage, error.into()))?;
        if !existing.contains(&version) {
            let names: Vec<_> = existing.iter().map(ToString::to_string).collect();
            let error = anyhow!("there is no {version} in `{}`", artifacts.display());
            return Err(
                Failure::new(Code::Failed, error).hint(match names.as_slice() {
                    [] => "run `hp train`".to_owned(),
                    names => format!("choose from {}", names.join(", ")),
                }),
            );
        }
        Ok(version)
    }
}
