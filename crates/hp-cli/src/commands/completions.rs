//! `hp completions`: what a shell needs to complete `hp`.

use super::Command;
use crate::Cli;
use crate::failure::Failure;
use crate::output;
use clap::CommandFactory;
use clap_complete::Shell;

/// Print the completion script of a shell
///
/// For bash: `hp completions bash > ~/.local/share/bash-completion/completions/hp`
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut Cli::<Command>::command(),
        "hp",
        &mut script,
    );
    output::print_text(&String::from_utf8_lossy(&script))
}
