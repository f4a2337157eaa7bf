//! Which days have records, known from the sums; so days without any cost nothing.

use super::item::{Unreadable, counted};
use super::keys::{Item, behind, day};
use super::sums::read_key;
use super::table::{Range, Selection, Table, all};
use crate::error::StoreError;
use crate::id::PredictionId;
use crate::query::RecordQuery;
use crate::rollup::RollupKey;
use std::collections::BTreeMap;

/// Rows of one answer: ten days of one version and source, which cost 16 read units.
const ROWS: i32 = 250;

/// Ids from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ids {
    pub(super) first: PredictionId,
    pub(super) last: PredictionId,
}

impl Ids {
    /// The ids that `query` asks for, if any.
    pub(super) fn of(query: &RecordQuery) -> Option<Self> {
        let smallest = PredictionId::from_bytes([0; 16]);
        Self::between(query.first().unwrap_or(smallest), query.end())
    }

    /// The ids before `end`, if any.
    pub(super) fn before(end: PredictionId) -> Option<Self> {
        Self::between(PredictionId::from_bytes([0; 16]), Some(end))
    }

    fn between(first: PredictionId, end: Option<PredictionId>) -> Option<Self> {
        let last = match end {
            None => u128::MAX,
            Some(end) => u128::from_be_bytes(end.to_bytes()).checked_sub(1)?,
        };
        let last = PredictionId::from_bytes(last.to_be_bytes());
        (first <= last).then_some(Self { first, last })
    }
}

/// Some days, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Days {
    /// Each day, `2024-09-08`, with the number of records that were put there. Some of them may be
    /// outside the range, expired or pruned.
    pub(super) days: Vec<(String, u64)>,
    /// The day with which the days not yet read begin; `None` when all are.
    pub(super) next: Option<String>,
}

/// Rows of sums of one shard.
struct Rows {
    rows: Vec<(RollupKey, u64)>,
    /// The day that is not read to its end.
    next: Option<String>,
}

impl Table {
    /// The newest days with records that `counts`, among the days of `ids` up to `upto`; at least
    /// one day is looked at.
    pub(super) async fn days(
        &self,
        ids: Ids,
        upto: &str,
        counts: impl Fn(&RollupKey) -> bool,
    ) -> Result<Days, StoreError> {
        let reads = self.shards().map(|shard| {
            let range = Range {
                partition: self.keys.rollups(shard),
                first: day(ids.first.time()),
                last: behind(upto),
                newest_first: true,
            };
            let (table, upto) = (self.clone(), upto.to_owned());
            async move { table.rows(&range, &upto).await }
        });
        let mut next = None;
        let mut found = BTreeMap::<String, u64>::new();
        for shard in all(reads).await? {
            next = next.max(shard.next);
            for (key, count) in shard.rows {
                if counts(&key) {
                    *found.entry(day(key.start)).or_default() += count;
                }
            }
        }
        if let Some(incomplete) = &next {
            found.retain(|day, _| day > incomplete);
        }
        let days = found.into_iter().rev().collect();
        Ok(Days { days, next })
    }

    /// Where the records with these `ids` are on some days: each shard of each day.
    pub(super) fn ranges(
        &self,
        ids: Ids,
        days: &[(String, u64)],
        newest_first: bool,
    ) -> Vec<Range> {
        let mut ranges = Vec::new();
        for (day, _) in days {
            for shard in self.shards() {
                ranges.push(Range {
                    partition: self.keys.records(day, shard),
                    first: ids.first.to_string(),
                    last: ids.last.to_string(),
                    newest_first,
                });
            }
        }
        ranges
    }

    /// The rows of sums of one shard, newest first: all, or those of the day `upto` and more.
    async fn rows(&self, range: &Range, upto: &str) -> Result<Rows, StoreError> {
        let selection = Selection {
            names: vec![("#n", "n")],
            attributes: Some("#sk, #n"),
            limit: Some(ROWS),
            ..Selection::default()
        };
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let answer = self.query(range, &selection, after).await?;
            for item in &answer.items {
                let row = row(item).map_err(|problem| self.unreadable(item, &problem))?;
                rows.push(row);
            }
            let next = answer
                .next
                .as_ref()
                .and(rows.last().map(|(key, _)| day(key.start)));
            if next.as_deref().is_none_or(|oldest| oldest < upto) {
                return Ok(Rows { rows, next });
            }
            after = answer.next;
        }
    }
}

fn row(item: &Item) -> Result<(RollupKey, u64), Unreadable> {
    Ok((read_key(item)?, counted(item, "n")?))
}
