//! `hp log prune`: removing what is old.

use super::pages::{PAGE, Pages};
use crate::failure::{Code, Failure};
use crate::output;
use crate::settings::period;
use anyhow::anyhow;
use hp_store::{PredictionStore, RecordQuery};
use jiff::Timestamp;
use std::time::Duration;

/// Remove old predictions; the figures of `hp log stats` stay
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Remove predictions older than this, such as 90d
    #[arg(long, value_name = "TIME", value_parser = period)]
    older_than: Duration,
    /// Only count them
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: &Args, store: &dyn PredictionStore) -> Result<(), Failure> {
    let now = Timestamp::now();
    let before = now.checked_sub(args.older_than).map_err(|_| {
        let error = anyhow!("--older-than reaches before the beginning of the calendar");
        Failure::new(Code::Usage, error)
    })?;
    let day = before.strftime("%F %T UTC");
    if args.dry_run {
        let count = count(store, before).await?;
        output::say(format!(
            "would remove {count} predictions made before {day}"
        ));
    } else {
        let count = store.prune(before).await?;
        output::say(format!("removed {count} predictions made before {day}"));
    }
    Ok(())
}

async fn count(store: &dyn PredictionStore, before: Timestamp) -> Result<usize, Failure> {
    let query = RecordQuery {
        from: None,
        to: Some(before),
        model_version: None,
        source: None,
        before: None,
        limit: PAGE,
    };
    let mut pages = Pages::new(store, query);
    let mut count = 0;
    while let Some(page) = pages.next().await? {
        count += page.len();
    }
    Ok(count)
}
