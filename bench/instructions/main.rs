//! One small piece of work in a process, so that its instructions can be counted: a fit of a shipped
//! method on the training rows of Boston Housing, or the served trio's answers for its held-out rows
//! one by one.
//!
//! `instructions CASE`: the name of a method fits it, `trio` fits the three, and `trio, rows` asks them
//! too. `nothing` only prepares what the others need, and `list` prints the names of the methods.
//! `count.py` calls it.

use hp_bench::{Boston, Result};
use hp_features::{Preprocessor, feature_matrix};
use hp_models::{FittedModel, Regressor, Silent};
use std::hint::black_box;
use std::io::Write;

/// The methods that cross-validation chooses.
const TRIO: [&str; 3] = [
    "Lower Estimator_QR",
    "Random Forest Regressor",
    "Upper Estimator_GBR",
];

fn main() -> Result<()> {
    let case = std::env::args().nth(1).ok_or("no case is named")?;
    let work = Work::prepare()?;
    match case.as_str() {
        "list" => work.list()?,
        "nothing" => (),
        "trio" => drop(work.trio()?),
        "trio, rows" => work.predict_rows(&work.trio()?),
        method => drop(black_box(work.fit(method)?)),
    }
    Ok(())
}

/// Boston Housing, read and scaled.
struct Work {
    boston: Boston,
    rows: hp_bench::TrainingRows,
    preprocessor: Preprocessor,
}

impl Work {
    fn prepare() -> Result<Self> {
        let boston = Boston::load()?;
        let x = feature_matrix(&boston.table, &boston.rows.train);
        Ok(Self {
            rows: boston.training_rows()?,
            preprocessor: Preprocessor::fit(&boston.data.schema, x.view())?,
            boston,
        })
    }

    fn list(&self) -> Result<()> {
        let mut stdout = std::io::stdout().lock();
        for method in &self.boston.models.methods {
            writeln!(stdout, "{}", method.name)?;
        }
        Ok(())
    }

    fn fit(&self, name: &str) -> Result<FittedModel> {
        let methods = &self.boston.models.methods;
        let method = methods.iter().find(|method| method.name == name);
        let config = &method.ok_or_else(|| format!("no method `{name}`"))?.config;
        Ok(hp_models::fit(config, self.rows.x.view(), self.rows.y.view(), &Silent)?.model)
    }

    fn trio(&self) -> Result<Vec<FittedModel>> {
        TRIO.iter().map(|name| self.fit(name)).collect()
    }

    /// Scales and predicts every held-out row as a service does, without a request around it.
    fn predict_rows(&self, trio: &[FittedModel]) {
        let mut row = Vec::new();
        for &index in &self.boston.rows.test {
            row.clear();
            row.extend(self.boston.features(index));
            self.preprocessor.transform_row(&mut row);
            for model in trio {
                black_box(model.predict_row(&row));
            }
        }
    }
}
