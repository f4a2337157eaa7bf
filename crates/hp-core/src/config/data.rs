//! `data_config.yaml`: where a data set comes from, what its columns may hold, how it is split.

use crate::fingerprint::Fingerprint;
use crate::schema::{Column, DType, Schema};
use crate::yaml::{self, Bounds, ConfigError, Mapping, Node, Problems};
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A checked `data_config.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DataConfig {
    /// Name of the data set; its files are called after it.
    pub name: String,
    /// Where to get it, tried in order; never empty.
    pub sources: Vec<Source>,
    /// How column names of a source become names of the schema.
    pub rename: Rename,
    /// Columns of the source, after renaming, that are left out on purpose.
    pub drop: Vec<String>,
    /// Features and target.
    pub schema: Schema,
    /// Largest share of rows that may be rejected, 0 to 1.
    pub max_rejected: f64,
    /// How rows are divided into training and test rows.
    pub split: Split,
    /// Limits of a download.
    pub download: Download,
    /// What the model card says about the data and the use of its models.
    pub card: Card,
}

/// The words of a model card that no program can know; each may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Card {
    /// What the data set is and where it comes from.
    pub data: String,
    /// What its models are for.
    pub intended_use: String,
    /// What they are not for.
    pub limitations: String,
    /// Ethical considerations.
    pub ethics: String,
}

/// One place a data set can be had from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Where it is.
    pub location: Location,
    /// What its bytes must hash to, when known.
    pub sha256: Option<Fingerprint>,
}

/// A place on the network or on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Location {
    /// An `http://` or `https://` address.
    Url(String),
    /// A file.
    Path(PathBuf),
}

impl Location {
    /// Reads a location as a user types it: an address when it begins with `http://` or
    /// `https://`, otherwise a path.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with("http://") || text.starts_with("https://") {
            Self::Url(text.to_owned())
        } else {
            Self::Path(PathBuf::from(text))
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}

/// How column names of a source become names of the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rename {
    /// They stay as they are.
    Keep,
    /// They become upper case.
    Upper,
    /// They become lower case.
    Lower,
    /// Those named change, the others stay.
    Map(BTreeMap<String, String>),
}

impl Rename {
    /// The schema's name of a source's column.
    #[must_use]
    pub fn apply(&self, name: &str) -> String {
        match self {
            Self::Keep => name.to_owned(),
            Self::Upper => name.to_uppercase(),
            Self::Lower => name.to_lowercase(),
            Self::Map(names) => names.get(name).map_or(name, String::as_str).to_owned(),
        }
    }
}

/// How rows are divided into training and test rows, as scikit-learn's `train_test_split` does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// Share of the rows held out, strictly between 0 and 1.
    pub test_size: f64,
    /// Seed of the permutation.
    pub random_state: u32,
}

/// Limits of a download.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Download {
    /// Most bytes that are accepted.
    pub max_bytes: u64,
    /// Seconds to wait for a connection.
    pub connect_timeout: f64,
    /// Seconds to wait for the next bytes.
    pub idle_timeout: f64,
    /// How often a download is tried again after a passing fault.
    pub retries: usize,
}

impl DataConfig {
    /// Parses and checks `text`; `file` is its name for errors.
    ///
    /// # Errors
    /// Every problem of the file, with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let root = yaml::parse(file, text)?;
        let problems = Problems::new(file, text);
        let config = Mapping::open("the data configuration", &root, &problems)
            .and_then(|top| read(top, &problems));
        problems.into_result(config)
    }
}

fn read<'a>(mut top: Mapping<'a>, problems: &'a Problems<'a>) -> Option<DataConfig> {
    if let Some(version) = top.require("version")
        && version.value != Node::Integer(1)
    {
        top.refuse("version", version, "`1`");
    }
    let name = top.require_text("name");
    if let Some(name) = &name
        && !name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    {
        // The name becomes a file name.
        let message = format!("`name` may hold letters, digits, `-` and `_` only, found `{name}`");
        problems.report(top.place(), message);
    }
    let sources = read_sources(&mut top, problems);
    let rename = read_rename(&mut top);
    let drop = read_drop(&mut top);
    let schema = read_schema(&mut top, problems);
    let max_rejected = top.float("max_rejected", 0.05, Bounds::at_least(0.0).and_at_most(1.0));
    let split = read_split(&mut top, problems);
    let download = read_download(&mut top, problems);
    let card = read_card(&mut top, problems);
    top.finish();
    Some(DataConfig {
        name: name?,
        sources,
        rename,
        drop,
        schema: schema?,
        max_rejected,
        split,
        download,
        card,
    })
}

fn read_sources<'a>(top: &mut Mapping<'a>, problems: &'a Problems<'a>) -> Vec<Source> {
    let Some(value) = top.require("sources") else {
        return Vec::new();
    };
    let items = match &value.value {
        Node::List(items) if !items.is_empty() => items,
        _ => {
            top.refuse("sources", value, "a list with at least one source");
            return Vec::new();
        }
    };
    let sources = items.iter().filter_map(|item| {
        let mut entry = Mapping::open("a source", item, problems)?;
        let url = entry.text("url");
        let path = entry.text("path");
        let sha256 = entry.text("sha256").and_then(|text| {
            let digest = text.parse();
            digest
                .map_err(|error| problems.report(item.referenced, format!("`sha256`: {error}")))
                .ok()
        });
        entry.finish();
        let location = match (url, path) {
            (Some(url), None) => match Location::parse(&url) {
                url @ Location::Url(_) => url,
                Location::Path(_) => {
                    let message = "`url` must begin with `https://` or `http://`";
                    problems.report(item.referenced, message);
                    return None;
                }
            },
            (None, Some(path)) => Location::Path(PathBuf::from(path)),
            _ => {
                problems.report(item.referenced, "a source has either a `url` or a `path`");
                return None;
            }
        };
        Some(Source { location, sha256 })
    });
    sources.collect()
}

fn read_rename(top: &mut Mapping<'_>) -> Rename {
    let Some(value) = top.get("rename") else {
        return Rename::Keep;
    };
    let map = |entries: &[yaml::Entry]| {
        let pairs = entries.iter().map(|(from, to)| match &to.value {
            Node::Text(to) => Some((from.value.clone(), to.clone())),
            _ => None,
        });
        pairs.collect::<Option<_>>().map(Rename::Map)
    };
    let rename = match &value.value {
        Node::Text(text) => match text.as_str() {
            "upper" => Some(Rename::Upper),
            "lower" => Some(Rename::Lower),
            "keep" => Some(Rename::Keep),
            _ => None,
        },
        Node::Map(entries) => map(entries),
        _ => None,
    };
    rename.unwrap_or_else(|| {
        top.refuse(
            "rename",
            value,
            "`upper`, `lower`, `keep` or a mapping of old to new names",
        );
        Rename::Keep
    })
}

fn read_drop(top: &mut Mapping<'_>) -> Vec<String> {
    let Some(value) = top.get("drop") else {
        return Vec::new();
    };
    let names = match &value.value {
        Node::List(items) => items
            .iter()
            .map(|item| match &item.value {
                Node::Text(name) => Some(name.clone()),
                _ => None,
            })
            .collect(),
        _ => None,
    };
    names.unwrap_or_else(|| {
        top.refuse("drop", value, "a list of column names");
        Vec::new()
    })
}

fn read_schema<'a>(top: &mut Mapping<'a>, problems: &'a Problems<'a>) -> Option<Schema> {
    let target = top.require_text("target");
    let value = top.require("columns")?;
    let Node::List(items) = &value.value else {
        top.refuse("columns", value, "a list of columns");
        return None;
    };
    let mut columns: Vec<Column> = Vec::new();
    for item in items {
        let Some(column) = read_column(item, problems) else {
            continue;
        };
        if columns.iter().any(|known| known.name == column.name) {
            let message = format!("column `{}` is described twice", column.name);
            problems.report(item.referenced, message);
        }
        columns.push(column);
    }
    let target = target?;
    let Some(index) = columns.iter().position(|column| column.name == target) else {
        let message = format!("the target `{target}` is not among the columns");
        problems.report(value.referenced, message);
        return None;
    };
    let target = columns.remove(index);
    if columns.is_empty() {
        problems.report(value.referenced, "there is no column besides the target");
    }
    Some(Schema {
        features: columns,
        target,
    })
}

fn read_column<'a>(item: &'a Spanned<Node>, problems: &'a Problems<'a>) -> Option<Column> {
    let mut entry = Mapping::open("a column", item, problems)?;
    let name = entry.require_text("name");
    entry.require("dtype")?;
    let dtype = entry.choice(
        "dtype",
        DType::Float,
        &[("float", DType::Float), ("integer", DType::Integer)],
    );
    let min = entry.optional_float("min", Bounds::ANY);
    let max = entry.optional_float("max", Bounds::ANY);
    let allowed = read_allowed(&mut entry);
    let description = entry.text("description").unwrap_or_default();
    let unit = entry.text("unit").unwrap_or_default();
    entry.finish();
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        problems.report(item.referenced, format!("`min` {min} is above `max` {max}"));
    }
    Some(Column {
        name: name?,
        dtype,
        min,
        max,
        allowed,
        description,
        unit,
    })
}

fn read_allowed(entry: &mut Mapping<'_>) -> Option<Vec<f64>> {
    let value = entry.get("allowed")?;
    let numbers = match &value.value {
        Node::List(items) if !items.is_empty() => items
            .iter()
            .map(|item| match item.value {
                Node::Integer(number) => Some(number as f64),
                Node::Float(number) => Some(number),
                _ => None,
            })
            .collect(),
        _ => None,
    };
    if numbers.is_none() {
        entry.refuse("allowed", value, "a list of numbers");
    }
    numbers
}

fn read_split<'a>(top: &mut Mapping<'a>, problems: &'a Problems<'a>) -> Split {
    let mut split = Split {
        test_size: 0.2,
        random_state: 42,
    };
    if let Some(value) = top.get("split")
        && let Some(mut entry) = Mapping::open("`split`", value, problems)
    {
        split.test_size = entry.float("test_size", 0.2, Bounds::above(0.0).and_below(1.0));
        split.random_state = super::estimator::random_state(&mut entry, 42);
        entry.finish();
    }
    split
}

fn read_download<'a>(top: &mut Mapping<'a>, problems: &'a Problems<'a>) -> Download {
    const MEBIBYTE: u64 = 1 << 20;
    let mut download = Download {
        max_bytes: 1024 * MEBIBYTE,
        connect_timeout: 10.0,
        idle_timeout: 30.0,
        retries: 3,
    };
    if let Some(value) = top.get("download")
        && let Some(mut entry) = Mapping::open("`download`", value, problems)
    {
        let megabytes = entry.integer("max_mebibytes", 1024, 1);
        download.max_bytes = (megabytes as u64).saturating_mul(MEBIBYTE);
        let seconds = Bounds::above(0.0).and_at_most(86_400.0);
        download.connect_timeout = entry.float("connect_timeout", 10.0, seconds);
        download.idle_timeout = entry.float("idle_timeout", 30.0, seconds);
        download.retries = entry.integer("retries", 3, 0).min(100);
        entry.finish();
    }
    download
}

fn read_card<'a>(top: &mut Mapping<'a>, problems: &'a Problems<'a>) -> Card {
    let mut card = Card::default();
    if let Some(value) = top.get("card")
        && let Some(mut entry) = Mapping::open("`card`", value, problems)
    {
        let mut text = |key| entry.text(key).unwrap_or_default().trim().to_owned();
        card.data = text("data");
        card.intended_use = text("intended_use");
        card.limitations = text("limitations");
        card.ethics = text("ethics");
        entry.finish();
    }
    card
}
