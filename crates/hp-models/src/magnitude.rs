//! The magnitude of data as a power of two, by which it can be divided without rounding.

/// The power of two at or just below the largest absolute value; 1 when all values are zero.
pub(crate) fn magnitude<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    power_of_two(values.fold(0.0_f64, |largest, value| largest.max(value.abs())))
}

/// The power of two at or just below `value`, which is not negative; 1 when it is zero.
pub(crate) fn power_of_two(value: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    if value == 0.0 {
        return 1.0;
    }
    f64::from_bits(value.to_bits() & EXPONENT).max(f64::MIN_POSITIVE)
}
