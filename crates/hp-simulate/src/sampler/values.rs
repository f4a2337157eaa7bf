//! The values of one column.

use super::SampleError;
use hp_core::schema::{Column, DType};
use rand::{Rng, RngExt};

/// Draws a value of a column that [`drawn_deviation`] has accepted.
pub(super) fn uniform(column: &Column, rng: &mut impl Rng) -> f64 {
    if let Some(allowed) = &column.allowed {
        return allowed[rng.random_range(0..allowed.len())];
    }
    let Ok((low, high)) = limits(column) else {
        return 0.0;
    };
    let share: f64 = rng.random();
    let value = match column.dtype {
        // The difference of two limits may overflow, this cannot.
        DType::Float => low * (1.0 - share) + high * share,
        DType::Integer => (low * (1.0 - share) + (high + 1.0) * share).floor(),
    };
    value.clamp(low, high)
}

/// The standard deviation of the values that [`uniform`] draws: (b − a)/√12 for numbers from a to b,
/// √((n² − 1)/12) for n whole numbers in a row.
pub(super) fn drawn_deviation(column: &Column) -> Result<f64, SampleError> {
    if let Some(allowed) = &column.allowed {
        return match allowed.as_slice() {
            [] => Err(empty(column)),
            allowed => Ok(deviation(allowed.iter().copied())),
        };
    }
    let (low, high) = limits(column)?;
    Ok(match column.dtype {
        DType::Float => (high - low) / 12_f64.sqrt(),
        DType::Integer => (((high - low + 1.0).powi(2) - 1.0) / 12.0).sqrt(),
    })
}

/// The standard deviation of `values` about their mean, with their number as divisor.
pub(super) fn deviation(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    (values.map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// The valid value of the column nearest to `value`.
pub(super) fn fitted(column: &Column, value: f64) -> f64 {
    let distance = |candidate: &&f64| (*candidate - value).abs();
    if let Some(allowed) = &column.allowed {
        let nearest = allowed
            .iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)));
        return nearest.copied().unwrap_or(value);
    }
    let value = value.clamp(f64::MIN, f64::MAX);
    let (low, high) = whole_limits(column);
    let value = match column.dtype {
        DType::Float => value,
        DType::Integer => value.round(),
    };
    value.max(low.unwrap_or(value)).min(high.unwrap_or(value))
}

fn limits(column: &Column) -> Result<(f64, f64), SampleError> {
    match whole_limits(column) {
        (Some(low), Some(high)) if low <= high => Ok((low, high)),
        (Some(_), Some(_)) => Err(empty(column)),
        _ => Err(SampleError::NoRange {
            column: column.name.clone(),
        }),
    }
}

/// The limits of the column; those of an integer are whole.
fn whole_limits(column: &Column) -> (Option<f64>, Option<f64>) {
    match column.dtype {
        DType::Float => (column.min, column.max),
        DType::Integer => (column.min.map(f64::ceil), column.max.map(f64::floor)),
    }
}

fn empty(column: &Column) -> SampleError {
    SampleError::EmptyRange {
        column: column.name.clone(),
    }
}
