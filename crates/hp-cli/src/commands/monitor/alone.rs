//! Arguments that mean something only when no subcommand follows.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Id};

/// Arguments of a command that its subcommands do not take. Given before one, clap would read them
/// and nobody would heed them.
#[derive(Debug)]
pub(super) struct Alone<T>(pub(super) T);

impl<T: Args> Args for Alone<T> {
    fn augment_args(command: Command) -> Command {
        T::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }

    fn group_id() -> Option<Id> {
        T::group_id()
    }
}

impl<T: Args> FromArgMatches for Alone<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        refuse_before_subcommand::<T>(matches)?;
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        refuse_before_subcommand::<T>(matches)?;
        self.0.update_from_arg_matches(matches)
    }
}

/// Refuses what was typed; what the environment says may be meant for another time.
fn refuse_before_subcommand<T: Args>(matches: &ArgMatches) -> Result<(), Error> {
    let Some(subcommand) = matches.subcommand_name() else {
        return Ok(());
    };
    let own = T::augment_args(Command::new("alone"));
    let typed = own
        .get_arguments()
        .find(|arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine));
    match typed {
        None => Ok(()),
        Some(arg) => {
            let name = arg.get_long().unwrap_or(arg.get_id().as_str());
            let text = format!("the argument '--{name}' cannot be used with '{subcommand}'");
            Err(Error::raw(ErrorKind::ArgumentConflict, text))
        }
    }
}
