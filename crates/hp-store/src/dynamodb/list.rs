//! Reads records newest first, the shards of a day at the same time.

use super::calendar::Ids;
use super::item::{Reader, SOURCE, VERSION};
use super::keys::{Item, day};
use super::table::{Range, Selection, Table, all};
use crate::error::StoreError;
use crate::query::RecordQuery;
use crate::record::PredictionRecord;
use crate::rollup::RollupKey;
use jiff::Timestamp;
use std::cmp::Reverse;

/// The most days that are read at the same time.
const MOST_DAYS: usize = 32;
/// Items of one answer when a filter may drop most of them.
const FILTERED_ITEMS: usize = 1_000;

impl Table {
    /// The records that `query` asks for and that have not expired at `now`, newest first: all of
    /// them, or at least one more than its limit.
    pub(super) async fn list(
        &self,
        query: &RecordQuery,
        now: Timestamp,
    ) -> Result<Vec<PredictionRecord>, StoreError> {
        let Some(ids) = Ids::of(query) else {
            return Ok(Vec::new());
        };
        let counts = |key: &RollupKey| {
            query
                .model_version
                .is_none_or(|version| version == key.model_version)
                && query.source.is_none_or(|source| source == key.source)
        };
        let wanted = query.limit.get().saturating_add(1);
        let mut found = Vec::new();
        let mut upto = day(ids.last.time());
        // Where records have expired or are pruned, the sums promise more than there is; then more
        // and more days are read at a time.
        let mut at_least = 1;
        loop {
            let known = self.days(ids, &upto, counts).await?;
            let mut days = &known.days[..];
            while !days.is_empty() {
                let count = enough(days, wanted - found.len()).max(at_least);
                let (newer, older) = days.split_at(count.min(days.len()));
                found.extend(self.read_days(query, ids, newer, now).await?);
                if found.len() >= wanted {
                    return Ok(found);
                }
                days = older;
                at_least = (2 * at_least).min(MOST_DAYS);
            }
            match known.next {
                Some(next) => upto = next,
                None => return Ok(found),
            }
        }
    }

    /// The records of some days, newest first. Of each shard and day as many as may be wanted.
    async fn read_days(
        &self,
        query: &RecordQuery,
        ids: Ids,
        days: &[(String, u64)],
        now: Timestamp,
    ) -> Result<Vec<PredictionRecord>, StoreError> {
        let wanted = query.limit.get().saturating_add(1);
        let selection = selection(query, now, wanted);
        let ranges = self.ranges(ids, days, true).into_iter();
        let reads = ranges.map(|range| {
            let (table, selection) = (self.clone(), selection.clone());
            async move { table.some(&range, &selection, wanted).await }
        });
        let mut reader = Reader::default();
        let mut records = Vec::new();
        for item in all(reads).await?.iter().flatten() {
            let record = reader.record(item);
            records.push(record.map_err(|problem| self.unreadable(item, &problem))?);
        }
        records.sort_unstable_by_key(|record| Reverse(record.id));
        Ok(records)
    }

    /// The first `wanted` items of a range that a filter lets through, if there are so many.
    async fn some(
        &self,
        range: &Range,
        selection: &Selection,
        wanted: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut after = None;
        loop {
            let answer = self.query(range, selection, after).await?;
            items.extend(answer.items);
            if items.len() >= wanted || answer.next.is_none() {
                return Ok(items);
            }
            after = answer.next;
        }
    }
}

/// How many of the `days` hold `wanted` records together, if they do.
fn enough(days: &[(String, u64)], wanted: usize) -> usize {
    let mut sum = 0_u64;
    let short = days.iter().take_while(|(_, count)| {
        let short = sum < wanted as u64;
        sum = sum.saturating_add(*count);
        short
    });
    short.count().min(MOST_DAYS)
}

fn selection(query: &RecordQuery, now: Timestamp, wanted: usize) -> Selection {
    let mut selection = Selection::unexpired(now.as_second());
    let mut limit = wanted;
    if let Some(version) = query.model_version {
        selection = selection.having(("#v", VERSION), (":v", version.to_string()));
        limit = FILTERED_ITEMS;
    }
    if let Some(source) = query.source {
        selection = selection.having(("#src", SOURCE), (":src", source.to_string()));
        limit = FILTERED_ITEMS;
    }
    selection.limit = Some(i32::try_from(limit).unwrap_or(i32::MAX));
    selection
}

#[cfg(test)]
mod tests {
    use super::enough;

    #[test]
    fn days_are_taken_until_they_hold_enough() {
        let days = [3, 0, 4, 5].map(|count| (String::new(), count));
        let cases = [(1, 1), (3, 1), (4, 3), (7, 3), (8, 4), (100, 4)];
        for (wanted, expected) in cases {
            assert_eq!(enough(&days, wanted), expected, "{wanted}");
        }
    }
}
