//! `hp models rollback`: an alias goes back to where it was.

use super::moves;
use crate::environment;
use crate::failure::Failure;
use crate::output;
use crate::settings::{StoreArgs, Tracked};
use hp_registry::aliases::{self, Aliases, Rollback};
use hp_registry::reference::Alias;
use jiff::Timestamp;

/// Move an alias back to the version it meant before; again, to the one before that
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The alias
    #[arg(long, value_name = "NAME")]
    alias: Alias,
    /// Why, for the history
    #[arg(long, short = 'm', value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let artifacts = &args.store.artifacts;
    let rollback = Rollback {
        alias: args.alias.clone(),
        expected: Aliases::load(artifacts)?.target(&args.alias),
        at: Timestamp::now(),
        by: environment::user(),
        reason: args.reason.clone(),
    };
    let step = aliases::rollback(artifacts, rollback)?;
    output::say(moves::sentence(&step));
    Tracked::tell_alias(&step.alias, step.to, artifacts);
    Ok(())
}
