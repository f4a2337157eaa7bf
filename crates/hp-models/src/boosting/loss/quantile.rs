//! Quantiles by selection, as the losses need them.

/// The smallest value at or below which at least `quantile` of all lie: `inverted_cdf` of
/// `numpy.quantile`. `values`, which are not empty, are reordered.
pub(super) fn inverted_cdf(values: &mut [f64], quantile: f64) -> f64 {
    // scikit-learn goes through percent, which now and then moves the rank by a rounding.
    let rank = (100.0 * quantile) / 100.0 * values.len() as f64;
    let index = index(rank.ceil() - 1.0).min(values.len() - 1);
    *values.select_nth_unstable_by(index, f64::total_cmp).1
}

/// The quantile with linear interpolation between its neighbours. `values`, which are not empty, are
/// reordered.
pub(super) fn interpolated(values: &mut [f64], quantile: f64) -> f64 {
    let position = (100.0 * quantile) / 100.0 * (values.len() - 1) as f64;
    let below = index(position.floor()).min(values.len() - 1);
    let share = position - position.floor();
    let (_, &mut low, rest) = values.select_nth_unstable_by(below, f64::total_cmp);
    let high = rest.iter().copied().fold(f64::INFINITY, f64::min);
    if share <= 0.0 || high.is_infinite() {
        low
    } else if share < 0.5 {
        low + (high - low) * share
    } else {
        high - (high - low) * (1.0 - share)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the float is a rank"
)]
fn index(rank: f64) -> usize {
    rank as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverted_cdf_takes_a_value_that_is_there() {
        let values = [5.0, 1.0, 3.0, 2.0, 4.0];
        for (quantile, expected) in [(0.1, 1.0), (0.2, 1.0), (0.21, 2.0), (0.9, 5.0)] {
            let actual = inverted_cdf(&mut values.clone(), quantile);
            assert!((actual - expected).abs() < 1e-15, "{quantile}: {actual}");
        }
    }
}
