//! `hp monitor` without more: the page and its JSON over HTTP.

use super::Watched;
use crate::commands::serve::logging::LoggingArgs;
use crate::commands::serve::runtime;
use crate::failure::{Code, Failure};
use crate::interrupt::Deferred;
use anyhow::anyhow;
use clap::builder::FalseyValueParser;
use hp_http::{ApiKeys, Limits, Protection, check_address};
use hp_monitor::view::{Monitor, Range, Selection, When};
use hp_monitor::web::{FaceOptions, ParquetFiles, install_metrics, prepare, router};
use hp_store::StoreUri;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Questions in work at the same time; each may read many records.
const CONCURRENCY: usize = 64;

/// Where the page is, and who may see it.
#[derive(Debug, clap::Args)]
#[group(id = "monitor_serve")]
pub(super) struct Args {
    /// Address to listen on
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1",
        env = "HP_MONITOR_HOST"
    )]
    host: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(
        long,
        value_name = "PORT",
        default_value = "8501",
        env = "HP_MONITOR_PORT"
    )]
    port: u16,
    /// The period whose figures /metrics tells: 24h, 7d, 30d, 90d or all
    #[arg(long, value_name = "RANGE", default_value = "24h")]
    metrics_range: Range,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    logging: LoggingArgs,
}

/// Who may see the page.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Access")]
struct Access {
    /// Keys of which visitors must give one, between commas, each as it is or as sha256:HEX
    #[arg(
        long,
        value_name = "KEYS",
        default_value = "",
        hide_default_value = true,
        env = "HP_API_KEYS",
        hide_env_values = true
    )]
    api_keys: String,
    /// Let everyone see the page although other machines can reach it
    #[arg(long, env = "HP_INSECURE", value_parser = FalseyValueParser::new())]
    insecure: bool,
}

pub(super) fn run(args: &Args, what: &Watched, uri: &StoreUri) -> Result<(), Failure> {
    args.logging.install()?;
    let keys = ApiKeys::parse(&args.access.api_keys)?;
    let address = SocketAddr::new(args.host, args.port);
    check_address(address, &keys, args.access.insecure)?;
    let runtime = runtime(None)?;
    let served = runtime.block_on(serve(args, what, uri, (keys, address)));
    // A question that hangs must not keep the program from ending.
    runtime.shutdown_background();
    served
}

async fn serve(
    args: &Args,
    what: &Watched,
    uri: &StoreUri,
    (keys, address): (ApiKeys, SocketAddr),
) -> Result<(), Failure> {
    let interruption = Deferred::new();
    let stop = interruption.stop()?;
    tokio::task::spawn_blocking(prepare);
    let monitor = Arc::new(what.monitor(uri).await?);
    tokio::spawn(warm(Arc::clone(&monitor)));
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let error = anyhow!(error).context(format!("cannot listen on {address}"));
        Failure::new(Code::Failed, error).hint("choose another --host or --port")
    })?;
    let address = listener.local_addr()?;
    let limits = Limits {
        concurrency: CONCURRENCY,
        ..Limits::default()
    };
    let options = FaceOptions {
        protection: Protection {
            limits: limits.clone(),
            keys,
            ..Protection::default()
        },
        recorder: Some(install_metrics()?),
        gauges: args.metrics_range,
        parquet: PARQUET.map(|files| files()),
    };
    let router = router(monitor, options);
    args.logging.announce(&format!(
        "monitoring {uri} on http://{address}, model versions in {}",
        what.artifacts.display()
    ));
    Ok(hp_http::serve(listener, router, limits, stop).await?)
}

/// How Parquet is written, if this build can.
const PARQUET: Option<fn() -> ParquetFiles> = {
    #[cfg(feature = "pipeline")]
    {
        Some(crate::commands::log::parquet_files)
    }
    #[cfg(not(feature = "pipeline"))]
    {
        None
    }
};

/// Asks for everything once: the first look at a large log takes seconds, and nobody should wait for
/// it.
async fn warm(monitor: Arc<Monitor>) {
    let everything = Selection::new(When::Last(Range::All), monitor.width_threshold());
    if let Err(error) = monitor.overview(&everything).await {
        tracing::debug!(%error, "the log was not read ahead");
    }
}
