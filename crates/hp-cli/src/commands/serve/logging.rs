//! What the server says of its work, on stderr.

use crate::failure::{Code, Failure};
use crate::output;
use anyhow::{Error, anyhow};
use clap::ValueEnum;
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// What the server says of its work.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Logging")]
pub(in crate::commands) struct LoggingArgs {
    /// What is logged: error, warn, info, debug, or rules such as `info,hp_http=warn`
    #[arg(long, value_name = "LEVEL", default_value = "info", env = "RUST_LOG")]
    log_level: String,
    /// How it is logged [default: text on a terminal, otherwise json]
    #[arg(long, value_enum)]
    log_format: Option<LogFormat>,
}

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people.
    Text,
    /// One object per line.
    Json,
}

/// Names the events that are logged whatever the level is.
const ALWAYS: &str = "hp_start";

impl LoggingArgs {
    /// Logs from now on, panics included.
    pub(in crate::commands) fn install(&self) -> Result<(), Failure> {
        let filter = EnvFilter::try_new(&self.log_level).map_err(|error| {
            let error = anyhow!(error).context(format!("`{}` is no log level", self.log_level));
            Failure::new(Code::Usage, error).hint("use error, warn, info or debug")
        })?;
        let filter = filter.add_directive(format!("{ALWAYS}=info").parse().map_err(Error::new)?);
        let terminal = io::stderr().is_terminal();
        let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
        let builder = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(io::stderr)
            .with_ansi(colours);
        let installed = if self.is_text() {
            builder.try_init()
        } else {
            builder.json().flatten_event(true).try_init()
        };
        installed.map_err(|error| Failure::new(Code::Failed, anyhow!(error)))?;
        hp_http::log_panics();
        Ok(())
    }

    /// Says something that every reader of the log must see, in the log's format.
    pub(in crate::commands) fn announce(&self, text: &str) {
        if self.is_text() {
            output::say(text);
        } else {
            tracing::info!(target: ALWAYS, "{text}");
        }
    }

    fn is_text(&self) -> bool {
        let given = self.log_format.map(|format| format == LogFormat::Text);
        given.unwrap_or_else(|| io::stderr().is_terminal())
    }
}
