//! A record as an item of the table.

use super::keys::{Item, Keys, SORT};
use super::number::{self, attribute, whole};
use crate::id::PredictionId;
use crate::record::{Actual, Inputs, PredictionRecord};
use aws_sdk_dynamodb::types::AttributeValue;
use hp_core::prediction::Prediction;
use jiff::Timestamp;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// The attribute that holds the version.
pub(super) const VERSION: &str = "v";
/// The attribute that holds the git commit, if there is one.
const COMMIT: &str = "git";
/// The attribute that holds the source.
pub(super) const SOURCE: &str = "src";
/// The attribute that holds the true value.
pub(super) const ACTUAL: &str = "y";
/// The attribute that holds when the true value was attached.
pub(super) const ACTUAL_TIME: &str = "y_ts";
/// The attribute that holds when the item expires.
pub(super) const EXPIRY: &str = "ttl";

/// What of an item is missing or not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable(pub(super) &'static str);

/// The item of a record that expires `ttl_days` after its prediction.
pub(super) fn of_record(record: &PredictionRecord, keys: &Keys, ttl_days: Option<u32>) -> Item {
    let text = |value: &dyn ToString| AttributeValue::S(value.to_string());
    let made = record.id.time();
    let Prediction {
        lower,
        prediction,
        upper,
    } = record.prediction;
    let names = record.inputs.names.iter().map(|name| text(name)).collect();
    let values = record
        .inputs
        .values
        .iter()
        .copied()
        .map(attribute)
        .collect();
    let latency = u64::try_from(record.latency.as_micros()).unwrap_or(u64::MAX);
    let mut item = keys.record(record.id);
    let mut put = |name: &str, value| item.insert(name.to_owned(), value);
    put(VERSION, text(&record.model_version));
    put("dv", text(&record.data_fingerprint));
    if let Some(commit) = &record.git_commit {
        put(COMMIT, text(commit));
    }
    put("ts", whole(made.as_millisecond()));
    put("lo", attribute(lower));
    put("p", attribute(prediction));
    put("hi", attribute(upper));
    // These two follow from the limits; they are for those who read the table without hp.
    put("w", attribute(record.prediction.interval_width()));
    put(
        "over",
        AttributeValue::Bool(record.prediction.is_uncertain()),
    );
    put("xn", AttributeValue::L(names));
    put("x", AttributeValue::L(values));
    put(SOURCE, text(&record.source));
    put("lat_us", whole(latency));
    if let Some(actual) = record.actual {
        put(ACTUAL, attribute(actual.value));
        put(ACTUAL_TIME, whole(actual.time.as_millisecond()));
    }
    if let Some(days) = ttl_days {
        put(EXPIRY, whole(made.as_second() + i64::from(days) * 86_400));
    }
    item
}

/// About how many bytes the item of a record has, rather more than less.
pub(super) fn size(record: &PredictionRecord) -> usize {
    let names = record.inputs.names.iter().map(|name| name.len() + 8);
    let commit = record.git_commit.as_ref().map_or(0, |commit| commit.len());
    600 + commit + names.sum::<usize>() + 32 * record.inputs.values.len()
}

/// Whether the item had expired at `now`; DynamoDB removes it some time after that.
pub(super) fn is_expired(item: &Item, now: Timestamp) -> bool {
    let expiry = item.get(EXPIRY).and_then(|value| value.as_n().ok());
    let expiry = expiry.and_then(|text| text.parse::<i64>().ok());
    expiry.is_some_and(|expiry| expiry <= now.as_second())
}

/// Reads the records of items; those with the same names of features share them, and so do those
/// with the same commit.
#[derive(Debug, Default)]
pub(super) struct Reader {
    names: Option<Arc<[String]>>,
    commit: Option<Arc<str>>,
}

impl Reader {
    /// The record that `item` was made of.
    pub(super) fn record(&mut self, item: &Item) -> Result<PredictionRecord, Unreadable> {
        let values = list(item, "x")?.iter().map(number::parse);
        let values = values.collect::<Option<Vec<_>>>().ok_or(Unreadable("x"))?;
        let names = self.names(item)?;
        if names.len() != values.len() {
            return Err(Unreadable("xn"));
        }
        Ok(PredictionRecord {
            id: parsed(item, SORT)?,
            model_version: parsed(item, VERSION)?,
            data_fingerprint: parsed(item, "dv")?,
            git_commit: self.commit(item)?,
            inputs: Inputs { names, values },
            prediction: Prediction {
                lower: float(item, "lo")?,
                prediction: float(item, "p")?,
                upper: float(item, "hi")?,
            },
            source: parsed(item, SOURCE)?,
            latency: Duration::from_micros(counted(item, "lat_us")?),
            actual: actual(item)?,
        })
    }

    fn names(&mut self, item: &Item) -> Result<Arc<[String]>, Unreadable> {
        let texts = list(item, "xn")?.iter().map(|name| name.as_s().ok());
        let names = texts.collect::<Option<Vec<_>>>().ok_or(Unreadable("xn"))?;
        match &self.names {
            Some(known) if known.iter().eq(names.iter().copied()) => Ok(known.clone()),
            _ => {
                let names: Arc<[String]> = names.into_iter().cloned().collect();
                self.names = Some(names.clone());
                Ok(names)
            }
        }
    }

    fn commit(&mut self, item: &Item) -> Result<Option<Arc<str>>, Unreadable> {
        if !item.contains_key(COMMIT) {
            return Ok(None);
        }
        let text = text(item, COMMIT)?;
        if self.commit.as_deref() != Some(text) {
            self.commit = Some(text.into());
        }
        Ok(self.commit.clone())
    }
}

/// The id of the record that `item` holds.
pub(super) fn id(item: &Item) -> Result<PredictionId, Unreadable> {
    parsed(item, SORT)
}

/// The number of attribute `name`.
pub(super) fn float(item: &Item, name: &'static str) -> Result<f64, Unreadable> {
    item.get(name)
        .and_then(number::parse)
        .ok_or(Unreadable(name))
}

/// The whole number of attribute `name`.
pub(super) fn counted<T: FromStr>(item: &Item, name: &'static str) -> Result<T, Unreadable> {
    let text = item.get(name).and_then(|value| value.as_n().ok());
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or(Unreadable(name))
}

/// The text of attribute `name`.
pub(super) fn text<'a>(item: &'a Item, name: &'static str) -> Result<&'a str, Unreadable> {
    let text = item.get(name).and_then(|value| value.as_s().ok());
    text.map(String::as_str).ok_or(Unreadable(name))
}

fn parsed<T: FromStr>(item: &Item, name: &'static str) -> Result<T, Unreadable> {
    text(item, name)?.parse().map_err(|_| Unreadable(name))
}

fn list<'a>(item: &'a Item, name: &'static str) -> Result<&'a [AttributeValue], Unreadable> {
    let values = item.get(name).and_then(|value| value.as_l().ok());
    values.map(Vec::as_slice).ok_or(Unreadable(name))
}

fn actual(item: &Item) -> Result<Option<Actual>, Unreadable> {
    if !item.contains_key(ACTUAL) {
        return Ok(None);
    }
    let milliseconds = counted(item, ACTUAL_TIME)?;
    let time = Timestamp::from_millisecond(milliseconds).map_err(|_| Unreadable(ACTUAL_TIME))?;
    let value = float(item, ACTUAL)?;
    Ok(Some(Actual { value, time }))
}

#[cfg(test)]
mod tests {
    use super::{Reader, Unreadable, is_expired, of_record};
    use crate::dynamodb::keys::Keys;
    use crate::record::{Actual, Inputs, PredictionRecord, Source};
    use hp_core::fingerprint::Fingerprint;
    use hp_core::prediction::Prediction;
    use jiff::Timestamp;
    use std::sync::Arc;
    use std::time::Duration;

    fn record() -> PredictionRecord {
        PredictionRecord {
            id: "01J78VYBRK0000000000000000".parse().unwrap(),
            model_version: "v1.10.0".parse().unwrap(),
            data_fingerprint: Fingerprint::of(b"data"),
            git_commit: Some("909b04c".into()),
            inputs: Inputs {
                names: ["RM".to_owned(), String::new()].into(),
                values: vec![6.5, -0.0],
            },
            prediction: Prediction {
                lower: 1e300,
                prediction: 0.1 + 0.2,
                upper: 2.0,
            },
            source: Source::Batch,
            latency: Duration::from_micros(17),
            actual: Some(Actual {
                value: 21.5,
                time: "2024-09-09T00:00:00.003Z".parse().unwrap(),
            }),
        }
    }

    fn keys() -> Keys {
        Keys {
            model: "hp".to_owned(),
            shards: 1,
        }
    }

    #[test]
    fn items_read_back() {
        let mut reader = Reader::default();
        let item = of_record(&record(), &keys(), None);
        let (first, second) = (reader.record(&item).unwrap(), reader.record(&item).unwrap());
        assert_eq!(first, record());
        assert!(Arc::ptr_eq(&first.inputs.names, &second.inputs.names));
        let commit = |record: PredictionRecord| record.git_commit.unwrap();
        assert!(Arc::ptr_eq(&commit(first), &commit(second)));
        for name in [
            "v", "dv", "lo", "p", "hi", "x", "xn", "src", "lat_us", "y_ts",
        ] {
            let mut part = item.clone();
            part.remove(name);
            assert_eq!(reader.record(&part), Err(Unreadable(name)));
        }
    }

    /// Items of before there was a commit read as they were.
    #[test]
    fn an_item_without_a_commit_has_none() {
        let mut reader = Reader::default();
        let mut item = of_record(&record(), &keys(), None);
        reader.record(&item).unwrap();
        item.remove("git");
        let without = PredictionRecord {
            git_commit: None,
            ..record()
        };
        assert_eq!(reader.record(&item).unwrap(), without);
        assert_eq!(of_record(&without, &keys(), None), item);
    }

    #[test]
    fn expiry_is_counted_from_the_prediction_in_seconds() {
        let made = record().id.time();
        let item = of_record(&record(), &keys(), Some(2));
        let after = |seconds| Timestamp::from_second(made.as_second() + seconds).unwrap();
        assert!(!is_expired(&item, after(2 * 86_400 - 1)));
        assert!(is_expired(&item, after(2 * 86_400)));
        assert!(!is_expired(
            &of_record(&record(), &keys(), None),
            Timestamp::MAX
        ));
    }
}
