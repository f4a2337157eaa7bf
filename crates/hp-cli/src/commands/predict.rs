//! `hp predict`: rows → lower, prediction, upper, certain or uncertain.

#[cfg(feature = "pipeline")]
mod file;
mod json;

use crate::failure::{Code, Failure};
use crate::settings::VersionArgs;
use anyhow::anyhow;
use clap::ValueEnum;
use hp_artifact::What;
use std::path::PathBuf;

#[cfg_attr(
    feature = "pipeline",
    doc = "Predict JSON rows, or a whole CSV or Parquet file, with the served trio"
)]
#[cfg_attr(
    not(feature = "pipeline"),
    doc = "Predict JSON rows with the served trio"
)]
///
/// A prediction within its limits is certain, one outside is uncertain.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("rows").required(true))]
pub(crate) struct Args {
    /// A JSON object or a list of them; `-` reads standard input
    #[arg(long, value_name = "FILE", group = "rows")]
    json: Option<PathBuf>,
    #[cfg(feature = "pipeline")]
    #[command(flatten)]
    file: file::FileArgs,
    /// How to print the answers to --json
    #[arg(long, value_enum, default_value = "json")]
    format: AnswerFormat,
    /// Warn of values outside their range instead of refusing them
    #[arg(long)]
    allow_out_of_range: bool,
    #[command(flatten)]
    version: VersionArgs,
}

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AnswerFormat {
    /// One object, or a list for a list.
    Json,
    /// One object per line.
    Ndjson,
    /// One row per line under a header.
    Csv,
}

/// The failure of a row whose prediction is no number.
fn overflow(place: String) -> Failure {
    let error = anyhow!("{place}: the prediction is not finite");
    Failure::new(Code::Failed, error).hint("its values are too far from those of the training rows")
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let artifact = args.version.load(What::Served)?;
    #[cfg(feature = "pipeline")]
    if let Some((input, output)) = args.file.paths() {
        return file::predict(args, &artifact, input, output);
    }
    match &args.json {
        Some(rows) => json::predict(args, &artifact, rows),
        // The group of arguments leaves no other case.
        None => Ok(()),
    }
}
