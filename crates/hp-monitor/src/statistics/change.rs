//! A figure beside that of the period before.

use serde::Serialize;

/// A figure of a period and of the period of equal length before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Change {
    /// The figure of the period.
    pub now: f64,
    /// The figure of the period before.
    pub before: f64,
    /// `now − before`.
    pub difference: f64,
    /// `difference / |before|`; none when the figure was 0 before.
    pub relative: Option<f64>,
}

impl Change {
    /// The change from `before` to `now`; none when either is not finite, because there was
    /// nothing to count.
    #[must_use]
    pub fn new(now: f64, before: f64) -> Option<Self> {
        let difference = now - before;
        let relative = difference / before.abs();
        difference.is_finite().then_some(Self {
            now,
            before,
            difference,
            relative: relative.is_finite().then_some(relative),
        })
    }
}
