//! Interval widths.

/// Reads an interval width, in units of the target.
pub(crate) fn width(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(width) if width >= 0.0 && width.is_finite() => Ok(width),
        _ => Err("a width of 0 or more is expected, in units of the target".to_owned()),
    }
}
