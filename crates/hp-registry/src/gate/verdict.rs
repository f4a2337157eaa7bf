//! Whether a version meets a gate, comparison by comparison.

use super::Gate;
use super::error::GateError;
use super::parse::{Comparison, Condition, Number};
use super::rivals::{Rivals, Scores};
use super::token::Sign;
use crate::reference::Alias;
use serde::Serialize;
use std::collections::BTreeSet;

/// Whether a version meets a gate, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The gate.
    pub gate: String,
    /// Whether it is met.
    pub met: bool,
    /// Every comparison in it, in order.
    pub comparisons: Vec<Compared>,
}

/// A comparison that was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// As it stands in the gate.
    pub text: String,
    /// The number on its left; `None` when there is none.
    pub left: Option<f64>,
    /// The number on its right; `None` when there is none.
    pub right: Option<f64>,
    /// Whether it holds.
    pub holds: bool,
    /// Why it holds, or not, where the numbers do not tell.
    pub note: Option<String>,
}

pub(super) fn decide(
    gate: &Gate,
    candidate: &Scores,
    rivals: &Rivals<'_>,
) -> Result<Verdict, GateError> {
    let mut judge = Judge {
        candidate,
        rivals,
        other_data: BTreeSet::new(),
        comparisons: Vec::new(),
    };
    let met = judge.condition(&gate.condition, true)?;
    Ok(Verdict {
        gate: gate.text.clone(),
        met,
        comparisons: judge.comparisons,
    })
}

struct Judge<'a> {
    candidate: &'a Scores,
    rivals: &'a Rivals<'a>,
    /// The aliases of the comparison at hand whose versions were measured on other data.
    other_data: BTreeSet<Alias>,
    comparisons: Vec<Compared>,
}

/// What a name stands for.
enum Meaning {
    Metric(f64),
    /// An alias, and the scores of its version if it means one.
    Alias(Alias, Option<Scores>),
}

/// What a number comes to.
enum Value {
    Known(f64),
    /// It depends on what this alias means, and it means nothing yet.
    Open(Alias),
}

impl Judge<'_> {
    /// Whether `condition` holds. It should when it is `wanted`, and should not below a `not`.
    fn condition(&mut self, condition: &Condition, wanted: bool) -> Result<bool, GateError> {
        match condition {
            // Both sides are always looked at, so that the verdict tells of all.
            Condition::Or(sides) => {
                let (left, right) = self.both(sides, wanted)?;
                Ok(left || right)
            }
            Condition::And(sides) => {
                let (left, right) = self.both(sides, wanted)?;
                Ok(left && right)
            }
            Condition::Not(inner) => Ok(!self.condition(inner, !wanted)?),
            Condition::Comparison(comparison) => self.comparison(comparison, wanted),
        }
    }

    fn both(
        &mut self,
        [left, right]: &[Condition; 2],
        wanted: bool,
    ) -> Result<(bool, bool), GateError> {
        Ok((
            self.condition(left, wanted)?,
            self.condition(right, wanted)?,
        ))
    }

    fn comparison(&mut self, comparison: &Comparison, wanted: bool) -> Result<bool, GateError> {
        let sides = [&comparison.left, &comparison.right];
        let mut metrics = BTreeSet::new();
        for side in sides {
            self.metrics_in(side, &mut metrics);
        }
        self.other_data.clear();
        let left = self.number(&comparison.left, comparison, &metrics)?;
        let right = self.number(&comparison.right, comparison, &metrics)?;
        let known = |value: &Value| match value {
            Value::Known(number) => Some(*number).filter(|number| number.is_finite()),
            Value::Open(_) => None,
        };
        let numbers = (known(&left), known(&right));
        let (holds, note) = match (&left, &right, numbers) {
            (Value::Open(alias), ..) | (_, Value::Open(alias), _) => {
                (wanted, Some(format!("there is no {alias} yet")))
            }
            (.., (Some(left), Some(right))) => {
                let holds = comparison.relation.holds(left, right);
                (holds, self.note_of_other_data())
            }
            _ => {
                let note = "a side is not a finite number, as after a division by zero";
                (!wanted, Some(note.to_owned()))
            }
        };
        self.comparisons.push(Compared {
            text: comparison.text.clone(),
            left: numbers.0,
            right: numbers.1,
            holds,
            note,
        });
        Ok(holds)
    }

    /// Adds the metrics of the candidate that occur in `number`.
    fn metrics_in<'b>(&self, number: &'b Number, found: &mut BTreeSet<&'b str>) {
        match number {
            Number::Name(name) if self.candidate.metrics.contains_key(name) => {
                found.insert(name);
            }
            Number::Literal(_) | Number::Name(_) | Number::Of { .. } => {}
            Number::Negative(inner) => self.metrics_in(inner, found),
            Number::Operation(_, sides) => {
                sides.iter().for_each(|side| self.metrics_in(side, found));
            }
        }
    }

    /// Works out `number`, a part of `comparison`, in which `metrics` occur.
    fn number(
        &mut self,
        number: &Number,
        comparison: &Comparison,
        metrics: &BTreeSet<&str>,
    ) -> Result<Value, GateError> {
        match number {
            Number::Literal(value) => Ok(Value::Known(*value)),
            Number::Name(name) => match self.meaning(name)? {
                Meaning::Metric(value) => Ok(Value::Known(value)),
                Meaning::Alias(alias, its) => match metrics.iter().next() {
                    Some(metric) if metrics.len() == 1 => self.metric_of(alias, its, metric),
                    _ => Err(GateError::Unclear {
                        alias,
                        comparison: comparison.text.clone(),
                    }),
                },
            },
            Number::Of { alias, metric } => {
                let known: Option<Alias> = alias.parse().ok();
                let known = known.ok_or_else(|| self.unknown_alias(alias))?;
                let its = (self.rivals.scores)(&known);
                if its.is_none() && !self.rivals.may_be_open(&known) {
                    return Err(self.unknown_alias(alias));
                }
                self.metric_of(known, its, metric)
            }
            Number::Negative(inner) => {
                let value = self.number(inner, comparison, metrics)?;
                Ok(match value {
                    Value::Known(value) => Value::Known(-value),
                    Value::Open(alias) => Value::Open(alias),
                })
            }
            Number::Operation(sign, sides) => {
                let left = self.number(&sides[0], comparison, metrics)?;
                let right = self.number(&sides[1], comparison, metrics)?;
                Ok(match (left, right) {
                    (Value::Known(left), Value::Known(right)) => {
                        Value::Known(calculate(*sign, left, right))
                    }
                    (Value::Open(alias), _) | (_, Value::Open(alias)) => Value::Open(alias),
                })
            }
        }
    }

    fn meaning(&self, name: &str) -> Result<Meaning, GateError> {
        if let Some(&value) = self.candidate.metrics.get(name) {
            return Ok(Meaning::Metric(value));
        }
        let alias: Alias = name.parse().map_err(|_| self.unknown(name))?;
        match (self.rivals.scores)(&alias) {
            None if !self.rivals.may_be_open(&alias) => Err(self.unknown(name)),
            its => Ok(Meaning::Alias(alias, its)),
        }
    }

    fn unknown(&self, name: &str) -> GateError {
        GateError::UnknownMetric {
            name: name.to_owned(),
            known: self.candidate.metrics.keys().cloned().collect(),
            aliases: self.rivals.aliases.to_vec(),
        }
    }

    fn unknown_alias(&self, name: &str) -> GateError {
        GateError::UnknownAlias {
            name: name.to_owned(),
            known: self.rivals.aliases.to_vec(),
        }
    }

    /// The metric `name` among those of the version that `alias` means. While it means none the
    /// name must be that of a metric all the same.
    fn metric_of(
        &mut self,
        alias: Alias,
        its: Option<Scores>,
        name: &str,
    ) -> Result<Value, GateError> {
        let Some(its) = its else {
            if !self.candidate.metrics.contains_key(name) {
                return Err(self.unknown(name));
            }
            return Ok(Value::Open(alias));
        };
        let Some(&value) = its.metrics.get(name) else {
            return Err(GateError::MissingMetric {
                alias,
                name: name.to_owned(),
                known: its.metrics.into_keys().collect(),
            });
        };
        if its.data != self.candidate.data {
            self.other_data.insert(alias);
        }
        Ok(Value::Known(value))
    }

    /// What to know of a comparison whose sides were measured on different rows.
    fn note_of_other_data(&self) -> Option<String> {
        let names: Vec<_> = self.other_data.iter().map(Alias::as_str).collect();
        (!names.is_empty()).then(|| format!("other data: {}", names.join(", ")))
    }
}

fn calculate(sign: Sign, left: f64, right: f64) -> f64 {
    match sign {
        Sign::Plus => left + right,
        Sign::Minus => left - right,
        Sign::Times => left * right,
        Sign::Divide => left / right,
    }
}
