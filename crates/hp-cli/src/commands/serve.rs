//! `hp serve`: the prediction API.

mod limits;
mod log;
pub(super) mod logging;
mod source;

#[cfg(feature = "lambda")]
mod lambda;

use crate::environment;
use crate::failure::{Code, Failure};
use crate::interrupt::Deferred;
use crate::settings::{VersionArgs, width};
use anyhow::anyhow;
use clap::builder::FalseyValueParser;
use hp_artifact::What;
use hp_http::{ApiKeys, Origin, Protection, check_address};
use hp_serve::{Api, ApiOptions, OPEN_PATHS, OPEN_PATHS_WITH_DOCS, OnSpooled};
use jiff::Timestamp;
use source::ServedVersion;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::thread::available_parallelism;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Answer predictions over HTTP and keep every one in the prediction log
///
/// SIGHUP and `POST /v1/reload` switch to the newest version, or to the one that is named, without
/// dropping a request; SIGTERM and ctrl-c finish what was accepted and end. /docs describes the API.
/// TLS is left to a proxy in front. With `AWS_LAMBDA_RUNTIME_API` in the environment it answers the
/// events of AWS Lambda instead.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address to listen on
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1",
        env = "HP_HOST"
    )]
    host: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value = "8000", env = "HP_PORT")]
    port: u16,
    /// Threads that answer [default: as many as there are cores]
    #[arg(long, value_name = "N", env = "HP_THREADS")]
    threads: Option<NonZeroUsize>,
    #[command(flatten)]
    version: VersionArgs,
    /// Predict rows with values outside their range instead of refusing them
    #[arg(long)]
    allow_out_of_range: bool,
    /// Interval width above which /metrics counts a prediction as doubtful; 22 is that of the
    /// published dashboard
    #[arg(
        long,
        value_name = "WIDTH",
        default_value = "22",
        env = "HP_WIDTH_THRESHOLD",
        value_parser = width
    )]
    width_threshold: f64,
    #[command(flatten)]
    log: log::LogArgs,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    limits: limits::LimitArgs,
    #[command(flatten)]
    logging: logging::LoggingArgs,
}

/// Who may use the API.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Access")]
struct Access {
    /// Keys of which clients must show one, between commas, each as it is or as sha256:HEX
    #[arg(
        long,
        value_name = "KEYS",
        default_value = "",
        hide_default_value = true,
        env = "HP_API_KEYS",
        hide_env_values = true
    )]
    api_keys: String,
    /// Let everyone use the API although other machines can reach it
    #[arg(long, env = "HP_INSECURE", value_parser = FalseyValueParser::new())]
    insecure: bool,
    /// Show /docs and /openapi.json without a key; they tell the columns' ranges and one training row
    #[arg(long, env = "HP_OPEN_DOCS", value_parser = FalseyValueParser::new())]
    open_docs: bool,
    /// Let web pages of this origin use the API, such as `https://example.org`; repeatable
    #[arg(long, value_name = "ORIGIN")]
    cors_origin: Vec<Origin>,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    args.logging.install()?;
    let keys = ApiKeys::parse(&args.access.api_keys)?;
    let runtime = runtime(args.threads)?;
    if environment::is_lambda() {
        environment::check_lambda()?;
        #[cfg(feature = "lambda")]
        return runtime.block_on(lambda::run(args, keys));
        #[cfg(not(feature = "lambda"))]
        return Err(Failure::new(
            Code::Failed,
            anyhow!("this build of hp does not run on AWS Lambda (cargo feature `lambda`)"),
        ));
    }
    let address = SocketAddr::new(args.host, args.port);
    check_address(address, &keys, args.access.insecure)?;
    let served = runtime.block_on(serve(args, keys, address));
    // A reload or a write that hangs must not keep the program from ending.
    runtime.shutdown_background();
    served
}

async fn serve(args: &Args, keys: ApiKeys, address: SocketAddr) -> Result<(), Failure> {
    let interruption = Deferred::new();
    let mut stop = pin!(interruption.stop()?);
    let hangup = signal(SignalKind::hangup())?;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let error = anyhow!(error).context(format!("cannot listen on {address}"));
        Failure::new(Code::Failed, error).hint("choose another --host or --port")
    })?;
    let address = listener.local_addr()?;
    let protection = args.protection(keys);
    let limits = protection.limits.clone();
    let face = Face {
        keys_required: !protection.keys.is_empty(),
        on_spooled: None,
    };
    let api = tokio::select! {
        api = args.api(face) => api?,
        () = &mut stop => return Ok(()),
    };
    let router = hp_serve::router(Arc::clone(&api), protection);
    let background = tokio::spawn({
        let api = Arc::clone(&api);
        async move { api.run_background().await }
    });
    let reloading = tokio::spawn(reload_on(hangup, Arc::clone(&api)));
    args.logging.announce(&format!(
        "serving {} on http://{address}, log: {}",
        api.version(),
        args.log.place()
    ));
    let served = hp_http::serve(listener, router, limits, stop).await;
    reloading.abort();
    background.abort();
    Ok(served?)
}

/// Switches to the newest version at every SIGHUP.
async fn reload_on(mut hangup: Signal, api: Arc<Api>) {
    while hangup.recv().await.is_some() {
        let api = Arc::clone(&api);
        // A success is reported by the API itself.
        let reloaded = tokio::task::spawn_blocking(move || api.reload()).await;
        if let Ok(Err(error)) = reloaded {
            let error = anyhow!(error);
            tracing::error!("the version before still serves: {error:#}");
        }
    }
}

impl Args {
    fn protection(&self, keys: ApiKeys) -> Protection {
        let origins = self.access.cors_origin.clone();
        Protection {
            limits: self.limits.limits(),
            keys,
            open_paths: if self.access.open_docs {
                OPEN_PATHS_WITH_DOCS
            } else {
                OPEN_PATHS
            },
            cors: Some(origins).filter(|origins| !origins.is_empty()),
        }
    }

    /// The API with its model and its log.
    async fn api(&self, face: Face) -> Result<Arc<Api>, Failure> {
        let version = self.version.clone();
        let artifact = blocking(move || version.load(What::Served));
        let (artifact, log) = tokio::try_join!(artifact, self.log.open())?;
        let source = ServedVersion::new(self.version.clone(), artifact);
        let options = ApiOptions {
            clock: Arc::new(Timestamp::now),
            rng: Box::new(rand::make_rng::<rand::rngs::StdRng>()),
            metrics: hp_serve::install_metrics().map_err(anyhow::Error::from)?,
            width_threshold: self.width_threshold,
            allow_out_of_range: self.allow_out_of_range,
            keys_required: face.keys_required,
            on_spooled: face.on_spooled,
        };
        Ok(Api::new(source, log, options).map_err(anyhow::Error::from)?)
    }
}

/// What the API is told by the way it is reached.
struct Face {
    keys_required: bool,
    on_spooled: Option<OnSpooled>,
}

/// Does what may take long beside the tasks.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(anyhow::Error::from)?
}

/// A runtime with so many threads, or as many as there are cores.
pub(super) fn runtime(threads: Option<NonZeroUsize>) -> Result<Runtime, Failure> {
    let threads = threads.or_else(|| available_parallelism().ok());
    let mut builder = match threads {
        Some(threads) if threads.get() > 1 => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(threads.get());
            builder
        }
        _ => Builder::new_current_thread(),
    };
    Ok(builder.enable_all().build()?)
}
