//! Lengths of time as people write them.

use jiff::{Span, SpanRelativeTo};
use std::time::Duration;

/// Reads `30m`, `1h 30m`, `500ms` or `90d`; a day has 24 hours.
pub(crate) fn period(text: &str) -> Result<Duration, String> {
    let expected = || "a length of time is expected, such as 500ms, 30m or 90d".to_owned();
    let span: Span = text.parse().map_err(|_| expected())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours());
    let duration = duration.map_err(|_| expected())?;
    match Duration::try_from(duration) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("it must be longer than nothing".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::period;
    use std::time::Duration;

    #[test]
    fn units_are_those_of_daily_life() {
        let seconds = |text: &str| period(text).map(|period| period.as_secs_f64());
        assert_eq!(seconds("500ms"), Ok(0.5));
        assert_eq!(seconds("30m"), Ok(1800.0));
        assert_eq!(seconds("1h 30m"), Ok(5400.0));
        assert_eq!(period("90d"), Ok(Duration::from_hours(90 * 24)));
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "30", "0s", "-1h", "soon", "1mo", "99999999999d"] {
            assert!(period(text).is_err(), "{text}");
        }
    }
}
