//! smartcore's forest as a peer of `bench/run`: fitted on a data set's training rows, or asked for one
//! row after the other.
//!
//! `smartcore fit|row FOLDER REPEATS` prints the seconds of each repetition and the root mean squared
//! error on the held-out rows as JSON.

use hp_bench::{Result, table};
use hp_core::config::DataConfig;
use hp_features::{Preprocessor, feature_matrix, train_test_split};
use serde_json::json;
use smartcore::ensemble::random_forest_regressor::{
    RandomForestRegressor, RandomForestRegressorParameters,
};
use smartcore::linalg::basic::matrix::DenseMatrix;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

type Forest = RandomForestRegressor<f64, f64, DenseMatrix<f64>, Vec<f64>>;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [task, folder, repeats, ..] = arguments.as_slice() else {
        // Cargo's own call of a benchmark, which names no data set.
        return Ok(());
    };
    let rows = Rows::read(Path::new(folder))?;
    let repeats = repeats.parse()?;
    let mut forest = None;
    let mut seconds = timed(if task == "fit" { repeats } else { 1 }, |_| {
        forest = Some(Forest::fit(&rows.x_train, &rows.y_train, parameters()));
    });
    let forest = forest.ok_or("no repetition")??;
    if task == "row" {
        let singles = rows.singles()?;
        seconds = timed(repeats, |round| {
            let _ = std::hint::black_box(forest.predict(&singles[round % singles.len()]));
        });
    }
    let y_pred = forest.predict(&rows.x_test)?;
    let errors = y_pred
        .iter()
        .zip(&rows.y_test)
        .map(|(p, y)| (p - y).powi(2));
    let score = (errors.sum::<f64>() / y_pred.len() as f64).sqrt();
    let answer = json!({ "seconds": seconds, "score": score });
    writeln!(std::io::stdout(), "{answer}")?;
    Ok(())
}

/// As scikit-learn's default: every feature is looked at for every split.
fn parameters() -> RandomForestRegressorParameters {
    RandomForestRegressorParameters {
        m: Some(12),
        ..RandomForestRegressorParameters::default()
            .with_n_trees(100)
            .with_seed(42)
    }
}

fn timed(repeats: usize, mut call: impl FnMut(usize)) -> Vec<f64> {
    let rounds = 0..repeats;
    let timed = rounds.map(|round| {
        let start = Instant::now();
        call(round);
        start.elapsed().as_secs_f64()
    });
    timed.collect()
}

/// A data set split and scaled.
struct Rows {
    x_train: DenseMatrix<f64>,
    y_train: Vec<f64>,
    x_test: DenseMatrix<f64>,
    y_test: Vec<f64>,
    test: Vec<Vec<f64>>,
}

impl Rows {
    fn read(folder: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(folder.join("data_config.yaml"))?;
        let config = DataConfig::parse("data_config.yaml", &text)?;
        let csv = std::fs::read_to_string(folder.join(format!("{}.csv", config.name)))?;
        let table = table(&csv, &config)?;
        let split = train_test_split(table.n_rows(), config.split)?;
        let x = feature_matrix(&table, &split.train);
        let preprocessor = Preprocessor::fit(&config.schema, x.view())?;
        let scaled = |rows: &[usize]| -> Vec<Vec<f64>> {
            let x = preprocessor.transform(feature_matrix(&table, rows).view());
            x.outer_iter().map(|row| row.to_vec()).collect()
        };
        let target = |rows: &[usize]| rows.iter().map(|&row| table.target[row]).collect();
        let test = scaled(&split.test);
        Ok(Self {
            x_train: DenseMatrix::from_2d_vec(&scaled(&split.train))?,
            y_train: target(&split.train),
            x_test: DenseMatrix::from_2d_vec(&test)?,
            y_test: target(&split.test),
            test,
        })
    }

    /// Each held-out row as a matrix of its own.
    fn singles(&self) -> Result<Vec<DenseMatrix<f64>>> {
        let rows = self.test.iter();
        let singles = rows.map(|row| Ok(DenseMatrix::from_2d_vec(&vec![row.clone()])?));
        singles.collect()
    }
}
