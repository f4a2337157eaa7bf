//! How long a client may take over its answers.

use std::time::Duration;
use tokio::time::Instant;

/// The time that a client may leave answers unread altogether. What it reads gives time back, but
/// only as much as reading at [`Patience::BYTES_PER_SECOND`] takes: a byte now and then is not enough.
#[derive(Debug)]
pub(super) struct Patience {
    whole: Duration,
    left: Duration,
    /// Since when nothing can be written.
    stalled: Option<Instant>,
}

impl Patience {
    /// Slower than any network that is in use, and fast enough for the largest answer to end.
    pub(super) const BYTES_PER_SECOND: u32 = 16 << 10;

    /// Patience that lasts for `whole` without a byte read.
    pub(super) fn new(whole: Duration) -> Self {
        Self {
            whole,
            left: whole,
            stalled: None,
        }
    }

    /// Nothing can be written `now`: when the patience is at an end.
    pub(super) fn stall(&mut self, now: impl FnOnce() -> Instant) -> Instant {
        *self.stalled.get_or_insert_with(now) + self.left
    }

    /// The client made room for `bytes`. The clock is asked only if it had let the answer wait.
    pub(super) fn resume(&mut self, bytes: usize, now: impl FnOnce() -> Instant) {
        if let Some(since) = self.stalled.take() {
            self.left = self.left.saturating_sub(now() - since);
        }
        if self.left < self.whole {
            let earned = Duration::from_secs(bytes as u64) / Self::BYTES_PER_SECOND;
            self.left = self.whole.min(self.left + earned);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Patience;
    use std::time::Duration;
    use tokio::time::Instant;

    const WHOLE: Duration = Duration::from_secs(30);
    const ALMOST: Duration = Duration::from_secs(29);
    const RATE: usize = Patience::BYTES_PER_SECOND as usize;

    /// How long a client lasts that makes room for `bytes` after every `pause`, up to an hour.
    fn lasts(bytes: usize, pause: Duration) -> Duration {
        let started = Instant::now();
        let mut now = started;
        let mut patience = Patience::new(WHOLE);
        while now < started + Duration::from_hours(1) {
            let end = patience.stall(|| now);
            if end <= now + pause {
                return end - started;
            }
            now += pause;
            patience.resume(bytes, || now);
        }
        now - started
    }

    #[test]
    fn a_client_that_reads_nothing_or_next_to_nothing_is_given_up() {
        assert_eq!(lasts(0, Duration::from_secs(1)), WHOLE);
        let trickling = lasts(1, ALMOST);
        assert!(trickling < WHOLE + Duration::from_secs(1), "{trickling:?}");
        let too_slow = lasts(RATE / 2, Duration::from_secs(1));
        assert!(too_slow < WHOLE * 3, "{too_slow:?}");
    }

    #[test]
    fn a_client_that_reads_in_bursts_is_waited_for() {
        let hour = Duration::from_hours(1);
        assert!(lasts(RATE, Duration::from_secs(1)) >= hour);
        assert!(lasts(RATE * 29, ALMOST) >= hour);
    }

    #[test]
    fn reading_earns_no_more_than_the_whole() {
        let now = Instant::now();
        let mut patience = Patience::new(WHOLE);
        patience.stall(|| now);
        patience.resume(usize::MAX >> 1, || now + ALMOST);
        assert_eq!(patience.stall(|| now), now + WHOLE);
    }
}
