//! The subcommands, one file each: the stages, then what is done with a trained version.

#[cfg(feature = "pipeline")]
mod pipeline;

mod predict;

mod healthcheck;
mod log;
#[cfg(feature = "monitor")]
mod monitor;
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
    #[cfg(feature = "monitor")]
    Monitor(Box<monitor::Args>),
    #[cfg(feature = "pipeline")]
    Doctor(pipeline::doctor::Args),
    Healthcheck(healthcheck::Args),
    Completions(completions::Args),
}

/// Those that are started again and again, or must start quickly: by a supervisor, a platform, a
/// scheduled check.
#[derive(Subcommand)]
pub(crate) enum Recurring {
    Serve(Box<serve::Args>),
    Healthcheck(healthcheck::Args),
}

impl From<Recurring> for Command {
    fn from(command: Recurring) -> Self {
        match command {
            Recurring::Serve(args) => Self::Serve(args),
            Recurring::Healthcheck(args) => Self::Healthcheck(args),
        }
    }
}

/// Does what the user asked for; `dotenv` is what became of `.env`, which some can do without.
pub(crate) fn run(command: Command, dotenv: Result<(), Failure>) -> Result<(), Failure> {
    match (command, dotenv) {
        (Command::Completions(args), _) => completions::run(&args),
        (Command::Healthcheck(args), dotenv) => healthcheck::run(&args, dotenv),
        (_, Err(failure)) => Err(failure),
        #[cfg(feature = "pipeline")]
        (Command::Pipeline(command), Ok(())) => pipeline::run(command),
        (Command::Predict(args), Ok(())) => predict::run(&args),
        (Command::Serve(args), Ok(())) => serve::run(&args),
        (Command::Simulate(args), Ok(())) => simulate::run(&args),
        (Command::Log(args), Ok(())) => log::run(&args),
        #[cfg(feature = "monitor")]
        (Command::Monitor(args), Ok(())) => monitor::run(&args),
        #[cfg(feature = "pipeline")]
        (Command::Doctor(args), Ok(())) => pipeline::doctor::run(&args),
    }
}
