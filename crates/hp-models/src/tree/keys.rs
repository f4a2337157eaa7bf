//! Numbers as integers of the same order, so that a node compares without floats.
//!
//! | number | key |
//! |---|---|
//! | finite f32, infinity | the bits, all flipped when negative, else the sign alone |
//! | zero of a feature | that of -0.0, which no threshold of either zero is below |
//! | NaN of a feature | [`NAN`], above infinity: it goes right at every threshold |
//! | leaf | from [`NAN`] on, which no feature is above |

/// The key of a feature that is NaN.
const NAN: u32 = 0xff80_0001;

/// The key of the first leaf.
pub(super) const LEAST_LEAF: u32 = NAN;

const SIGN: u32 = 1 << 31;

/// The key of a feature, rounded to f32.
#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "trees see features rounded to f32"
)]
pub(super) fn key_of(feature: f64) -> u32 {
    let rounded = feature as f32;
    if rounded.is_nan() {
        NAN
    } else if rounded == 0.0 {
        key_of_threshold(-0.0)
    } else {
        key_of_threshold(rounded)
    }
}

/// The key of a finite threshold: a feature goes left when its key is at most this.
#[inline]
pub(super) fn key_of_threshold(threshold: f32) -> u32 {
    let bits = threshold.to_bits();
    // A branch on signs would often be guessed wrong.
    let is_negative = bits.cast_signed() >> 31;
    bits ^ (is_negative.cast_unsigned() | SIGN)
}

/// The threshold that has `key`.
pub(super) fn threshold_of(key: u32) -> f32 {
    let bits = if key & SIGN == 0 { !key } else { key ^ SIGN };
    f32::from_bits(bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[allow(
        clippy::cast_possible_truncation,
        reason = "trees see features rounded to f32"
    )]
    fn is_at_most(feature: f64, threshold: f32) -> bool {
        feature as f32 <= threshold
    }

    #[test]
    fn keys_compare_like_numbers_at_the_edges() {
        let thresholds = [f32::MIN, -1.0, -1e-45, -0.0, 0.0, 1e-45, 1.0, f32::MAX];
        let features = [
            f64::NEG_INFINITY,
            -1e300,
            f64::from(f32::MIN),
            -1.0,
            -1e-45,
            -1e-300,
            -0.0,
            0.0,
            1e-300,
            1e-45,
            1.0,
            f64::from(f32::MAX),
            1e300,
            f64::INFINITY,
            f64::NAN,
            -f64::NAN,
        ];
        for threshold in thresholds {
            for feature in features {
                let goes_left = key_of(feature) <= key_of_threshold(threshold);
                assert_eq!(
                    goes_left,
                    is_at_most(feature, threshold),
                    "{feature} at {threshold}"
                );
                assert!(key_of(feature) <= LEAST_LEAF);
            }
        }
    }

    proptest! {
        #[test]
        fn keys_compare_like_numbers(feature: f64, threshold: f32) {
            prop_assume!(threshold.is_finite());
            let goes_left = key_of(feature) <= key_of_threshold(threshold);
            prop_assert_eq!(goes_left, is_at_most(feature, threshold));
        }

        #[test]
        fn thresholds_keep_their_bits(bits: u32) {
            let threshold = f32::from_bits(bits);
            prop_assume!(threshold.is_finite());
            let key = key_of_threshold(threshold);
            prop_assert!(key < LEAST_LEAF);
            prop_assert_eq!(threshold_of(key).to_bits(), bits);
        }
    }
}
