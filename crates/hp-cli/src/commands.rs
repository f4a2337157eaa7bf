//! The subcommands, one file each, in the order of the stages.

mod evaluate;
mod features;
mod fetch;
mod package;
mod predict;
mod run;
mod train;
mod validate;

mod completions;
mod doctor;

use crate::failure::Failure;
use clap::Subcommand;

/// What `hp` can do.
#[derive(Subcommand)]
pub(crate) enum Command {
    Fetch(fetch::Args),
    Validate(validate::Args),
    Features(features::Args),
    Train(train::Args),
    Evaluate(evaluate::Args),
    Package(package::Args),
    Predict(predict::Args),
    Run(run::Args),
    Doctor(doctor::Args),
    Completions(completions::Args),
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
        Command::Predict(args) => predict::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Completions(args) => completions::run(&args),
    }
}
