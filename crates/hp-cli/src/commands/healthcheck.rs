//! `hp healthcheck`: is the API of this machine ready? For containers without a shell.

use crate::failure::{Code, Failure};
use crate::settings::period;
use anyhow::anyhow;
use hp_simulate::{Client, Target};
use std::time::Duration;

/// Ask a running API whether it is ready; exit code 0 if it is, otherwise 1
///
/// In a Dockerfile: `HEALTHCHECK CMD ["/hp", "healthcheck"]`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to ask [default: /readyz of the port on this machine]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The port
    #[arg(long, value_name = "PORT", default_value = "8000", env = "HP_PORT")]
    port: u16,
    /// How long the answer may take
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = period)]
    timeout: Duration,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let own = || format!("http://127.0.0.1:{}/readyz", args.port);
    let target = Target {
        url: args.url.clone().unwrap_or_else(own),
        key: None,
        timeout: args.timeout,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = Client::new(&target)?;
    let answer = runtime.block_on(client.check());
    // Supervisors know 0 and 1 only.
    answer.map_err(|error| Failure::new(Code::Failed, anyhow!(error)))
}
