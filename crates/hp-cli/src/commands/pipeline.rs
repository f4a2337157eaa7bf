//! The stages from a raw file to an archive, one file each, in their order.

mod evaluate;
mod features;
mod fetch;
mod model_card;
mod package;
mod run;
mod train;
mod validate;

mod data;
mod models;
mod runs;

pub(super) mod doctor;

use crate::failure::Failure;
use clap::Subcommand;

/// What `hp` can do with data and configuration.
#[derive(Subcommand)]
pub(crate) enum Command {
    Fetch(fetch::Args),
    Validate(validate::Args),
    Features(features::Args),
    Train(train::Args),
    Evaluate(evaluate::Args),
    Package(package::Args),
    Run(run::Args),
    Data(Box<data::Args>),
    Runs(runs::Args),
    Models(models::Args),
}

/// Does what the user asked for.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Fetch(args) => fetch::run(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Features(args) => features::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Package(args) => package::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Data(args) => data::run(&args),
        Command::Runs(args) => runs::run(&args),
        Command::Models(args) => models::run(&args),
    }
}
