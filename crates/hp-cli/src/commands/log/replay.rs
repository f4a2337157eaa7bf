//! `hp log replay`: bringing home what could not be stored.

use crate::failure::Failure;
use crate::output;
use crate::settings::{SpoolArgs, open_store};
use hp_store::{PredictionRecord, PredictionStore, StoreUri, read_spool};
use std::path::{Path, PathBuf};

/// Deliver predictions that a spool or the log of a Lambda function holds
///
/// Predictions that are known already stay as they are, so a file can be delivered again. It is not
/// removed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file; `-` reads standard input [default: that of --spool]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    spool: SpoolArgs,
}

/// Records that are delivered at once.
const PORTION: usize = 500;

pub(super) async fn run(args: &Args, uri: &StoreUri) -> Result<(), Failure> {
    let file = match &args.file {
        Some(file) if file == Path::new("-") => Path::new("/dev/stdin"),
        Some(file) => file,
        None if !args.spool.spool.exists() => {
            let spool = args.spool.spool.display();
            output::say(format!("nothing to deliver: there is no {spool}"));
            return Ok(());
        }
        None => &args.spool.spool,
    };
    let records = read_spool(file)?;
    let store = open_store(uri).await?;
    let mut new = 0;
    for portion in records.chunks(PORTION) {
        new += deliver(&*store, portion).await?;
    }
    output::say(format!(
        "delivered {} predictions to {uri}, {new} of them new",
        records.len()
    ));
    Ok(())
}

/// Puts the records into the store, and gives the number of those it did not know.
async fn deliver(
    store: &dyn PredictionStore,
    records: &[PredictionRecord],
) -> Result<usize, Failure> {
    let mut new = 0;
    for record in records {
        new += usize::from(store.get(record.id).await?.is_none());
    }
    store.put(records.into()).await?;
    Ok(new)
}
