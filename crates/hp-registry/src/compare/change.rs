//! What differs between the makings of two runs.

use crate::run::{GitState, Run, RunMethod};
use hp_core::config::Role;
use hp_core::number::in_words;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum Change {
    /// A value differs.
    Value {
        /// What it belongs to, `Ridge Regression.alpha`.
        path: String,
        /// The value of the first run, null when it has none.
        from: Value,
        /// The value of the second run, null when it has none.
        to: Value,
    },
    /// The second run has something in addition, ``method `Ridge Regression` ``.
    Added {
        /// What it is.
        what: String,
    },
    /// The second run lacks something.
    Removed {
        /// What it is.
        what: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { path, from, to } => {
                write!(f, "{path}: {} → {}", in_words(from), in_words(to))
            }
            Self::Added { what } => write!(f, "{what} added"),
            Self::Removed { what } => write!(f, "{what} removed"),
        }
    }
}

/// Differences in methods, their parameters, and which are served.
pub(super) fn of_parameters(a: &Run, b: &Run) -> Vec<Change> {
    let named = |methods: &[RunMethod]| {
        let parameters = |method: &RunMethod| {
            let mut parameters = method.parameters.clone();
            parameters.insert("role".to_owned(), method.role.name().into());
            parameters
        };
        methods
            .iter()
            .map(|method| (method.name.clone(), parameters(method)))
            .collect()
    };
    let mut changes = Vec::new();
    list(
        &mut changes,
        "method",
        &named(&a.methods),
        &named(&b.methods),
    );
    // Which methods are served is decided when all are fitted.
    let decided = |run: &Run| run.methods.iter().any(|method| method.served);
    if !decided(a) || !decided(b) {
        return changes;
    }
    for role in Role::ALL {
        let served = |run: &Run| {
            let mut methods = run.methods.iter();
            let served = methods.find(|method| method.served && method.role == role);
            served.map_or(Value::Null, |method| method.name.as_str().into())
        };
        let path = format!("serving.{}", role.name());
        value(&mut changes, &path, &served(a), &served(b));
    }
    changes
}

/// Differences in the data set.
pub(super) fn of_data(a: &Run, b: &Run) -> Vec<Change> {
    let (a, b) = (&a.data, &b.data);
    let mut changes = Vec::new();
    for (path, a, b) in [
        ("data.name", a.name.as_str().into(), b.name.as_str().into()),
        (
            "data.fingerprint",
            a.fingerprint.to_string().into(),
            b.fingerprint.to_string().into(),
        ),
        (
            "data.source",
            a.source.as_str().into(),
            b.source.as_str().into(),
        ),
        ("data.rows", a.rows.into(), b.rows.into()),
        ("data.train_rows", a.train_rows.into(), b.train_rows.into()),
        ("data.test_rows", a.test_rows.into(), b.test_rows.into()),
    ] {
        value(&mut changes, path, &a, &b);
    }
    let typed = |columns: &[(String, String)]| {
        let columns = columns.iter().map(|(name, dtype)| {
            let dtype = Map::from_iter([("dtype".to_owned(), dtype.as_str().into())]);
            (name.clone(), dtype)
        });
        columns.collect()
    };
    list(
        &mut changes,
        "column",
        &typed(&a.columns),
        &typed(&b.columns),
    );
    changes
}

/// Differences in the checkout and the hp that trained.
pub(super) fn of_code(a: &Run, b: &Run) -> Vec<Change> {
    type Field = fn(&GitState) -> Value;
    let fields: [(&str, Field); 4] = [
        ("git.commit", |git| git.commit.as_str().into()),
        ("git.branch", |git| git.branch.clone().into()),
        ("git.dirty", |git| git.dirty.into()),
        ("git.remote", |git| git.remote.clone().into()),
    ];
    let mut changes = Vec::new();
    for (path, field) in fields {
        let of = |run: &Run| run.git.as_ref().map_or(Value::Null, field);
        value(&mut changes, path, &of(a), &of(b));
    }
    let hp = |run: &Run| Value::from(run.hp_version.as_str());
    value(&mut changes, "hp_version", &hp(a), &hp(b));
    changes
}

/// Things by name, in order.
type Named = Vec<(String, Map<String, Value>)>;

/// Compares lists of named things; `noun` is what one is called.
fn list(changes: &mut Vec<Change>, noun: &str, a: &Named, b: &Named) {
    let title = |name: &str| format!("{noun} `{name}`");
    for (name, _) in a.iter().filter(|(name, _)| find(b, name).is_none()) {
        changes.push(Change::Removed { what: title(name) });
    }
    for (name, _) in b.iter().filter(|(name, _)| find(a, name).is_none()) {
        changes.push(Change::Added { what: title(name) });
    }
    for (name, a) in a {
        let Some(b) = find(b, name) else { continue };
        let only_b = b.keys().filter(|key| !a.contains_key(*key));
        for key in a.keys().chain(only_b) {
            let of = |fields: &Map<String, Value>| fields.get(key).cloned().unwrap_or_default();
            value(changes, &format!("{name}.{key}"), &of(a), &of(b));
        }
    }
}

fn find<'a>(things: &'a Named, name: &str) -> Option<&'a Map<String, Value>> {
    let mut things = things.iter();
    things
        .find(|(known, _)| known == name)
        .map(|(_, fields)| fields)
}

fn value(changes: &mut Vec<Change>, path: &str, from: &Value, to: &Value) {
    if from != to {
        changes.push(Change::Value {
            path: path.to_owned(),
            from: from.clone(),
            to: to.clone(),
        });
    }
}
