//! `hp simulate`: requests like those of real users, to see what the API does.

#[cfg(feature = "pipeline")]
mod from;
mod report;

use crate::failure::{Code, Failure};
use crate::interrupt::Deferred;
use crate::output::{self, Format};
use crate::progress;
use crate::settings::period;
use anyhow::anyhow;
use hp_artifact::What;
use hp_core::schema::Schema;
use hp_simulate::{Client, Drift, Pace, Plan, Sampler, Summary, Target};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::cell::Cell;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Call the API with rows that resemble real ones, and count what comes back
///
/// Rows are drawn uniformly inside each column's range. One call is made, or as many as --count,
/// --every and --rate say; ctrl-c ends it with the summary. A valid row must be answered, a bad one
/// refused with 422; any other outcome is a failure, with exit code 5 when there was no answer at
/// all and 1 otherwise. In the log their source is `simulation`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address of the API
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8000",
        env = "HP_URL"
    )]
    url: String,
    /// The key that the API asks for
    #[arg(long, value_name = "KEY", env = "HP_API_KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// How long an answer may take
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = period)]
    timeout: Duration,
    /// How to print the summary
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    calls: Calls,
    #[command(flatten)]
    rows: Rows,
}

/// How many calls, and how fast.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Calls")]
struct Calls {
    /// Make one call and end, for a scheduler; the default without --count, --every and --rate
    #[arg(long, conflicts_with_all = ["count", "every", "rate"])]
    once: bool,
    /// Number of calls [default: no end with --every or --rate]
    #[arg(long, value_name = "N")]
    count: Option<NonZeroU64>,
    /// Time from one call to the next, such as 30m
    #[arg(long, value_name = "TIME", value_parser = period, conflicts_with = "rate")]
    every: Option<Duration>,
    /// Calls per second, whether the answers keep up or not [default: 10]
    #[arg(long, value_name = "R", value_parser = rate)]
    rate: Option<f64>,
    /// The most calls that wait for an answer at the same time
    #[arg(long, value_name = "N", default_value = "64")]
    concurrency: NonZeroUsize,
}

/// Which rows.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Rows")]
struct Rows {
    #[cfg(feature = "pipeline")]
    #[command(flatten)]
    from: from::FromArgs,
    /// Shift a column by units or standard deviations, `RM=+2sd`, up to its limit; repeatable
    #[arg(long, value_name = "COLUMN=SHIFT")]
    drift: Vec<Drift>,
    /// Share of rows that the API must refuse, such as 1%
    #[arg(long, value_name = "SHARE", default_value = "0")]
    bad: Share,
    /// The same seed draws the same rows
    #[arg(long, value_name = "N", default_value = "42")]
    seed: u64,
    /// Take columns and ranges from this version's folder or archive instead of asking the API
    #[arg(long, value_name = "PATH")]
    artifact: Option<PathBuf>,
}

/// A share of a whole, `1%` or `0.01`.
#[derive(Debug, Clone, Copy)]
struct Share(f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        let share = match text.strip_suffix('%') {
            Some(percent) => number(percent).map(|percent| percent / 100.0),
            None => number(text),
        };
        match share {
            Some(share) if (0.0..=1.0).contains(&share) => Ok(Self(share)),
            _ => Err("a share is expected, such as 1% or 0.01".to_owned()),
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = Client::new(&Target {
        url: args.url.clone(),
        key: args.api_key.clone(),
        timeout: args.timeout,
    })?;
    let schema = args.rows.schema(&runtime, &client)?;
    let sampler = args.rows.sampler(&schema)?;
    let (summary, interrupted) = call(args, &runtime, &client, &sampler)?;
    output::print(args.format, &summary, &report::sheets(&args.url, &summary))?;
    if interrupted && args.calls.count().is_some() {
        return Err(Failure::interrupted());
    }
    judge(&args.url, &summary)
}

/// Makes the calls; gives what came back, and whether someone put an end to it.
fn call(
    args: &Args,
    runtime: &Runtime,
    client: &Client,
    sampler: &Sampler,
) -> Result<(Summary, bool), Failure> {
    let mut rng = StdRng::seed_from_u64(args.rows.seed);
    let count = args.calls.count();
    let most = count.map_or(usize::MAX, |count| {
        usize::try_from(count).unwrap_or(usize::MAX)
    });
    let bar = progress::calls(count);
    let mut show = |summary: &Summary| {
        bar.set_position(summary.done());
        if summary.failed > 0 {
            bar.set_message(format!("{} failed", summary.failed));
        }
    };
    let interruption = Deferred::new();
    let stopped = Cell::new(false);
    let summary = runtime.block_on(async {
        let stop = interruption.stop()?;
        let stop = async {
            stop.await;
            stopped.set(true);
        };
        let rows = sampler.rows(&mut rng).take(most);
        Ok::<_, Failure>(client.run(args.calls.pace(), rows, stop, &mut show).await)
    })?;
    bar.finish_and_clear();
    Ok((summary, stopped.get()))
}

fn judge(url: &str, summary: &Summary) -> Result<(), Failure> {
    if summary.is_unreachable() {
        let error = anyhow!("`{url}` gave no answer");
        return Err(Failure::new(Code::Network, error).hint("check the address; `hp serve` serves"));
    }
    match (summary.failed, summary.sent) {
        (0, _) => Ok(()),
        (failed, sent) => {
            let error = anyhow!("{failed} of {sent} calls failed");
            Err(Failure::new(Code::Failed, error))
        }
    }
}

impl Calls {
    /// Number of calls; `None` is no end.
    fn count(&self) -> Option<u64> {
        match self.count {
            Some(count) => Some(count.get()),
            None if self.every.is_some() || self.rate.is_some() => None,
            None => Some(1),
        }
    }

    fn pace(&self) -> Pace {
        const RATE: f64 = 10.0;
        let rate = self.rate.unwrap_or(RATE);
        Pace {
            every: self
                .every
                .unwrap_or_else(|| Duration::from_secs_f64(1.0 / rate)),
            concurrency: self.concurrency,
        }
    }
}

impl Rows {
    fn schema(&self, runtime: &Runtime, client: &Client) -> Result<Schema, Failure> {
        match &self.artifact {
            Some(path) => {
                let artifact = hp_artifact::load(path, What::Served)?;
                Ok(artifact.manifest().schema.clone())
            }
            None => Ok(runtime.block_on(client.schema())?),
        }
    }

    fn sampler(&self, schema: &Schema) -> Result<Sampler, Failure> {
        let plan = Plan {
            drift: self.drift.clone(),
            bad: self.bad.0,
        };
        #[cfg(feature = "pipeline")]
        if let Some(rows) = self.from.rows(schema)? {
            return Ok(Sampler::resample(schema, rows, plan)?);
        }
        Ok(Sampler::uniform(schema, plan)?)
    }
}

fn rate(text: &str) -> Result<f64, String> {
    const RANGE: std::ops::RangeInclusive<f64> = 1e-6..=1e6;
    match text.parse() {
        Ok(rate) if RANGE.contains(&rate) => Ok(rate),
        _ => Err("a number of calls per second is expected, such as 0.5 or 100".to_owned()),
    }
}
