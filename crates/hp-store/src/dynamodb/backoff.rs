//! How long to wait before something is tried again.

use super::keys::fnv1a;
use crate::id::PredictionId;
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_millis(500);
const MOST: u32 = 10;

/// Delays that double up to a limit, each shortened by a share of its own ("full jitter"), so that
/// writers of different records which met once do not meet again. The shares follow from a record's
/// id, without a source of randomness: two writers that begin with the same record wait equally
/// long. They meet until one of them has written it, which the other then finds.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    seed: [u8; 16],
    tries: u32,
}

impl Backoff {
    /// The delays of a write that begins with the record `id`.
    pub(super) fn new(id: PredictionId) -> Self {
        Self {
            seed: id.to_bytes(),
            tries: 0,
        }
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    /// The next delay; none after ten, together at most about 3 s.
    fn next(&mut self) -> Option<Duration> {
        if self.tries == MOST {
            return None;
        }
        let whole = FIRST.saturating_mul(1 << self.tries).min(LONGEST);
        self.tries += 1;
        let mut seed = self.seed.to_vec();
        seed.extend(self.tries.to_be_bytes());
        let share = fnv1a(&seed) as f64 / u64::MAX as f64;
        Some(whole.mul_f64(share))
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use crate::id::PredictionId;
    use std::time::Duration;

    #[test]
    fn delays_differ_and_end() {
        let delays = |byte| Backoff::new(PredictionId::from_bytes([byte; 16])).collect::<Vec<_>>();
        assert_eq!(delays(1).len(), 10);
        assert!(delays(1).iter().sum::<Duration>() < Duration::from_secs(4));
        assert!(delays(1).iter().zip(delays(2)).all(|(a, b)| *a != b));
        assert!(delays(1)[0] <= Duration::from_millis(20));
    }
}
