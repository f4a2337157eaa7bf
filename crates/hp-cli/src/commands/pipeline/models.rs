//! `hp models`: the versions there are, and which of them an alias means.

mod list;
mod promote;
mod pull;
mod rollback;
mod show;
mod verify;

mod conditions;
mod moves;
mod scores;

pub(super) use conditions::conditions;

use crate::failure::Failure;
use clap::Subcommand;

/// List and verify model versions, move aliases such as `champion` between them
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What can be done with versions.
#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Promote(promote::Args),
    Rollback(rollback::Args),
    Verify(verify::Args),
    Pull(pull::Args),
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::List(args) => list::run(args),
        Command::Show(args) => show::run(args),
        Command::Promote(args) => promote::run(args),
        Command::Rollback(args) => rollback::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Pull(args) => pull::run(args),
    }
}
