//! Which predictions a question is about, as it is asked: by a quick range or by dates, and filters.

use hp_core::version::ModelVersion;
use hp_store::{Bucket, PredictionId, Source, Window};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::str::FromStr;

/// How far ahead of this clock a record may be and still belong to a range that ends now: the clock
/// of the machine that predicted may be ahead.
const CLOCKS_APART: SignedDuration = SignedDuration::from_hours(1);

/// Which predictions a question is about, and how they are looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// When they were made.
    pub time: When,
    /// The interval width above which a prediction is doubtful, in units of the target.
    pub threshold: f64,
    /// How long a point of a series is; `None` is a point for every prediction.
    pub bucket: Option<Bucket>,
    /// Of this version only.
    pub model_version: Option<ModelVersion>,
    /// Of this source only.
    pub source: Option<Source>,
    /// Only those outside their limits, or only those within.
    pub uncertain: Option<bool>,
}

impl Selection {
    /// Every prediction of `time`, each a point.
    #[must_use]
    pub fn new(time: When, threshold: f64) -> Self {
        Self {
            time,
            threshold,
            bucket: None,
            model_version: None,
            source: None,
            uncertain: None,
        }
    }

    /// The question to the store for `period`.
    pub(crate) fn window(&self, period: Period) -> Window {
        Window {
            from: period.from,
            to: period.to,
            model_version: self.model_version,
            source: self.source,
            uncertain: self.uncertain,
        }
    }
}

/// When predictions were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// From so long ago until now.
    Last(Range),
    /// Between two times; without the first from the oldest record on, without the other until now.
    Between {
        /// Not before this.
        from: Option<Timestamp>,
        /// Before this.
        to: Option<Timestamp>,
    },
}

/// A quick range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// The last 24 hours.
    Day,
    /// The last 7 days.
    Week,
    /// The last 30 days.
    Month,
    /// The last 90 days.
    Quarter,
    /// Everything there is.
    All,
}

/// The text is not a quick range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`24h`, `7d`, `30d`, `90d` or `all` is expected")]
pub struct RangeError;

/// The text is not a point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a time is expected, such as 2024-09-08 or 2024-09-08T16:46:02Z (UTC)")]
pub struct MomentError;

impl Range {
    const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::All];

    /// How it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::All => "all",
        }
    }

    /// How long it is; `None` for everything.
    fn length(self) -> Option<SignedDuration> {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
            Self::All => return None,
        };
        Some(SignedDuration::from_hours(24 * days))
    }
}

impl FromStr for Range {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let range = Self::ALL.into_iter().find(|range| range.name() == text);
        range.ok_or(RangeError)
    }
}

/// Reads the beginning of a selection: a time, or the midnight (UTC) at which a day begins.
///
/// # Errors
/// The text is neither.
pub fn beginning(text: &str) -> Result<Timestamp, MomentError> {
    moment(text, 0)
}

/// Reads the end of a selection: a time, or the midnight (UTC) at which a day ends, so that the day
/// is part of the selection.
///
/// # Errors
/// The text is neither.
pub fn end(text: &str) -> Result<Timestamp, MomentError> {
    moment(text, 1)
}

fn moment(text: &str, days: i64) -> Result<Timestamp, MomentError> {
    let in_utc = |time: DateTime| time.to_zoned(TimeZone::UTC).map(|time| time.timestamp());
    // A date with a time behind it would be taken for a date.
    let is_date = text.len() == "2024-09-08".len();
    if is_date && let Ok(date) = text.parse::<Date>() {
        let midnight = in_utc(date.at(0, 0, 0, 0)).map_err(|_| MomentError)?;
        let days = SignedDuration::from_hours(24 * days);
        return midnight.checked_add(days).map_err(|_| MomentError);
    }
    let time = text.parse::<Timestamp>();
    let time = time.or_else(|_| text.parse::<DateTime>().and_then(in_utc));
    time.map_err(|_| MomentError)
}

/// From one time until before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Not before this.
    pub from: Timestamp,
    /// Before this.
    pub to: Timestamp,
}

impl Period {
    /// The selection of exactly this.
    #[must_use]
    pub fn exactly(self) -> When {
        When::Between {
            from: Some(self.from),
            to: Some(self.to),
        }
    }

    /// The period of equal length that ends where this one begins.
    #[must_use]
    pub fn previous(self) -> Self {
        let length = self.to.duration_since(self.from);
        Self {
            from: self.from.checked_sub(length).unwrap_or(Timestamp::MIN),
            to: self.from,
        }
    }
}

/// What is known of the time when a question is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// The time of day.
    pub(crate) time: Timestamp,
    /// The newest record.
    pub(crate) newest: Option<PredictionId>,
}

impl When {
    /// The period that is meant; `oldest` is the time of the oldest record.
    pub(crate) fn period(self, now: Now, oldest: Option<Timestamp>) -> Period {
        let (from, to) = match self {
            Self::Last(range) => {
                let length = range.length();
                (
                    length.and_then(|length| now.time.checked_sub(length).ok()),
                    None,
                )
            }
            Self::Between { from, to } => (from, to),
        };
        let to = to.unwrap_or_else(|| self.until(now));
        let from = from.or(oldest).unwrap_or(to);
        Period {
            from: from.min(to),
            to,
        }
    }

    /// Whether the oldest record has to be known.
    pub(crate) fn needs_oldest(self) -> bool {
        matches!(
            self,
            Self::Last(Range::All) | Self::Between { from: None, .. }
        )
    }

    /// The end of what has no end: now, or just behind the newest record.
    fn until(self, now: Now) -> Timestamp {
        let behind = |time: Timestamp| {
            let next = time.checked_add(SignedDuration::from_millis(1));
            next.unwrap_or(Timestamp::MAX)
        };
        let newest = now.newest.map(PredictionId::time);
        let newest = newest.filter(|newest| {
            let ahead = newest.duration_since(now.time);
            self == Self::Last(Range::All) || ahead <= CLOCKS_APART
        });
        behind(newest.unwrap_or(now.time).max(now.time))
    }
}

#[cfg(test)]
mod tests {
    use super::{Now, Period, Range, When, beginning, end};
    use hp_store::PredictionId;
    use jiff::Timestamp;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_part_of_the_selection_that_ends_with_it() {
        assert_eq!(beginning("2024-09-08"), Ok(time("2024-09-08T00:00:00Z")));
        assert_eq!(end("2024-09-08"), Ok(time("2024-09-09T00:00:00Z")));
        for text in ["2024-09-08T02:00:00+02:00", "2024-09-08T00:00"] {
            assert_eq!(end(text), Ok(time("2024-09-08T00:00:00Z")), "{text}");
        }
        for text in ["", "yesterday", "2024-13-01", "7d", "9999-12-31", "1e9"] {
            assert!(end(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_clock_that_is_a_little_ahead_hides_nothing() {
        let at = |now: &str, newest: &str| Now {
            time: time(now),
            newest: Some(PredictionId::first_at(time(newest))),
        };
        let day = When::Last(Range::Day);
        let now = "2024-09-08T12:00:00Z";
        let period = day.period(at(now, "2024-09-08T12:30:00Z"), None);
        assert_eq!(period.to, time("2024-09-08T12:30:00.001Z"));
        assert_eq!(period.from, time("2024-09-07T12:00:00Z"));
        let far = at(now, "9000-01-01T00:00:00Z");
        assert_eq!(day.period(far, None).to, time("2024-09-08T12:00:00.001Z"));
        let all = When::Last(Range::All).period(far, Some(time("2024-01-01T00:00:00Z")));
        assert_eq!(all.to, time("9000-01-01T00:00:00.001Z"));
        assert_eq!(all.from, time("2024-01-01T00:00:00Z"));
        assert!(all.previous().to == all.from && all.previous().from < all.from);
    }

    #[test]
    fn periods_never_end_before_they_begin() {
        let now = Now {
            time: time("2024-09-08T12:00:00Z"),
            newest: None,
        };
        let to = Some(time("2020-01-01T00:00:00Z"));
        let oldest = Some(time("2024-01-01T00:00:00Z"));
        let period = When::Between { from: None, to }.period(now, oldest);
        assert_eq!(period.from, period.to);
        let edge = Period {
            from: Timestamp::MIN,
            to: Timestamp::MAX,
        };
        assert_eq!(edge.previous().from, Timestamp::MIN);
    }
}
