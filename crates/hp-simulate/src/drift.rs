//! Drift on purpose: a column whose values are shifted.

use std::str::FromStr;

/// A shift of one column, written `COLUMN=+2sd` or `COLUMN=-3`.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The name of the column.
    pub column: String,
    /// How far its values are shifted.
    pub by: Shift,
}

/// How far values are shifted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shift {
    /// In units of the column.
    Absolute(f64),
    /// In standard deviations of the values without drift.
    Deviations(f64),
}

impl Shift {
    /// The shift in units of the column, whose values have the standard deviation `sd`.
    pub(crate) fn amount(self, sd: f64) -> f64 {
        match self {
            Self::Absolute(amount) => amount,
            Self::Deviations(count) => count * sd,
        }
    }
}

/// The text is no drift.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a drift like `RM=+2sd` or `TAX=-50`")]
pub struct DriftError(String);

impl FromStr for Drift {
    type Err = DriftError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || DriftError(text.chars().take(60).collect());
        let (column, by) = text.rsplit_once('=').ok_or_else(invalid)?;
        let (number, deviations) = match by.strip_suffix("sd") {
            Some(number) => (number, true),
            None => (by, false),
        };
        let number: f64 = number.trim().parse().map_err(|_| invalid())?;
        if column.is_empty() || !number.is_finite() {
            return Err(invalid());
        }
        let by = if deviations {
            Shift::Deviations(number)
        } else {
            Shift::Absolute(number)
        };
        let column = column.to_owned();
        Ok(Self { column, by })
    }
}

#[cfg(test)]
mod tests {
    use super::{Drift, Shift};

    #[test]
    fn names_a_column_and_a_shift() {
        let drift = |text: &str| text.parse::<Drift>().map(|drift| (drift.column, drift.by));
        let expected = |column: &str, by| Ok((column.to_owned(), by));
        assert_eq!(drift("RM=+2sd"), expected("RM", Shift::Deviations(2.0)));
        assert_eq!(drift("RM=-0.5 sd"), expected("RM", Shift::Deviations(-0.5)));
        assert_eq!(drift("a=b=3"), expected("a=b", Shift::Absolute(3.0)));
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "", "RM", "RM=", "=2", "RM=sd", "RM=two", "RM=nan", "RM=infsd",
        ] {
            assert!(text.parse::<Drift>().is_err(), "{text}");
        }
    }
}
