//! `hp runs`: every training there was.

mod compare;
mod gc;
mod list;
mod reindex;
mod show;
mod sync;

use crate::failure::Failure;
use crate::output;
use clap::Subcommand;
use hp_registry::RegistryError;

/// List, compare, clear away and send trainings
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What can be done with runs.
#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Compare(compare::Args),
    Sync(sync::Args),
    Gc(gc::Args),
    Reindex(reindex::Args),
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::List(args) => list::run(args),
        Command::Show(args) => show::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Sync(args) => sync::run(args),
        Command::Gc(args) => gc::run(args),
        Command::Reindex(args) => reindex::run(args),
    }
}

/// Says what kept a list from being whole, or fast.
fn warn(warnings: Vec<RegistryError>) {
    for warning in warnings {
        output::warn(&warning.into());
    }
}
