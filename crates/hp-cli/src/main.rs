//! `hp`: tabular regression from a raw file to predictions with honest intervals.

#![cfg_attr(
    not(feature = "pipeline"),
    expect(dead_code, reason = "some of what commands share is for the stages")
)]

mod commands;
mod environment;
mod failure;
#[cfg(feature = "pipeline")]
mod git;
mod interrupt;
mod output;
mod progress;
mod settings;

use clap::{CommandFactory, FromArgMatches, Parser};
use commands::Command;
use std::process::ExitCode;

/// Tabular regression from a raw file to predictions with honest intervals.
///
/// The stages in order: fetch, train, evaluate, package; `hp run` does them all, skipping what is
/// unchanged. Every command reads `configs/`, `data/` and `artifacts/` of the current folder unless
/// told otherwise.
#[derive(Parser)]
#[command(name = "hp", version = environment::VERSION, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 ok, 1 failed, 2 usage, 3 a policy was not met, 4 configuration, 5 network, 130 interrupted.";

fn main() -> ExitCode {
    interrupt::install();
    let dotenv = environment::load_dotenv();
    match commands::run(parse(), dotenv) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// What the user asks for. A question for help, and arguments that are none, end the program here.
fn parse() -> Command {
    let mut command = environment::without_empty_variables(Cli::command());
    let matches = command.clone().get_matches_from(environment::arguments());
    match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli.command,
        Err(error) => error.format(&mut command).exit(),
    }
}
