//! Why a statistic has no value.

/// Why a statistic has no value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StatisticsError {
    /// A sample has no finite value.
    #[error("there are no finite values")]
    Empty,
    /// Two series differ in length.
    #[error("`{left}` values do not go with `{right}`")]
    LengthMismatch {
        /// Length of the first series.
        left: usize,
        /// Length of the other.
        right: usize,
    },
    /// A share, a confidence or a p-value is not one.
    #[error("`{0}` is not between 0 and 1")]
    OutsideUnitInterval(f64),
    /// More successes than trials.
    #[error("`{successes}` of `{trials}` is more than all")]
    MoreThanAll {
        /// The successes.
        successes: usize,
        /// The trials.
        trials: usize,
    },
    /// A number that must be positive is not.
    #[error("`{0}` must be positive")]
    NotPositive(&'static str),
    /// A setting is above what memory and time allow.
    #[error("`{name}` is `{value}`, at most `{most}` is allowed")]
    TooLarge {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: usize,
        /// The largest allowed.
        most: usize,
    },
    /// The values are finite but the result is not.
    #[error("the values are too large for a finite result")]
    Overflow,
}

/// `value` unless it has overflowed.
pub(super) fn finite(value: f64) -> Result<f64, StatisticsError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(StatisticsError::Overflow)
    }
}
