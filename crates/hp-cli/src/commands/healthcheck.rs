//! `hp healthcheck`: is the API of this machine ready? For containers without a shell.

use crate::failure::{Code, Failure};
use crate::settings::period;
use hp_simulate::{Client, Target};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// Ask a running API whether it is ready; exit code 0 if it is, otherwise 1
///
/// In a Dockerfile: `HEALTHCHECK CMD ["/hp", "healthcheck"]`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to ask [default: /readyz of the address and port]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The address that the API listens on
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1",
        env = "HP_HOST"
    )]
    host: IpAddr,
    /// The port
    #[arg(long, value_name = "PORT", default_value = "8000", env = "HP_PORT")]
    port: u16,
    /// How long the answer may take
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = period)]
    timeout: Duration,
}

pub(crate) fn run(args: &Args, dotenv: Result<(), Failure>) -> Result<(), Failure> {
    // Supervisors know 0 and 1 only.
    dotenv
        .and_then(|()| check(args))
        .map_err(|failure| failure.with_code(Code::Failed))
}

fn check(args: &Args) -> Result<(), Failure> {
    let own = || {
        let address = SocketAddr::new(reachable(args.host), args.port);
        format!("http://{address}/readyz")
    };
    let target = Target {
        url: args.url.clone().unwrap_or_else(own),
        key: None,
        timeout: args.timeout,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = Client::new(&target)?;
    Ok(runtime.block_on(client.check())?)
}

/// Where a server that listens on `address` can be asked.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}
