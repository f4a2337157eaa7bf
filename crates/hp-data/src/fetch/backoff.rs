//! How long to wait before a download is tried again.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use std::time::Duration;

/// The longest wait a server can ask for; it is not asked again before.
pub(super) const LONGEST: Duration = Duration::from_mins(1);
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait of our own accord.
const CEILING: Duration = Duration::from_secs(20);

/// The wait before attempt `attempt` + 1, counted from 1: doubled each time, between half and all
/// of it as `jitter` in 0 to 1 says, and never shorter than the server asked for.
pub(super) fn wait(attempt: usize, jitter: f64, retry_after: Option<Duration>) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    let full = FIRST
        .saturating_mul(2_u32.saturating_pow(doublings))
        .min(CEILING);
    let wait = full.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0));
    wait.max(retry_after.unwrap_or_default())
}

/// Reads a `Retry-After` header: seconds, or an HTTP date.
pub(super) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::parse(header).ok()?.timestamp();
    // A date in the past means at once.
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{retry_after, wait};
    use jiff::Timestamp;
    use std::time::Duration;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn waits_double_up_to_a_ceiling() {
        assert_eq!(wait(1, 1.0, None), Duration::from_millis(500));
        assert_eq!(wait(1, 0.0, None), Duration::from_millis(250));
        assert_eq!(wait(3, 1.0, None), seconds(2));
        assert_eq!(wait(usize::MAX, 1.0, None), seconds(20));
    }

    #[test]
    fn a_server_may_ask_for_more() {
        assert_eq!(wait(1, 1.0, Some(seconds(7))), seconds(7));
        assert_eq!(wait(4, 1.0, Some(seconds(1))), seconds(4));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2015-10-21T07:27:30Z".parse().unwrap();
        assert_eq!(retry_after("120", now), Some(seconds(120)));
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        assert_eq!(retry_after(date, now), Some(seconds(30)));
        let past = "Wed, 21 Oct 2015 07:26:00 GMT";
        assert_eq!(retry_after(past, now), Some(seconds(0)));
        assert_eq!(retry_after("soon", now), None);
    }
}
