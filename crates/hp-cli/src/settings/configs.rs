//! The two configuration files and the data set they describe.

use crate::failure::{Code, Failure};
use anyhow::anyhow;
use clap::Args;
use hp_core::config::{DataConfig, ModelConfig};
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
        self.read_with_text().map(|(config, _)| config)
    }

    /// The configuration, and the text it was read from.
    pub(crate) fn read_with_text(&self) -> Result<(DataConfig, String), Failure> {
        let text = read_config(&self.data_config)?;
        let config = DataConfig::parse(&self.data_config.display().to_string(), &text)?;
        Ok((config, text))
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
        self.read_with_text().map(|(config, _)| config)
    }

    /// The configuration, and the text it was read from.
    pub(crate) fn read_with_text(&self) -> Result<(ModelConfig, String), Failure> {
        let text = read_config(&self.config)?;
        let config = ModelConfig::parse(&self.config.display().to_string(), &text)?;
        Ok((config, text))
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
