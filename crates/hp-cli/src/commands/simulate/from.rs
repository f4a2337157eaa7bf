//! Rows that are drawn from a data file.

use crate::failure::{Code, Failure};
use crate::output;
use anyhow::anyhow;
use hp_core::schema::Schema;
use hp_data::{Batches, Checker, Layout, Purpose, ReadOptions};
use std::path::PathBuf;

/// The most rows that are kept to draw from.
const MOST: usize = 100_000;

/// Which file.
#[derive(Debug, clap::Args)]
pub(super) struct FromArgs {
    /// Draw whole rows of this .csv, .csv.gz or .parquet file instead, with replacement
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

impl FromArgs {
    /// The valid rows `[rows][features]` of the file, if one is given.
    pub(super) fn rows(&self, schema: &Schema) -> Result<Option<Vec<Vec<f64>>>, Failure> {
        let Some(path) = &self.from else {
            return Ok(None);
        };
        let name = path.display();
        let layout = Layout::plain(schema);
        let mut batches = Batches::open(path, &layout, &ReadOptions::scoring())?;
        let purpose = Purpose::Scoring {
            allow_out_of_range: false,
        };
        let checker = Checker::new(layout, purpose, batches.file(), batches.columns())?;
        let mut rows = Vec::new();
        let mut read = 0;
        while let Some(batch) = batches.next()
            && rows.len() < MOST
        {
            let batch = batch?;
            let checked = checker.check(&batch);
            read += batch.lines().len();
            rows.extend((0..checked.rows.len()).map(|row| {
                let values = checked.features.iter().map(|column| column[row]);
                values.collect::<Vec<f64>>()
            }));
        }
        if rows.is_empty() {
            let error = anyhow!("`{name}` has no valid row");
            return Err(Failure::new(Code::Failed, error).hint("`hp validate` says why"));
        }
        if rows.len() < read {
            let invalid = read - rows.len();
            output::say(format!(
                "note: {invalid} rows of {name} are not valid and left out"
            ));
        }
        rows.truncate(MOST);
        Ok(Some(rows))
    }
}
