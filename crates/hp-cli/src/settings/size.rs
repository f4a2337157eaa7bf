//! Numbers of bytes as people write them.

/// Reads `1048576`, `64KiB`, `1MiB` or `2GiB`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let expected = || "a number of bytes is expected, such as 1048576 or 1MiB".to_owned();
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
    let shift = match unit.trim() {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err(expected()),
    };
    let number: u64 = digits.parse().map_err(|_| expected())?;
    match number.checked_mul(1 << shift) {
        Some(bytes) if bytes > 0 => Ok(bytes),
        _ => Err(expected()),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn units_are_powers_of_two() {
        assert_eq!(size("1048576"), Ok(1 << 20));
        assert_eq!(size("64KiB"), Ok(64 << 10));
        assert_eq!(size("2 GiB"), Ok(2 << 30));
        for text in ["", "0", "MiB", "1MB", "-1", "1.5MiB", "99999999999GiB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
