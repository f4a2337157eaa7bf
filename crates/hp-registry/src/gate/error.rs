//! Why a gate cannot be read or decided.

use crate::reference::Alias;

/// Why a gate cannot be read or decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// The text is too long.
    #[error("the gate has {length} bytes, more than the {limit} allowed")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The largest length allowed in bytes.
        limit: usize,
    },
    /// The text is not a condition.
    #[error(
        "column {column} of the gate: {expected} is expected, not {found}\n{}",
        pointed(text, *column)
    )]
    Syntax {
        /// The gate.
        text: String,
        /// Where reading stopped, in bytes from 1.
        column: usize,
        /// What could stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// Parentheses, signs or `not` stand in one another too often.
    #[error(
        "column {column} of the gate: more than {limit} levels are not read\n{}",
        pointed(text, *column)
    )]
    TooDeep {
        /// The gate.
        text: String,
        /// Where reading stopped, in bytes from 1.
        column: usize,
        /// The most levels that are read.
        limit: usize,
    },
    /// The candidate has no such metric.
    #[error("there is no metric `{name}`")]
    UnknownMetric {
        /// What the gate asks for.
        name: String,
        /// The metrics there are.
        known: Vec<String>,
        /// The aliases that mean a version.
        aliases: Vec<Alias>,
    },
    /// There is no such alias.
    #[error("there is no alias `{name}`")]
    UnknownAlias {
        /// What the gate asks for.
        name: String,
        /// The aliases that mean a version.
        known: Vec<Alias>,
    },
    /// The version that an alias means has no such metric.
    #[error("the version of `{alias}` has no metric `{name}`")]
    MissingMetric {
        /// The alias.
        alias: Alias,
        /// What the gate asks for.
        name: String,
        /// The metrics there are.
        known: Vec<String>,
    },
    /// An alias stands in a comparison with several metrics, or with none.
    #[error("it is not clear which metric of `{alias}` is meant in `{comparison}`")]
    Unclear {
        /// The alias.
        alias: Alias,
        /// The comparison.
        comparison: String,
    },
}

impl GateError {
    /// What to do about it, when there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::TooLong { .. } | Self::TooDeep { .. } => None,
            Self::Syntax { .. } => {
                Some("write it like `rmse <= champion * 1.02 and coverage >= 0.75`".to_owned())
            }
            Self::UnknownMetric { known, .. } | Self::MissingMetric { known, .. }
                if known.is_empty() =>
            {
                Some("run `hp evaluate` for that version first".to_owned())
            }
            Self::UnknownMetric { known, aliases, .. } => {
                let names = known.iter().map(String::as_str);
                let names = names.chain(aliases.iter().map(Alias::as_str));
                Some(listed(names))
            }
            Self::MissingMetric { known, .. } => Some(listed(known.iter().map(String::as_str))),
            Self::UnknownAlias { known, .. } if known.is_empty() => {
                Some("no alias means a version yet".to_owned())
            }
            Self::UnknownAlias { known, .. } => Some(listed(known.iter().map(Alias::as_str))),
            Self::Unclear { alias, .. } => Some(format!("name it, like `{alias}.rmse`")),
        }
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("there are `{}`", names.collect::<Vec<_>>().join("`, `"))
}

/// `text` with a caret below the byte at `column`, which counts from 1.
fn pointed(text: &str, column: usize) -> String {
    let shown = text.replace(|c: char| c.is_control(), " ");
    let before = text.get(..column.saturating_sub(1)).unwrap_or(text);
    format!("  | {shown}\n  | {}^", " ".repeat(before.chars().count()))
}
