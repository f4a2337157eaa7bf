//! The subcommands, one file each: the stages, then what is done with a trained version.

#[cfg(feature = "pipeline")]
mod pipeline;

mod predict;

mod healthcheck;
mod log;
mod serve;
mod simulate;

mod completions;

use crate::failure::Failure;
use clap::Subcommand;

/// What `hp` can do.
#[derive(Subcommand)]
pub(crate) enum Command {
    #[cfg(feature = "pipeline")]
    #[command(flatten)]
    Pipeline(pipeline::Command),
    Predict(predict::Args),
    Serve(Box<serve::Args>),
    Simulate(Box<simulate::Args>),
    Log(log::Args),
    Healthcheck(healthcheck::Args),
    Completions(completions::Args),
}

/// Does what the user asked for.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        #[cfg(feature = "pipeline")]
        Command::Pipeline(command) => pipeline::run(command),
        Command::Predict(args) => predict::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Log(args) => log::run(&args),
        Command::Healthcheck(args) => healthcheck::run(&args),
        Command::Completions(args) => completions::run(&args),
    }
}
