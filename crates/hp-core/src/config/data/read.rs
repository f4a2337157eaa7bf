//! Reading `data_config.yaml` key by key.

use super::{Card, DataConfig, Download, Location, Rename, Source, Split};
use crate::config::estimator::random_state;
use crate::schema::{Column, DType, Schema};
use crate::yaml::{self, Bounds, Mapping, Node, Problems};
use serde_saphyr::Spanned;
use std::path::PathBuf;

pub(super) fn read<'a>(mut top: Mapping<'a>, problems: &'a Problems<'a>) -> Option<DataConfig> {
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
        split.random_state = random_state(&mut entry, 42);
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
