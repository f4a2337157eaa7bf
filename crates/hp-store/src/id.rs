//! The id of a prediction: a ULID, so that ids sort by time and say when the prediction was made.

use jiff::Timestamp;
use rand::{Rng, RngExt};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use ulid::Ulid;

/// The id of one prediction, written as 26 characters of Crockford's base 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PredictionId(Ulid);

impl PredictionId {
    /// The smallest id of the millisecond that holds `time`; none made earlier is as large.
    #[must_use]
    pub fn first_at(time: Timestamp) -> Self {
        Self(Ulid::from_parts(milliseconds(time), 0))
    }

    /// The smallest id that was not made before `time`.
    #[must_use]
    pub fn not_before(time: Timestamp) -> Self {
        let whole = time.subsec_nanosecond() % 1_000_000 == 0;
        let next = u64::from(!whole && time > Timestamp::UNIX_EPOCH);
        Self(Ulid::from_parts(milliseconds(time) + next, 0))
    }

    /// When the prediction was made, to the millisecond.
    #[must_use]
    pub fn time(self) -> Timestamp {
        // 48 bits of milliseconds reach the year 10889, a `Timestamp` the year 9999.
        let milliseconds = i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
    }

    /// The 16 bytes of the id, whose order is that of the ids.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_bytes()
    }

    /// The id with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Ulid::from_bytes(bytes))
    }
}

impl fmt::Display for PredictionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.array_to_str(&mut [0; ulid::ULID_LEN]))
    }
}

/// The text is not the id of a prediction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the id of a prediction: 26 characters of base 32 are expected")]
pub struct IdError(String);

impl FromStr for PredictionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // 26 characters hold 130 bits, two more than an id has.
        let fits = text.starts_with(|first| ('0'..='7').contains(&first));
        match Ulid::from_string(text) {
            Ok(id) if fits => Ok(Self(id)),
            _ => Err(IdError(text.chars().take(40).collect())),
        }
    }
}

impl Serialize for PredictionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PredictionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The largest step back of the clock, in milliseconds, that ids do not follow.
const LARGEST_STEP_BACK: u64 = 5_000;

/// Makes ids, no two of them equal. Each is larger than the one before it, even when the clock is
/// set back by up to 5 seconds; when it is set back further, ids follow it, so that a clock which was
/// wrong for a moment does not leave them in the future.
#[derive(Debug, Default)]
pub struct IdGenerator {
    last: Option<Ulid>,
}

impl IdGenerator {
    /// The id of a prediction made at `now`, or at the time of the last id if that is later by 5
    /// seconds at most.
    pub fn next(&mut self, now: Timestamp, rng: &mut impl Rng) -> PredictionId {
        let now = milliseconds(now);
        let id = match self.last {
            Some(last) if (now..=now + LARGEST_STEP_BACK).contains(&last.timestamp_ms()) => {
                // The random part overflows once in 2^40 ids of a millisecond; time then goes on.
                let next = last.increment();
                next.unwrap_or_else(|_| Ulid::from_parts(last.timestamp_ms() + 1, rng.random()))
            }
            _ => Ulid::from_parts(now, rng.random()),
        };
        self.last = Some(id);
        PredictionId(id)
    }
}

fn milliseconds(time: Timestamp) -> u64 {
    // Before 1970 there were no predictions.
    u64::try_from(time.as_millisecond()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{IdGenerator, PredictionId};
    use jiff::Timestamp;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn ids_rise_when_the_clock_steps_back() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut generator = IdGenerator::default();
        let times = [5_000, 5_000, 4_000, 0, 5_001, 5_000, 9_000];
        let ids = times.map(|ms| {
            let now = Timestamp::from_millisecond(ms).unwrap();
            generator.next(now, &mut rng)
        });
        assert!(ids.is_sorted_by(|a, b| a < b));
        let text = ids.map(|id| id.to_string());
        assert!(text.is_sorted_by(|a, b| a < b));
        assert_eq!(ids[6].time().as_millisecond(), 9_000);
        assert_eq!(ids[2].time().as_millisecond(), 5_000);
    }

    #[test]
    fn ids_do_not_stay_in_the_future() {
        let mut rng = StdRng::seed_from_u64(3);
        let mut generator = IdGenerator::default();
        let times = [10_000, 86_400_000, 10_000, 10_000, 10_001, 5_001, 5_000];
        let ids = times.map(|ms| {
            let now = Timestamp::from_millisecond(ms).unwrap();
            generator.next(now, &mut rng)
        });
        let made = ids.map(|id| id.time().as_millisecond());
        let expected = [10_000, 86_400_000, 10_000, 10_000, 10_001, 10_001, 5_000];
        assert_eq!(made, expected);
        assert!(ids[2..6].is_sorted_by(|a, b| a < b));
        assert!(!ids[..2].contains(&ids[2]));
    }

    #[test]
    fn text_and_bytes_read_back() {
        let id = IdGenerator::default().next(Timestamp::UNIX_EPOCH, &mut StdRng::seed_from_u64(2));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(PredictionId::from_bytes(id.to_bytes()), id);
        assert!(PredictionId::first_at(id.time()) <= id);
    }

    #[test]
    fn parts_of_a_millisecond_lie_behind_its_ids() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let first = PredictionId::first_at(time("2024-09-08T16:46:02.003Z"));
        let not_before = |text: &str| PredictionId::not_before(time(text));
        assert_eq!(not_before("2024-09-08T16:46:02.003Z"), first);
        assert_eq!(not_before("2024-09-08T16:46:02.002000001Z"), first);
        assert!(not_before("2024-09-08T16:46:02.003000001Z") > first);
        let zero = PredictionId::first_at(Timestamp::UNIX_EPOCH);
        assert_eq!(PredictionId::not_before(Timestamp::MIN), zero);
        assert_eq!(not_before("1969-12-31T23:59:59.9995Z"), zero);
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "x",
            "01ARZ3NDEKTSV4RRFFQ69G5FA",
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "é",
        ] {
            assert!(text.parse::<PredictionId>().is_err(), "{text}");
        }
    }
}
