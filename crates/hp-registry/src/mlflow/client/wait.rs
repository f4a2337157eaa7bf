//! How long to wait before a call is tried again.

use crate::mlflow::settings::Patience;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The longest wait, whoever asks for it.
const LONGEST: Duration = Duration::from_mins(2);

/// Waits that double from retry to retry, each with a random part.
#[derive(Debug)]
pub(super) struct Waits {
    patience: Patience,
    random: AtomicU64,
}

impl Waits {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            patience,
            random: AtomicU64::new(patience.seed),
        }
    }

    /// The wait after `tried` retries, counted from 0; never shorter than the server asked for,
    /// unless that is longer than any wait.
    pub(super) fn before(&self, tried: u32, retry_after: Option<Duration>) -> Duration {
        let doublings = 2_f64.powi(i32::try_from(tried.min(30)).unwrap_or(30));
        let seconds = self.patience.backoff_factor * doublings + self.patience.jitter * self.draw();
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST);
        wait.max(retry_after.unwrap_or_default()).min(LONGEST)
    }

    /// A number in 0 to 1, from `SplitMix64`.
    fn draw(&self) -> f64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self
            .random
            .fetch_add(STEP, Ordering::Relaxed)
            .wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Waits};
    use crate::mlflow::settings::Patience;
    use std::time::Duration;

    fn waits(jitter: f64) -> Waits {
        Waits::new(Patience {
            retries: 7,
            connection_retries: 0,
            timeout: LONGEST,
            backoff_factor: 2.0,
            jitter,
            seed: 1,
        })
    }

    #[test]
    fn waits_double_up_to_a_ceiling() {
        let waits = waits(0.0);
        assert_eq!(waits.before(0, None), Duration::from_secs(2));
        assert_eq!(waits.before(3, None), Duration::from_secs(16));
        assert_eq!(waits.before(u32::MAX, None), LONGEST);
    }

    #[test]
    fn the_server_is_listened_to_up_to_the_ceiling() {
        let waits = waits(0.0);
        let asked = |seconds| waits.before(0, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(1), Duration::from_secs(2));
        assert_eq!(asked(30), Duration::from_secs(30));
        assert_eq!(asked(u64::MAX), LONGEST);
    }

    #[test]
    fn the_random_part_differs() {
        let waits = waits(1.0);
        let [first, second] = [0, 0].map(|tried| waits.before(tried, None));
        assert_ne!(first, second);
        assert!(first.max(second) <= Duration::from_secs(3));
    }
}
