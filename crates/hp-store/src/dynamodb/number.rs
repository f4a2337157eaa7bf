//! Numbers as attributes, read back to the last bit.

use aws_sdk_dynamodb::types::AttributeValue;

/// The attribute that holds `value`: an N with the shortest digits that read back as the same
/// number. The N of DynamoDB holds neither −0, nor what is not finite, nor magnitudes outside
/// 10⁻¹³⁰ to 10¹²⁶; such a value is an S with the same digits.
pub(super) fn attribute(value: f64) -> AttributeValue {
    let held = value.to_bits() == 0 || (1e-129..1e125).contains(&value.abs());
    let text = format!("{value:?}");
    if held {
        AttributeValue::N(text)
    } else {
        AttributeValue::S(text)
    }
}

/// The attribute that holds a count or a time.
pub(super) fn whole(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

/// The number that [`attribute`] made an attribute of.
pub(super) fn parse(attribute: &AttributeValue) -> Option<f64> {
    let (AttributeValue::N(text) | AttributeValue::S(text)) = attribute else {
        return None;
    };
    text.parse().ok()
}

/// What to add to a sum for `value`. An addition whose exact result has more than 38 digits fails
/// in DynamoDB, so all sums share one window of digits: addends are rounded to 10⁻¹² and count at
/// most as ±10¹⁹, and it takes 10⁷ of those in an hour to leave the window. NaN counts as 0.
pub(super) fn addend(value: f64) -> f64 {
    const LARGEST: f64 = 1e19;
    if value.is_nan() {
        0.0
    } else {
        value.clamp(-LARGEST, LARGEST)
    }
}

/// The attribute with which the sum of some addends is added.
pub(super) fn sum(value: f64) -> AttributeValue {
    let text = format!("{value:.12}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let text = if text == "-0" { "0" } else { text };
    AttributeValue::N(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{addend, attribute, parse, sum};
    use aws_sdk_dynamodb::types::AttributeValue;

    #[test]
    fn every_number_reads_back() {
        let held = [
            0.0,
            1.0,
            -0.1,
            0.1 + 0.2,
            1e-128,
            1e124,
            9_007_199_254_740_993.0,
        ];
        let others = [-0.0, 5e-324, 1e300, f64::MIN, f64::MAX, f64::INFINITY];
        for value in held {
            assert!(attribute(value).is_n(), "{value}");
        }
        for value in others {
            assert!(attribute(value).is_s(), "{value}");
        }
        for value in held.into_iter().chain(others) {
            let back = parse(&attribute(value)).unwrap();
            assert_eq!(back.to_bits(), value.to_bits(), "{value}");
        }
        assert!(parse(&attribute(f64::NAN)).unwrap().is_nan());
        assert_eq!(parse(&AttributeValue::Bool(true)), None);
    }

    #[test]
    fn sums_keep_to_38_digits() {
        let text = |value: f64| sum(addend(value)).as_n().unwrap().clone();
        assert_eq!(text(24.25), "24.25");
        assert_eq!(text(-1e-13), "0");
        assert_eq!(text(-100.0), "-100");
        assert_eq!(text(f64::NAN), "0");
        assert_eq!(text(f64::NEG_INFINITY), "-10000000000000000000");
        assert_eq!(text(1e300), "10000000000000000000");
        assert_eq!(text(1.0 / 3.0), "0.333333333333");
    }
}
