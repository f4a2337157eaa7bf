//! Which predictions are reported or judged.

use hp_core::version::ModelVersion;
use hp_monitor::view::{MomentError, Range, Selection, When, beginning, end};
use hp_store::Source;
use jiff::Timestamp;

/// Which predictions.
#[derive(Debug, clap::Args)]
pub(super) struct SelectionArgs {
    /// Not before this: 2024-09-08 or 2024-09-08T16:46:02 (UTC)
    #[arg(long, value_name = "TIME", value_parser = from_text)]
    from: Option<Timestamp>,
    /// Before this; of a date the whole day counts
    #[arg(long, value_name = "TIME", value_parser = to_text)]
    to: Option<Timestamp>,
    /// Until now: 24h, 7d, 30d, 90d or all [default: 30d]
    #[arg(long, value_name = "RANGE", conflicts_with_all = ["from", "to"])]
    range: Option<Range>,
    /// Of this version only
    #[arg(long, value_name = "VERSION")]
    model_version: Option<ModelVersion>,
    /// Of this source only: api, batch or simulation
    #[arg(long, value_name = "SOURCE")]
    source: Option<Source>,
}

impl SelectionArgs {
    pub(super) fn selection(&self, width_threshold: f64) -> Selection {
        let (from, to) = (self.from, self.to);
        let time = match self.range {
            Some(range) => When::Last(range),
            None if from.is_none() && to.is_none() => When::Last(Range::Month),
            None => When::Between { from, to },
        };
        Selection {
            model_version: self.model_version,
            source: self.source,
            ..Selection::new(time, width_threshold)
        }
    }
}

fn from_text(text: &str) -> Result<Timestamp, MomentError> {
    beginning(text)
}

fn to_text(text: &str) -> Result<Timestamp, MomentError> {
    end(text)
}
