//! The unit of the integers that targets become while a tree grows.

/// Integer targets of a node that differ by less than this are made anew from the node's own range.
const COARSE: i64 = 1 << 24;

/// Where integer targets come from: `(target − centre) · 2^exponent`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) exponent: i32,
    /// Whether all integers are ±1, which no other scale could make finer.
    pub(super) are_signs: bool,
}

impl Scale {
    /// The largest scale with which integers for targets between `low` and `high`, which differ, can
    /// be added up over `weight` rows in an i64.
    pub(super) fn of_range(low: f64, high: f64, weight: u32) -> Self {
        let centre = low / 2.0 + high / 2.0;
        let spread = (high - centre).max(centre - low);
        let weight_bits = i32::try_from(weight.ilog2()).unwrap_or(31) + 1;
        // A spread of less than 2^-950 is no impurity, whatever its scale.
        let exponent = (61 - weight_bits - exponent_above(spread)).min(1000);
        Self {
            exponent,
            are_signs: false,
        }
    }

    /// The scale with which the integers for `low` and `high`, which differ, are -1 and 1; `None` when
    /// there is none.
    pub(super) fn of_signs(low: f64, high: f64) -> Option<Self> {
        let range = high - low;
        let exponent = 2 - exponent_above(range);
        let unit = power_of_two(-exponent);
        let is_exact = exponent.abs() < 1000 && (2.0 * unit).to_bits() == range.to_bits();
        is_exact.then_some(Self {
            exponent,
            are_signs: true,
        })
    }

    /// A sum of squared integers in units of the target squared; may overflow to infinity.
    pub(super) fn squares(self, sum: f64) -> f64 {
        let unit = power_of_two(-self.exponent);
        sum * unit * unit
    }

    /// Whether a node whose integer targets lie between `low` and `high` needs finer ones.
    pub(super) fn is_coarse(self, low: i64, high: i64) -> bool {
        high - low < COARSE && self.exponent < 1000 && !self.are_signs
    }
}

/// The smallest `e` with `value < 2^e`, for a positive `value` that is not subnormal.
#[allow(
    clippy::cast_possible_truncation,
    reason = "eleven bits of an f64 are its exponent"
)]
pub(super) fn exponent_above(value: f64) -> i32 {
    (value.to_bits() >> 52) as i32 - 1022
}

/// `2^exponent` for an `exponent` of at most 1023; 0 when it is too small for a normal number.
pub(crate) fn power_of_two(exponent: i32) -> f64 {
    let biased = u64::try_from(exponent + 1023).unwrap_or_default();
    f64::from_bits(biased << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_targets_a_power_of_two_apart_are_signs() {
        for (low, high, unit) in [
            (-1.0, 1.0, 1.0),
            (0.95 - 1.0, 0.95, 0.5),
            (3.0, 3.25, 0.125),
        ] {
            let scale = Scale::of_signs(low, high).expect("a scale");
            assert!(!scale.is_coarse(-1, 1));
            assert_eq!(scale.squares(1.0).to_bits(), f64::to_bits(unit * unit));
        }
        let others = [(0.0, 3.0), (-f64::MAX, f64::MAX), (0.0, 5e-324)];
        for (low, high) in others {
            assert!(Scale::of_signs(low, high).is_none(), "{low} {high}");
        }
    }
}
