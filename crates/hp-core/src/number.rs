//! How numbers are written: one spelling for each value, so that equal data gives equal bytes.

/// The shortest decimal text that reads back as exactly `value`: `18`, `0.00632`, `1e300`.
#[must_use]
pub fn shortest(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if (1e-5..1e16).contains(&value.abs()) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// `value` as JSON: an integer without a fractional part stays one, so `18.0` prints as `18`.
#[must_use]
pub fn json(value: f64) -> serde_json::Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        let whole = value as i64;
        whole.into()
    } else {
        value.into()
    }
}

/// A value of a configuration in words: `none`, the text as it is, the shortest number, `[a, b]`.
#[must_use]
pub fn in_words(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), shortest),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(in_words).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::shortest;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_have_no_point() {
        assert_eq!(shortest(18.0), "18");
        assert_eq!(shortest(-0.0), "0");
        assert_eq!(shortest(0.00632), "0.00632");
        assert_eq!(shortest(1e300), "1e300");
    }

    proptest! {
        #[test]
        fn reads_back_exactly(value in proptest::num::f64::NORMAL) {
            prop_assert_eq!(shortest(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }
}
