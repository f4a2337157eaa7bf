//! `hp monitor check`: whether a period is well, for cron and CI.

use super::Watched;
use super::selection::SelectionArgs;
use crate::failure::{Code, Failure};
use crate::output::{self, Format, Sheet};
use crate::settings::period;
use anyhow::anyhow;
use hp_monitor::policy::{Alert, Policy, Verdict, Webhook, What, read_state, write_state};
use hp_monitor::report::Report;
use hp_monitor::view::Period;
use hp_store::StoreUri;
use jiff::Timestamp;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the webhook is tried.
const TRIES: u32 = 4;

/// The pause after the first try.
const PAUSE: Duration = Duration::from_millis(500);

/// Judge the predictions of a period; exit code 3 when a condition is met
///
/// Conditions: drift, or a figure with a limit. The figures: uncertain, over and coverage (shares
/// from 0 to 1), width, mae and rmse (in units of the target), predictions, age (seconds since the
/// newest). What has too few rows to be judged is said and fails nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: SelectionArgs,
    /// The conditions, between commas
    #[arg(
        long,
        value_name = "CONDITIONS",
        default_value = "uncertain>0.2,width>22,drift,coverage<0.7"
    )]
    fail_on: Policy,
    /// How to print the findings
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    telling: Telling,
}

/// Who is told.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Alerts")]
struct Telling {
    /// Post an alert as JSON to this address when the conditions that are met have changed
    #[arg(
        long,
        value_name = "URL",
        env = "HP_MONITOR_WEBHOOK",
        hide_env_values = true
    )]
    webhook: Option<String>,
    /// How long the webhook may take
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = period)]
    webhook_timeout: Duration,
    /// Remembers what was told last [default: beside the log, if that is a file]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

/// What is printed.
#[derive(Serialize)]
struct Outcome<'a> {
    /// `well` or `alert`.
    state: &'static str,
    window: Period,
    #[serde(flatten)]
    verdict: &'a Verdict,
    /// Whether the webhook was told.
    told: bool,
}

pub(super) async fn run(args: &Args, what: &Watched, uri: &StoreUri) -> Result<(), Failure> {
    let told = args.telling.prepare(uri)?;
    let monitor = what.monitor(uri).await?;
    let selection = args.selection.selection(what.width_threshold);
    let report = Report::new(&monitor, &selection).await?;
    let verdict = Verdict::new(&args.fail_on, &report, u64::from(what.min_rows));
    let telling = match &told {
        Some((webhook, state)) => tell(webhook, state, &report, &verdict).await,
        None => Ok(false),
    };
    let outcome = Outcome {
        state: if verdict.is_alert() { "alert" } else { "well" },
        window: report.window,
        verdict: &verdict,
        told: *telling.as_ref().unwrap_or(&false),
    };
    output::print(args.format, &outcome, &[sheet(&verdict)])?;
    match (judge(&verdict), telling) {
        (Ok(()), telling) => telling.map(drop),
        (Err(failure), Ok(_)) => Err(failure),
        (Err(failure), Err(untold)) => {
            output::say(format!("error: {}", untold.message()));
            Err(failure)
        }
    }
}

impl Telling {
    /// The webhook and the file that remembers what it was told.
    fn prepare(&self, uri: &StoreUri) -> Result<Option<(Webhook, PathBuf)>, Failure> {
        let Some(url) = &self.webhook else {
            return Ok(None);
        };
        let state = match (&self.state, uri) {
            (Some(state), _) => state.clone(),
            (None, StoreUri::Sqlite { path, .. }) => path.with_extension("alert.json"),
            (None, _) => {
                let error = anyhow!("the log is no file, so that its state has no place beside it");
                return Err(Failure::new(Code::Usage, error).hint("name a file with --state"));
            }
        };
        let webhook = Webhook::new(url, self.webhook_timeout, TRIES, PAUSE)?;
        Ok(Some((webhook, state)))
    }
}

/// Tells the webhook if something changed; gives whether it was told.
async fn tell(
    webhook: &Webhook,
    state: &Path,
    report: &Report,
    verdict: &Verdict,
) -> Result<bool, Failure> {
    let before = read_state(state)?;
    let Some(alert) = Alert::new(report, verdict, &before, Timestamp::now()) else {
        return Ok(false);
    };
    webhook.post(&alert).await?;
    write_state(state, verdict)?;
    Ok(true)
}

fn sheet(verdict: &Verdict) -> Sheet {
    let mut sheet = Sheet::new("", &["condition", "verdict", "reason"]);
    for finding in &verdict.findings {
        let verdict = match finding.what {
            What::Well => "well",
            What::Met => "met",
            What::NeedsMore => "needs more",
        };
        sheet.push([
            finding.condition.to_string(),
            verdict.to_owned(),
            finding.reason.clone(),
        ]);
    }
    sheet
}

fn judge(verdict: &Verdict) -> Result<(), Failure> {
    let met = verdict.met();
    let reasons: Vec<_> = met
        .map(|finding| format!("{} ({})", finding.condition, finding.reason))
        .collect();
    if reasons.is_empty() {
        return Ok(());
    }
    let error = anyhow!("the predictions are not well: {}", reasons.join(", "));
    Err(Failure::new(Code::Policy, error))
}
