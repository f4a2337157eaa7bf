//! Measures added up.

use hp_store::Measure;

/// The counts and sums of several measures.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Total {
    pub(super) count: u64,
    pub(super) uncertain: u64,
    pub(super) over_width: u64,
    pub(super) sum_width: f64,
    pub(super) sum_lower: f64,
    pub(super) sum_prediction: f64,
    pub(super) sum_upper: f64,
    pub(super) actuals: u64,
    pub(super) covered: u64,
    pub(super) sum_absolute_error: f64,
    pub(super) sum_squared_error: f64,
    pub(super) actuals_uncertain: u64,
    pub(super) sum_absolute_error_uncertain: f64,
    pub(super) sum_squared_error_uncertain: f64,
}

impl Total {
    pub(super) fn of<'a>(measures: impl IntoIterator<Item = &'a Measure>) -> Self {
        let mut total = Self::default();
        for measure in measures {
            total.count += measure.count;
            total.uncertain += measure.uncertain;
            total.over_width += measure.over_width;
            total.sum_width += measure.sum_width;
            total.sum_lower += measure.sum_lower;
            total.sum_prediction += measure.sum_prediction;
            total.sum_upper += measure.sum_upper;
            total.actuals += measure.actuals;
            total.covered += measure.covered;
            total.sum_absolute_error += measure.sum_absolute_error;
            total.sum_squared_error += measure.sum_squared_error;
            total.actuals_uncertain += measure.actuals_uncertain;
            total.sum_absolute_error_uncertain += measure.sum_absolute_error_uncertain;
            total.sum_squared_error_uncertain += measure.sum_squared_error_uncertain;
        }
        total
    }

    /// `sum` per prediction.
    pub(super) fn mean(&self, sum: f64) -> Option<f64> {
        share(sum, self.count)
    }
}

/// `sum / count`; none of nothing, or when it is not finite.
pub(super) fn share(sum: f64, count: u64) -> Option<f64> {
    let share = sum / count as f64;
    (count > 0 && share.is_finite()).then_some(share)
}
