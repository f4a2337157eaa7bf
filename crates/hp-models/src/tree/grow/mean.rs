//! The value of a leaf.

/// The weighted mean of targets with their weights, never outside their range.
pub(super) fn mean<I: Iterator<Item = (f64, f64)>>(members: impl Fn() -> I) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    members().for_each(|(target, count)| {
        sum += count * target;
        weight += count;
        low = low.min(target);
        high = high.max(target);
    });
    let mut mean = sum / weight;
    if !mean.is_finite() {
        mean = members()
            .map(|(target, count)| target * (count / weight))
            .sum();
    }
    mean.clamp(low, high)
}
