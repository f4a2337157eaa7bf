//! Why a metric has no value, and the checks every metric begins and ends with.

/// Why a metric has no value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MetricError {
    /// There is nothing to compare.
    #[error("there are no values")]
    Empty,
    /// Two series differ in length.
    #[error("`{left}` values cannot be compared with `{right}`")]
    LengthMismatch {
        /// Length of the first series.
        left: usize,
        /// Length of the other.
        right: usize,
    },
    /// A value is NaN or infinite.
    #[error("value {index} is `{value}`, not a finite number")]
    NotFinite {
        /// 0-based place of the first such value.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A quantile or a share is outside `[0, 1]`.
    #[error("`{0}` is not between 0 and 1")]
    OutsideUnitInterval(f64),
    /// The metric is not defined for so few values.
    #[error("`{found}` values are too few, at least {needed} are needed")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many there must be.
        needed: usize,
    },
    /// The values are finite but the result is not.
    #[error("the values are too large for a finite result")]
    Overflow,
}

/// Checks that `first` is not empty, that every one of `others` is as long, and that all are finite.
pub(super) fn check(first: &[f64], others: &[&[f64]]) -> Result<(), MetricError> {
    if first.is_empty() && others.iter().all(|other| other.is_empty()) {
        return Err(MetricError::Empty);
    }
    if let Some(other) = others.iter().find(|other| other.len() != first.len()) {
        return Err(MetricError::LengthMismatch {
            left: first.len(),
            right: other.len(),
        });
    }
    std::iter::once(&first)
        .chain(others)
        .try_for_each(|values| all_finite(values))
}

/// `value` unless it has overflowed.
pub(super) fn finite(value: f64) -> Result<f64, MetricError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(MetricError::Overflow)
    }
}

fn all_finite(values: &[f64]) -> Result<(), MetricError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(MetricError::NotFinite {
            index,
            value: values[index],
        }),
    }
}
