//! `hp log show`: one prediction with its inputs.

use crate::failure::{Code, Failure};
use crate::output::{self, Format, Sheet};
use anyhow::anyhow;
use hp_store::{Cell, Columns, PredictionId, PredictionStore};

/// Print one prediction with its inputs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The id that the answer of the API carried
    id: PredictionId,
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) async fn run(args: &Args, store: &dyn PredictionStore) -> Result<(), Failure> {
    let Some(record) = store.get(args.id).await? else {
        let error = anyhow!("there is no prediction {}", args.id);
        return Err(Failure::new(Code::Failed, error).hint("`hp log list` prints the newest ids"));
    };
    let columns = Columns::of(std::slice::from_ref(&record));
    let cells = columns.cells(&record).unwrap_or_default();
    let mut sheet = Sheet::new("", &["field", "value"]);
    for (name, cell) in columns.names().into_iter().zip(&cells) {
        sheet.push([name, Cell::text(cell)]);
    }
    output::print(args.format, &record, &[sheet])
}
