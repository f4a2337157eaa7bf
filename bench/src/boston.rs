//! Boston Housing from the bundled copy, with the shipped configurations.

use crate::{Result, table};
use hp_core::config::{DataConfig, ModelConfig};
use hp_core::fingerprint::Fingerprint;
use hp_core::table::Table;
use hp_features::{Preprocessor, TrainTestSplit, feature_matrix, train_test_split};
use ndarray::{Array1, Array2};
use std::fs;
use std::path::{Path, PathBuf};

/// The reference data set and everything that `hp train` would do with it.
#[derive(Debug)]
pub struct Boston {
    /// `configs/data_config.yaml`.
    pub data: DataConfig,
    /// `configs/model_config.yaml`.
    pub models: ModelConfig,
    /// All 506 rows.
    pub table: Table,
    /// The rows to train on and those held out.
    pub rows: TrainTestSplit,
    /// The digest of the bundled copy.
    pub fingerprint: Fingerprint,
}

/// The training rows as the methods see them.
#[derive(Debug)]
pub struct TrainingRows {
    /// The scaled features `[rows, features]`.
    pub x: Array2<f64>,
    /// The target `[rows]`.
    pub y: Array1<f64>,
}

impl Boston {
    /// Reads the bundled copy and both configurations.
    ///
    /// # Errors
    /// When a file is missing or not as shipped.
    pub fn load() -> Result<Self> {
        let text = |name: &str| fs::read_to_string(root().join(name));
        let data = DataConfig::parse("data_config.yaml", &text("configs/data_config.yaml")?)?;
        let models = ModelConfig::parse("model_config.yaml", &text("configs/model_config.yaml")?)?;
        let csv = text("data/raw/boston.csv")?;
        let table = table(&csv, &data)?;
        let rows = train_test_split(table.n_rows(), data.split)?;
        Ok(Self {
            data,
            models,
            table,
            rows,
            fingerprint: Fingerprint::of(csv.as_bytes()),
        })
    }

    /// The training rows, scaled.
    ///
    /// # Errors
    /// When the features cannot be scaled.
    pub fn training_rows(&self) -> Result<TrainingRows> {
        let x = feature_matrix(&self.table, &self.rows.train);
        let preprocessor = Preprocessor::fit(&self.data.schema, x.view())?;
        let rows = self.rows.train.iter();
        Ok(TrainingRows {
            x: preprocessor.transform(x.view()),
            y: rows.map(|&row| self.table.target[row]).collect(),
        })
    }

    /// The features of `row`, not scaled `[features]`.
    #[must_use]
    pub fn features(&self, row: usize) -> Vec<f64> {
        let columns = self.table.features.iter();
        columns.map(|column| column[row]).collect()
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
