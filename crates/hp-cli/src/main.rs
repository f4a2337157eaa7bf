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
#[cfg(feature = "pipeline")]
mod timing;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use commands::{Command, Recurring};
use std::ffi::OsString;
use std::process::ExitCode;

/// Tabular regression from a raw file to predictions with honest intervals.
///
/// The stages in order: fetch, train, evaluate, package; `hp run` does them all, skipping what is
/// unchanged. Every command reads `configs/`, `data/` and `artifacts/` of the current folder unless
/// told otherwise.
#[derive(Parser)]
#[command(name = "hp", version = environment::VERSION, after_help = EXIT_CODES)]
struct Cli<C: Subcommand> {
    #[command(subcommand)]
    command: C,
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
    let arguments: Vec<_> = environment::arguments().collect();
    let name = arguments.get(1).and_then(|argument| argument.to_str());
    // To describe every argument of every command would take a server a good part of its start.
    if name.is_some_and(Recurring::has_subcommand) {
        parse_as::<Recurring>(arguments).into()
    } else {
        parse_as(arguments)
    }
}

fn parse_as<C: Subcommand>(arguments: Vec<OsString>) -> C {
    let mut command = environment::without_empty_variables(Cli::<C>::command());
    let matches = command
        .try_get_matches_from_mut(arguments)
        .unwrap_or_else(|error| error.exit());
    match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli.command,
        Err(error) => error.format(&mut command).exit(),
    }
}
