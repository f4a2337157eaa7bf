//! How conditions are written.

use super::{Condition, Figure, Policy, Side};
use std::str::FromStr;

/// The text is not a list of conditions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// There is nothing between two commas, or at an end.
    #[error("condition {position} is empty")]
    Empty {
        /// 1-based.
        position: usize,
    },
    /// It is not `drift`, and has no sign.
    #[error("`{condition}` is not a condition such as `drift` or `uncertain>0.2`")]
    NotACondition {
        /// The text.
        condition: String,
    },
    /// There is no such figure.
    #[error("`{name}` is not one of {}", names())]
    UnknownFigure {
        /// The text.
        name: String,
    },
    /// The limit is not a number, or none that the figure can reach.
    #[error("`{limit}` is not {} that `{figure}` can be compared with", if *.share { "a share from 0 to 1" } else { "a number of 0 or more" })]
    NotALimit {
        /// The text.
        limit: String,
        /// The figure.
        figure: &'static str,
        /// Whether it is a share.
        share: bool,
    },
    /// It is there twice.
    #[error("`{condition}` is there more than once")]
    Repeated {
        /// The condition.
        condition: String,
    },
}

fn names() -> String {
    let names: Vec<_> = Figure::ALL.iter().map(|figure| figure.name()).collect();
    names.join(", ")
}

impl FromStr for Policy {
    type Err = PolicyError;

    /// Reads conditions between commas. A share may be given in per cent, `uncertain>20%`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut conditions = Vec::new();
        for (condition, position) in text.split(',').map(str::trim).zip(1..) {
            if condition.is_empty() {
                return Err(PolicyError::Empty { position });
            }
            let condition = read(condition)?;
            if conditions.contains(&condition) {
                return Err(PolicyError::Repeated {
                    condition: condition.to_string(),
                });
            }
            conditions.push(condition);
        }
        Ok(Self(conditions))
    }
}

fn read(text: &str) -> Result<Condition, PolicyError> {
    if text == "drift" {
        return Ok(Condition::Drift);
    }
    let parts = |side: &Side| {
        let (name, limit) = text.split_once(side.sign())?;
        Some((name.trim(), *side, limit.trim()))
    };
    let parts = Side::ALL.iter().find_map(parts);
    let (name, side, limit) = parts.ok_or_else(|| PolicyError::NotACondition {
        condition: short(text),
    })?;
    let figure = Figure::ALL.into_iter().find(|figure| figure.name() == name);
    let figure = figure.ok_or_else(|| PolicyError::UnknownFigure { name: short(name) })?;
    Ok(Condition::Limit {
        figure,
        side,
        limit: read_limit(figure, limit)?,
    })
}

fn read_limit(figure: Figure, text: &str) -> Result<f64, PolicyError> {
    let share = figure.is_share();
    let number = match text.strip_suffix('%').filter(|_| share) {
        Some(percent) => percent.trim().parse::<f64>().map(|it| it / 100.0),
        None => text.parse(),
    };
    match number {
        Ok(limit) if limit >= 0.0 && limit.is_finite() && !(share && limit > 1.0) => {
            // A zero has no sign.
            Ok(limit + 0.0)
        }
        _ => Err(PolicyError::NotALimit {
            limit: short(text),
            figure: figure.name(),
            share,
        }),
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
