//! `hp log export`: predictions as a file.

mod csv;
#[cfg(feature = "pipeline")]
mod parquet;

#[cfg(all(feature = "pipeline", feature = "monitor"))]
pub(in crate::commands) use parquet::parquet_files;

use super::filter::Filter;
use super::pages::{PAGE, Pages};
use crate::failure::{Code, Failure};
use crate::interrupt::Deferred;
use crate::output;
use crate::settings::check_output;
use anyhow::anyhow;
use hp_store::{Columns, PredictionRecord, PredictionStore};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Write predictions to a file, newest first, with inputs and actual values
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[cfg_attr(feature = "pipeline", doc = "The file, .csv or .parquet")]
    #[cfg_attr(not(feature = "pipeline"), doc = "The file, .csv")]
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    filter: Filter,
}

/// A file that is being written; nothing appears under its name before it is finished.
trait Sink {
    /// Adds records.
    fn write(&mut self, columns: &Columns, records: &[PredictionRecord]) -> Result<(), Failure>;

    /// Gives the file its name.
    fn finish(self: Box<Self>) -> Result<(), Failure>;
}

pub(super) async fn run(args: &Args, store: &dyn PredictionStore) -> Result<(), Failure> {
    check_output(&args.output)?;
    let mut sink = sink(&args.output)?;
    let mut columns = None;
    let mut rows = 0;
    let mut pages = Pages::new(store, args.filter.query(PAGE));
    // Leaving by the usual way removes the unfinished file.
    let interruption = Deferred::new();
    while let Some(records) = pages.next().await? {
        if interruption.requested() {
            return Err(Failure::interrupted());
        }
        let columns = columns.get_or_insert_with(|| Columns::of(&records));
        sink.write(columns, &records)?;
        rows += records.len();
    }
    sink.finish()?;
    output::say(format!(
        "wrote {rows} predictions to {}",
        args.output.display()
    ));
    Ok(())
}

fn sink(path: &Path) -> Result<Box<dyn Sink>, Failure> {
    let ending = path.extension().map(OsStr::to_ascii_lowercase);
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(Box::new(csv::CsvSink::create(path)?)),
        #[cfg(feature = "pipeline")]
        Some("parquet") => Ok(Box::new(parquet::ParquetSink::create(path)?)),
        _ => {
            let error = anyhow!(
                "`{}` is not named like a file that can be written",
                path.display()
            );
            let endings = if cfg!(feature = "pipeline") {
                "name it .csv or .parquet"
            } else {
                "name it .csv"
            };
            Err(Failure::new(Code::Usage, error).hint(endings))
        }
    }
}

/// The failure of a record that has an input without a column.
fn other_inputs(record: &PredictionRecord, input: &str) -> Failure {
    let error = anyhow!(
        "the prediction {} of {} has the input `{input}`, which the newest {PAGE} have not",
        record.id,
        record.model_version
    );
    Failure::new(Code::Failed, error).hint("export each version on its own with --model-version")
}
