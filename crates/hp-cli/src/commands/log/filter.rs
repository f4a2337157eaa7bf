//! Which records are meant.

use crate::settings::period;
use hp_core::version::ModelVersion;
use hp_store::{RecordQuery, Source};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::num::NonZeroUsize;

/// Which records.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Filter {
    /// Not before this: 2024-09-08, 2024-09-08T16:46:02 (UTC), or 7d for a week ago
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Timestamp>,
    /// Before this
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Option<Timestamp>,
    /// Of this version only
    #[arg(long, value_name = "VERSION")]
    model_version: Option<ModelVersion>,
    /// Of this source only: api, batch or simulation
    #[arg(long, value_name = "SOURCE")]
    source: Option<Source>,
}

impl Filter {
    /// The question for the newest `limit` records.
    pub(super) fn query(&self, limit: NonZeroUsize) -> RecordQuery {
        RecordQuery {
            from: self.from,
            to: self.to,
            model_version: self.model_version,
            source: self.source,
            before: None,
            limit,
        }
    }
}

/// Reads a point in time: a date, a date with a time of day, or how long ago it was.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    // A date alone is its midnight.
    if let Ok(time) = text.parse::<DateTime>()
        && let Ok(time) = time.to_zoned(TimeZone::UTC)
    {
        return Ok(time.timestamp());
    }
    let ago = period(text).ok();
    ago.and_then(|ago| Timestamp::now().checked_sub(ago).ok())
        .ok_or_else(|| "a time is expected, such as 2024-09-08 or 7d for a week ago".to_owned())
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn times_are_in_utc() {
        for text in [
            "2024-09-08",
            "2024-09-08T00:00",
            "2024-09-08 00:00:00",
            "2024-09-08T02:00+02:00",
        ] {
            let time = moment(text).map(|time| time.to_string());
            assert_eq!(time, Ok("2024-09-08T00:00:00Z".to_owned()), "{text}");
        }
        assert!(moment("1h").unwrap() < moment("1s").unwrap());
        for text in ["", "yesterday", "2024-13-01", "12"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
