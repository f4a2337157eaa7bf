//! Gates: conditions on the metrics of a version that is to be promoted, such as
//! `rmse <= champion * 1.02 and coverage >= 0.75`.
//!
//! A comparison (`<`, `<=`, `>`, `>=`, `==`) has arithmetic (`+ - * /`, parentheses, numbers) of
//! metrics on both sides. `champion` stands for the same metric of the version that this alias
//! means, `champion.mae` for another one of it. `not`, `and`, `or` join comparisons, in this order
//! of precedence. Aliases with `-` in their name cannot be written.

mod error;
mod parse;
mod rivals;
mod token;
mod verdict;

pub use error::GateError;
pub use rivals::{Rivals, Scores};
pub use verdict::{Compared, Verdict};

use parse::Condition;
use std::fmt;
use std::str::FromStr;

/// Longest text of a gate in bytes.
const LONGEST: usize = 1000;

/// A condition on metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    text: String,
    condition: Condition,
}

impl Gate {
    /// Decides whether a version with the scores `candidate` meets the condition. A comparison with
    /// an alias that means nothing yet speaks for the version, as there is nothing to be worse than;
    /// only the alias that is moved, `champion` and `challenger` may mean nothing. A number that is
    /// not finite, such as after a division by zero, speaks against the version.
    ///
    /// # Errors
    /// A metric is not known of the candidate or of the other version, an alias is not known, or it
    /// is not clear which metric an alias stands for.
    pub fn check(&self, candidate: &Scores, rivals: &Rivals<'_>) -> Result<Verdict, GateError> {
        verdict::decide(self, candidate, rivals)
    }
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > LONGEST {
            return Err(GateError::TooLong {
                length: text.len(),
                limit: LONGEST,
            });
        }
        Ok(Self {
            text: text.to_owned(),
            condition: parse::condition(text)?,
        })
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
