//! `hp predict`: rows → lower, prediction, upper, certain or uncertain.

mod file;
mod json;

use crate::failure::{Code, Failure};
use crate::settings::VersionArgs;
use anyhow::anyhow;
use clap::ValueEnum;
use hp_artifact::What;
use std::path::PathBuf;

/// Predict JSON rows, or a whole CSV or Parquet file, with the served trio
///
/// A prediction within its limits is certain, one outside is uncertain.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("rows").required(true).args(["json", "input"]))]
pub(crate) struct Args {
    /// A JSON object or a list of them; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// A .csv, .csv.gz or .parquet file of any size
    #[arg(long, value_name = "FILE", requires = "output")]
    input: Option<PathBuf>,
    /// Where the rows of --input go with their predictions, .csv or .parquet
    #[arg(long, value_name = "FILE", requires = "input", conflicts_with = "json")]
    output: Option<PathBuf>,
    /// How to print the answers to --json
    #[arg(long, value_enum, default_value = "json", conflicts_with = "input")]
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
    match (&args.json, &args.input, &args.output) {
        (Some(rows), ..) => json::predict(args, &artifact, rows),
        (None, Some(input), Some(output)) => file::predict(args, &artifact, input, output),
        // The group and the requirements leave no other case.
        _ => Ok(()),
    }
}
