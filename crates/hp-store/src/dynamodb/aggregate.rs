//! Answers questions about hours and days from the sums alone.

use super::keys::{behind, day, hour};
use super::sums;
use super::table::{Range, Selection, Table, all};
use crate::error::StoreError;
use crate::query::{Aggregate, AggregateQuery, Bucket};
use crate::rollup::Rollups;
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Table {
    /// The aggregates that `query` asks for.
    pub(super) async fn aggregate(
        &self,
        query: &AggregateQuery,
    ) -> Result<Vec<Aggregate>, StoreError> {
        let first = hour(query.bucket.start(query.from));
        // Up to the end of the bucket that holds `to`; which buckets count is decided below.
        let last = behind(&match query.bucket {
            Bucket::Hour => hour(query.to),
            Bucket::Day => day(query.to),
            Bucket::Week => {
                let sunday = Bucket::Week.start(query.to).saturating_add(6 * DAY);
                day(sunday.unwrap_or(Timestamp::MAX))
            }
        });
        if last < first {
            return Ok(Vec::new());
        }
        let reads = self.shards().map(|shard| {
            let range = Range {
                partition: self.keys.rollups(shard),
                first: first.clone(),
                last: last.clone(),
                newest_first: false,
            };
            let table = self.clone();
            async move { table.sums(&range).await }
        });
        let shards = all(reads).await?;
        Ok(Rollups::answer(shards.iter().flatten(), query))
    }

    async fn sums(&self, range: &Range) -> Result<Vec<Aggregate>, StoreError> {
        let mut hours = Vec::new();
        let mut after = None;
        loop {
            let answer = self.query(range, &Selection::default(), after).await?;
            for item in &answer.items {
                let sums = sums::read(item);
                hours.push(sums.map_err(|problem| self.unreadable(item, &problem))?);
            }
            if answer.next.is_none() {
                return Ok(hours);
            }
            after = answer.next;
        }
    }
}
