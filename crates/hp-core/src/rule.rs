//! The rules a value can break, the same for a cell of a file and a field of a request.

use crate::number;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a value is refused. `Display` is a predicate of the field: "is missing".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Rule {
    /// There is no value.
    Missing,
    /// The field is not in the schema.
    Unexpected,
    /// The field is given more than once.
    Duplicate,
    /// The value is text, a list or a truth value.
    NotANumber,
    /// The column is an integer and the value has a fractional part.
    NotAnInteger,
    /// The value is NaN or infinite.
    NotFinite,
    /// The value is smaller than the column's minimum.
    BelowMin {
        /// The minimum.
        min: f64,
    },
    /// The value is larger than the column's maximum.
    AboveMax {
        /// The maximum.
        max: f64,
    },
    /// The value is not one of those allowed.
    NotAllowed {
        /// The allowed values.
        allowed: Vec<f64>,
    },
}

impl Rule {
    /// The name of the rule, as in reports: `below_min`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unexpected => "unexpected",
            Self::Duplicate => "duplicate",
            Self::NotANumber => "not_a_number",
            Self::NotAnInteger => "not_an_integer",
            Self::NotFinite => "not_finite",
            Self::BelowMin { .. } => "below_min",
            Self::AboveMax { .. } => "above_max",
            Self::NotAllowed { .. } => "not_allowed",
        }
    }

    /// Whether the value is a number of the right type that only lies outside what is allowed.
    #[must_use]
    pub fn is_range(&self) -> bool {
        matches!(
            self,
            Self::BelowMin { .. } | Self::AboveMax { .. } | Self::NotAllowed { .. }
        )
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Unexpected => f.write_str("is not a feature of the model"),
            Self::Duplicate => f.write_str("is given more than once"),
            Self::NotANumber => f.write_str("is not a number"),
            Self::NotAnInteger => f.write_str("is not an integer"),
            Self::NotFinite => f.write_str("is not finite"),
            Self::BelowMin { min } => write!(f, "is below the minimum {}", number::shortest(*min)),
            Self::AboveMax { max } => write!(f, "is above the maximum {}", number::shortest(*max)),
            Self::NotAllowed { allowed } => {
                let list: Vec<_> = allowed.iter().map(|v| number::shortest(*v)).collect();
                write!(f, "is not one of {}", list.join(", "))
            }
        }
    }
}
