//! The id of a run: a ULID, so that ids sort by the time the run began.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use ulid::Ulid;

/// The id of one run, written as 26 characters of Crockford's base 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(Ulid);

impl RunId {
    /// The id of a run that begins `now`; `random` keeps runs of the same millisecond apart.
    #[must_use]
    pub fn new(now: Timestamp, random: u128) -> Self {
        // Before 1970 nothing was trained.
        let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Self(Ulid::from_parts(milliseconds, random))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.array_to_str(&mut [0; ulid::ULID_LEN]))
    }
}

/// The text is not the id of a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the id of a run: 26 characters of base 32 are expected")]
pub struct RunIdError(String);

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // 26 characters hold 130 bits, two more than an id has.
        let fits = text.starts_with(|first| ('0'..='7').contains(&first));
        match Ulid::from_string(text) {
            Ok(id) if fits => Ok(Self(id)),
            _ => Err(RunIdError(text.chars().take(40).collect())),
        }
    }
}

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::RunId;
    use jiff::Timestamp;

    #[test]
    fn ids_sort_by_time() {
        let at = |second| RunId::new(Timestamp::from_second(second).unwrap(), u128::MAX);
        assert!(at(1) < at(2));
        assert_eq!(at(1).to_string().parse(), Ok(at(1)));
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "../../etc", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "é"] {
            assert!(text.parse::<RunId>().is_err(), "{text}");
        }
    }
}
