//! Whether training data is finite, and where it is not.

use crate::FitError;
use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

/// Numbers that one thread looks at in one go.
const CHECKED_AT_ONCE: usize = 1 << 16;

/// Looks for the first number of `x` `[rows, features]`, then of `y` `[rows]`, that is not finite.
///
/// # Errors
/// When there is one.
pub(crate) fn check(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Result<(), FitError> {
    if !are_finite(x.as_slice_memory_order())
        && let Some(((row, column), _)) = x.indexed_iter().find(|(_, value)| !value.is_finite())
    {
        return Err(FitError::FeatureNotFinite { row, column });
    }
    if !are_finite(y.as_slice())
        && let Some((row, _)) = y.iter().enumerate().find(|(_, value)| !value.is_finite())
    {
        return Err(FitError::TargetNotFinite { row });
    }
    Ok(())
}

/// Whether all values are known to be finite; of values that do not lie together nothing is known.
fn are_finite(values: Option<&[f64]>) -> bool {
    let is_finite = |values: &[f64]| {
        let (eights, rest) = values.as_chunks::<8>();
        // Zero times a number is zero, and NaN times anything else.
        let mut sums = [0.0; 8];
        for eight in eights {
            for (sum, value) in sums.iter_mut().zip(eight) {
                *sum += value * 0.0;
            }
        }
        sums.iter().all(|sum| *sum == 0.0) && rest.iter().all(|value| value.is_finite())
    };
    let Some(values) = values else {
        return false;
    };
    if values.len() <= CHECKED_AT_ONCE {
        is_finite(values)
    } else {
        values.par_chunks(CHECKED_AT_ONCE).all(is_finite)
    }
}
