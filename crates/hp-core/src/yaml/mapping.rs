//! Reading a mapping key by key. Each getter states the key, its type, range and default; whatever
//! was never asked for is unknown, and what was asked for are the valid keys.

use super::error::{ConfigError, Problem};
use super::node::{Entry, Node, line_of};
use serde_saphyr::{Location, Spanned};
use std::cell::RefCell;
use std::fmt;

/// The problems found so far in one file.
pub(crate) struct Problems<'t> {
    file: &'t str,
    text: &'t str,
    found: RefCell<Vec<Problem>>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            found: RefCell::default(),
        }
    }

    /// Notes a problem at `place`.
    pub(crate) fn report(&self, place: Location, message: impl Into<String>) {
        self.found.borrow_mut().push(Problem {
            line: place.line(),
            column: place.column(),
            snippet: line_of(self.text, place.line()),
            message: message.into(),
        });
    }

    /// `value` when nothing was reported.
    pub(crate) fn into_result<T>(self, value: Option<T>) -> Result<T, ConfigError> {
        let mut problems = self.found.into_inner();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        match value {
            Some(value) if problems.is_empty() => Ok(value),
            _ => Err(ConfigError {
                file: self.file.to_owned(),
                problems,
            }),
        }
    }
}

/// A range of numbers; `Display` is the mathematical notation, `[0, inf)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    low: f64,
    high: f64,
    low_open: bool,
    high_open: bool,
}

impl Bounds {
    pub(crate) const ANY: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
        low_open: true,
        high_open: true,
    };

    pub(crate) const fn at_least(low: f64) -> Self {
        Self {
            low,
            low_open: false,
            ..Self::ANY
        }
    }

    pub(crate) const fn above(low: f64) -> Self {
        Self { low, ..Self::ANY }
    }

    pub(crate) const fn and_at_most(self, high: f64) -> Self {
        Self {
            high,
            high_open: false,
            ..self
        }
    }

    pub(crate) const fn and_below(self, high: f64) -> Self {
        Self {
            high,
            high_open: true,
            ..self
        }
    }

    pub(crate) fn contains(self, value: f64) -> bool {
        let above = value > self.low || (!self.low_open && value >= self.low);
        let below = value < self.high || (!self.high_open && value <= self.high);
        above && below
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = if self.low_open { '(' } else { '[' };
        let close = if self.high_open { ')' } else { ']' };
        write!(f, "{open}{}, {}{close}", self.low, self.high)
    }
}

/// A mapping that is being read.
pub(crate) struct Mapping<'a> {
    what: String,
    place: Location,
    entries: &'a [Entry],
    asked: Vec<&'static str>,
    problems: &'a Problems<'a>,
}

impl<'a> Mapping<'a> {
    /// Opens `node` as a mapping; `what` names it in messages. Nothing (`config:`) is an empty one.
    pub(crate) fn open(
        what: impl Into<String>,
        node: &'a Spanned<Node>,
        problems: &'a Problems<'a>,
    ) -> Option<Self> {
        let what = what.into();
        let entries: &[Entry] = match &node.value {
            Node::Map(entries) => entries,
            Node::Null => &[],
            other => {
                let found = other.describe();
                problems.report(
                    node.referenced,
                    format!("{what} must be a mapping, found {found}"),
                );
                return None;
            }
        };
        Some(Self {
            what,
            place: node.referenced,
            entries,
            asked: Vec::new(),
            problems,
        })
    }

    /// The value of `key`, if given.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<&'a Spanned<Node>> {
        self.asked.push(key);
        let entry = self.entries.iter().find(|(name, _)| name.value == key);
        entry.map(|(_, value)| value)
    }

    /// The value of `key`, whose absence is a problem.
    pub(crate) fn require(&mut self, key: &'static str) -> Option<&'a Spanned<Node>> {
        let value = self.get(key);
        if value.is_none() {
            let message = format!("{} has no `{key}`", self.what);
            self.problems.report(self.place, message);
        }
        value
    }

    /// Where the mapping begins.
    pub(crate) fn place(&self) -> Location {
        self.place
    }

    /// Notes a problem with `value`, the value of `key`.
    pub(crate) fn refuse(&self, key: &str, value: &Spanned<Node>, expected: &str) {
        let found = value.value.describe();
        let message = format!("`{key}` must be {expected}, found {found}");
        self.problems.report(value.referenced, message);
    }

    pub(crate) fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.get(key)?;
        self.as_text(key, value)
    }

    pub(crate) fn require_text(&mut self, key: &'static str) -> Option<String> {
        let value = self.require(key)?;
        self.as_text(key, value)
    }

    fn as_text(&self, key: &str, value: &Spanned<Node>) -> Option<String> {
        match &value.value {
            Node::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => {
                self.refuse(key, value, "a text");
                None
            }
        }
    }

    pub(crate) fn boolean(&mut self, key: &'static str, default: bool) -> bool {
        let Some(value) = self.get(key) else {
            return default;
        };
        if let Node::Bool(value) = value.value {
            return value;
        }
        self.refuse(key, value, "`true` or `false`");
        default
    }

    pub(crate) fn float(&mut self, key: &'static str, default: f64, bounds: Bounds) -> f64 {
        self.optional_float(key, bounds).unwrap_or(default)
    }

    pub(crate) fn optional_float(&mut self, key: &'static str, bounds: Bounds) -> Option<f64> {
        let value = self.get(key)?;
        let number = match value.value {
            Node::Null => return None,
            Node::Integer(number) => Some(number as f64),
            Node::Float(number) => Some(number),
            _ => None,
        };
        let number = number.filter(|&number| bounds.contains(number));
        if number.is_none() {
            self.refuse(key, value, &format!("a number in {bounds}"));
        }
        number
    }

    pub(crate) fn integer(&mut self, key: &'static str, default: usize, at_least: usize) -> usize {
        match self.get(key) {
            None => default,
            Some(value) => self.as_integer(key, value, at_least).unwrap_or(default),
        }
    }

    /// An integer, or `None` where the file says `null`.
    pub(crate) fn optional_integer(
        &mut self,
        key: &'static str,
        default: Option<usize>,
        at_least: usize,
    ) -> Option<usize> {
        match self.get(key) {
            None => default,
            Some(value) if value.value == Node::Null => None,
            Some(value) => self.as_integer(key, value, at_least).or(default),
        }
    }

    fn as_integer(&self, key: &str, value: &Spanned<Node>, at_least: usize) -> Option<usize> {
        let number = match value.value {
            Node::Integer(number) => usize::try_from(number).ok(),
            _ => None,
        };
        let number = number.filter(|&number| number >= at_least);
        if number.is_none() {
            self.refuse(key, value, &format!("an integer of at least {at_least}"));
        }
        number
    }

    pub(crate) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        default: T,
        choices: &[(&str, T)],
    ) -> T {
        let Some(value) = self.get(key) else {
            return default;
        };
        if let Node::Text(text) = &value.value
            && let Some((_, choice)) = choices.iter().find(|(name, _)| name == text)
        {
            return *choice;
        }
        let names: Vec<_> = choices
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        self.refuse(key, value, &format!("one of {}", names.join(", ")));
        default
    }

    /// Closes the mapping: every key that was never asked for is unknown.
    pub(crate) fn finish(mut self) {
        self.asked.sort_unstable();
        let valid = self.asked.join(", ");
        for (key, _) in self.entries {
            if !self.asked.contains(&key.value.as_str()) {
                let message = format!(
                    "unknown key `{}` of {}; valid keys: {valid}",
                    key.value, self.what
                );
                self.problems.report(key.referenced, message);
            }
        }
    }
}
