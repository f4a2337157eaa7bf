//! The keys of the table's items, each computed from what is asked for.

use crate::id::PredictionId;
use crate::rollup::RollupKey;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::HashMap;

/// The name of the partition key.
pub(super) const PARTITION: &str = "pk";
/// The name of the sort key.
pub(super) const SORT: &str = "sk";

/// The attributes of an item, or of a part of one.
pub(super) type Item = HashMap<String, AttributeValue>;

/// Computes the keys of one model's items.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    /// The model's name.
    pub(super) model: String,
    /// The partitions that a day is spread over.
    pub(super) shards: u32,
}

impl Keys {
    /// The key of the record `id`.
    pub(super) fn record(&self, id: PredictionId) -> Item {
        let partition = self.records(day(id.time()), self.shard(id));
        key(partition, id.to_string())
    }

    /// The partition of the records of a day in one shard.
    pub(super) fn records(&self, day: impl AsRef<str>, shard: u32) -> String {
        format!("P#{}#{}#{shard:02}", self.model, day.as_ref())
    }

    /// The key of the sums of an hour in one shard.
    pub(super) fn rollup(&self, of: &RollupKey, shard: u32) -> Item {
        let sort = format!("{}#{}#{}", hour(of.start), of.model_version, of.source);
        key(self.rollups(shard), sort)
    }

    /// The partition of the sums of one shard.
    pub(super) fn rollups(&self, shard: u32) -> String {
        format!("A#{}#{shard:02}", self.model)
    }

    /// The key of what the model's items agree on.
    pub(super) fn layout(&self) -> Item {
        key(format!("M#{}", self.model), "layout".to_owned())
    }

    /// The shard of a record: the 64-bit FNV-1a hash of the id's 16 bytes, modulo the number of
    /// shards. Records are found again by it, so it never changes.
    pub(super) fn shard(&self, id: PredictionId) -> u32 {
        let shard = fnv1a(&id.to_bytes()) % u64::from(self.shards.max(1));
        // Below the number of shards, so it fits.
        u32::try_from(shard).unwrap_or(0)
    }
}

/// The day that holds `time`, `2024-09-08`, in UTC.
pub(super) fn day(time: Timestamp) -> String {
    text_of(time, 10)
}

/// The hour that holds `time`, `2024-09-08T16`, in UTC.
pub(super) fn hour(time: Timestamp) -> String {
    text_of(time, 13)
}

/// A text behind all sums of the hour or day `start`, and before those of the next.
pub(super) fn behind(start: &str) -> String {
    format!("{start}~")
}

/// The 64-bit FNV-1a hash (Fowler, Noll and Vo).
pub(super) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn text_of(time: Timestamp, length: usize) -> String {
    // Times of ids begin in 1970, and their years have four digits.
    let mut text = time.max(Timestamp::UNIX_EPOCH).to_string();
    text.truncate(length);
    text
}

fn key(partition: String, sort: String) -> Item {
    HashMap::from([
        (PARTITION.to_owned(), AttributeValue::S(partition)),
        (SORT.to_owned(), AttributeValue::S(sort)),
    ])
}

#[cfg(test)]
mod tests {
    use super::{Keys, SORT, fnv1a};
    use crate::query::Bucket;
    use crate::record::Source;
    use crate::rollup::RollupKey;
    use jiff::Timestamp;

    /// Keys that were once written must be computed for ever.
    #[test]
    fn keys_never_change() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
        let keys = |shards| Keys {
            model: "hp".to_owned(),
            shards,
        };
        let id = "01J78VYBRK0000000000000000".parse().unwrap();
        assert_eq!(keys(1).shard(id), 0);
        let record = keys(7).record(id);
        assert_eq!(record["pk"].as_s().unwrap(), "P#hp#2024-09-08#01");
        assert_eq!(record["sk"].as_s().unwrap(), "01J78VYBRK0000000000000000");
        let time: Timestamp = "2024-09-08T16:46:02Z".parse().unwrap();
        let of = RollupKey {
            start: Bucket::Hour.start(time),
            model_version: "v1.10.0".parse().unwrap(),
            source: Source::Api,
        };
        let rollup = keys(7).rollup(&of, 3);
        assert_eq!(rollup["pk"].as_s().unwrap(), "A#hp#03");
        assert_eq!(rollup[SORT].as_s().unwrap(), "2024-09-08T16#v1.10.0#api");
    }

    #[test]
    fn shards_are_filled_evenly() {
        let keys = Keys {
            model: "hp".to_owned(),
            shards: 3,
        };
        let mut filled = [0; 3];
        for index in 0..3_000_u128 {
            let id = crate::id::PredictionId::from_bytes(index.to_be_bytes());
            filled[keys.shard(id) as usize] += 1;
        }
        assert!(
            filled.iter().all(|count| (900..1_100).contains(count)),
            "{filled:?}"
        );
    }
}
