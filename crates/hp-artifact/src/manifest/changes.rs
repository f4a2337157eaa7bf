//! What differs between two trainings, in words.

use super::{DataSummary, TrainingInputs};
use hp_core::config::{Method, Role};
use hp_core::number::in_words;
use hp_core::schema::{Column, Schema};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// One difference between two trainings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A value differs.
    Value {
        /// What it belongs to, `Ridge Regression.alpha`.
        path: String,
        /// The value of the first training.
        from: String,
        /// The value of the second.
        to: String,
    },
    /// The second training has something in addition, ``method `Ridge Regression` ``.
    Added(String),
    /// The second training lacks something.
    Removed(String),
    /// The same things come in another order.
    Reordered(&'static str),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { path, from, to } => write!(f, "{path}: {from} → {to}"),
            Self::Added(what) => write!(f, "{what} added"),
            Self::Removed(what) => write!(f, "{what} removed"),
            Self::Reordered(what) => write!(f, "{what} reordered"),
        }
    }
}

/// What differs between `old` and `new`, in the order of the manifest.
pub(super) fn between(old: &TrainingInputs, new: &TrainingInputs) -> Vec<Change> {
    let mut changes = Changes::default();
    changes.data(&old.data, &new.data);
    changes.schema(&old.schema, &new.schema);
    changes.value(
        "cross_validation.folds",
        &old.folds.into(),
        &new.folds.into(),
    );
    changes.methods(&old.methods, &new.methods);
    for role in Role::ALL {
        let path = format!("serving.{}", role.name());
        let name = |pin: Option<&str>| Value::from(pin.unwrap_or("chosen by cross-validation"));
        changes.value(
            &path,
            &name(old.serving.of(role)),
            &name(new.serving.of(role)),
        );
    }
    changes.0
}

#[derive(Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn data(&mut self, old: &DataSummary, new: &DataSummary) {
        self.text("data.name", &old.name, &new.name);
        self.text("data", &old.fingerprint.short(), &new.fingerprint.short());
        self.fields("split", &fields(&old.split), &fields(&new.split));
        // Counts follow from data and split; without a cause above, one of them is wrong.
        if self.0.is_empty() {
            for (path, old, new) in [
                ("data.rows", old.rows, new.rows),
                ("data.train_rows", old.train_rows, new.train_rows),
                ("data.test_rows", old.test_rows, new.test_rows),
            ] {
                self.value(path, &old.into(), &new.into());
            }
        }
    }

    fn schema(&mut self, old: &Schema, new: &Schema) {
        let named = |columns: &[Column]| {
            columns
                .iter()
                .map(|c| (c.name.clone(), decisive(c)))
                .collect()
        };
        let (old_features, new_features) = (named(&old.features), named(&new.features));
        self.list(("feature", "features"), &old_features, &new_features);
        self.fields("target", &decisive(&old.target), &decisive(&new.target));
    }

    fn methods(&mut self, old: &[Method], new: &[Method]) {
        let named = |methods: &[Method]| {
            methods
                .iter()
                .map(|m| (m.name.clone(), parameters(m)))
                .collect()
        };
        self.list(("method", "methods"), &named(old), &named(new));
    }

    /// Compares lists of named things; `noun` is their name in singular and plural.
    fn list(&mut self, noun: (&str, &'static str), old: &Named, new: &Named) {
        let title = |name: &str| format!("{} `{name}`", noun.0);
        let before = self.0.len();
        for (name, _) in old.iter().filter(|(name, _)| find(new, name).is_none()) {
            self.0.push(Change::Removed(title(name)));
        }
        for (name, _) in new.iter().filter(|(name, _)| find(old, name).is_none()) {
            self.0.push(Change::Added(title(name)));
        }
        let same_names = self.0.len() == before;
        if same_names && old.iter().zip(new).any(|((old, _), (new, _))| old != new) {
            self.0.push(Change::Reordered(noun.1));
        }
        for (name, old) in old {
            if let Some(new) = find(new, name) {
                self.fields(name, old, new);
            }
        }
    }

    fn fields(&mut self, path: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let added = new.keys().filter(|key| !old.contains_key(*key));
        for key in old.keys().chain(added) {
            let of = |fields: &Map<String, Value>| fields.get(key).cloned().unwrap_or_default();
            self.value(&format!("{path}.{key}"), &of(old), &of(new));
        }
    }

    fn text(&mut self, path: &str, old: &str, new: &str) {
        self.value(path, &old.into(), &new.into());
    }

    fn value(&mut self, path: &str, old: &Value, new: &Value) {
        if old != new {
            self.0.push(Change::Value {
                path: path.to_owned(),
                from: in_words(old),
                to: in_words(new),
            });
        }
    }
}

/// Things by name, in order.
type Named = Vec<(String, Map<String, Value>)>;

fn find<'a>(things: &'a Named, name: &str) -> Option<&'a Map<String, Value>> {
    things
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, fields)| fields)
}

fn parameters(method: &Method) -> Map<String, Value> {
    let mut parameters = fields(&method.config);
    parameters.insert("role".to_owned(), method.role.name().into());
    parameters
}

/// What a column may hold; its description and unit are for people.
fn decisive(column: &Column) -> Map<String, Value> {
    fields(&Column {
        description: String::new(),
        unit: String::new(),
        ..column.clone()
    })
}

/// The fields of a struct by the names they have in files.
fn fields(of: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(of) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}
