//! What must not be: a list of conditions such as `uncertain>0.2,width>22,drift,coverage<0.7`, and
//! whether a period meets one of them.

mod alert;
mod parse;
mod state;
mod verdict;
mod webhook;

pub use alert::Alert;
pub use parse::PolicyError;
pub use state::{StateError, read_state, write_state};
pub use verdict::{Finding, Verdict, What};
pub use webhook::{Webhook, WebhookError};

use serde::{Serialize, Serializer};
use std::fmt;

/// Conditions under which a period is not well.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy(Vec<Condition>);

/// One condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// Some column has drifted.
    Drift,
    /// A figure is on the wrong side of a limit.
    Limit {
        /// The figure.
        figure: Figure,
        /// Which side is wrong.
        side: Side,
        /// The limit.
        limit: f64,
    },
}

/// A figure of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// The share of predictions outside their limits, from 0 to 1.
    Uncertain,
    /// The mean interval width, in units of the target.
    Width,
    /// The share of predictions whose interval is wider than the threshold, from 0 to 1.
    Over,
    /// Predictions.
    Predictions,
    /// Seconds since the newest prediction.
    Age,
    /// The share of true values within their limits, from 0 to 1.
    Coverage,
    /// The mean absolute error, in units of the target.
    Mae,
    /// The root mean squared error, in units of the target.
    Rmse,
}

/// A side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Policy {
    /// The conditions in order.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.0
    }
}

impl Figure {
    const ALL: [Self; 8] = [
        Self::Uncertain,
        Self::Width,
        Self::Over,
        Self::Predictions,
        Self::Age,
        Self::Coverage,
        Self::Mae,
        Self::Rmse,
    ];

    /// How it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uncertain => "uncertain",
            Self::Width => "width",
            Self::Over => "over",
            Self::Predictions => "predictions",
            Self::Age => "age",
            Self::Coverage => "coverage",
            Self::Mae => "mae",
            Self::Rmse => "rmse",
        }
    }

    /// Whether it is a share of a whole.
    fn is_share(self) -> bool {
        matches!(self, Self::Uncertain | Self::Over | Self::Coverage)
    }
}

impl Side {
    /// The longer ones first, so that `<=` is not read as `<`.
    const ALL: [Self; 4] = [Self::AtMost, Self::AtLeast, Self::Below, Self::Above];

    /// How it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        }
    }

    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Below => value < limit,
            Self::AtMost => value <= limit,
            Self::Above => value > limit,
            Self::AtLeast => value >= limit,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drift => f.write_str("drift"),
            Self::Limit {
                figure,
                side,
                limit,
            } => {
                let limit = hp_core::number::shortest(*limit);
                write!(f, "{}{}{limit}", figure.name(), side.sign())
            }
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, condition) in self.0.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            write!(f, "{comma}{condition}")?;
        }
        Ok(())
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
