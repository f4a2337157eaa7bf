//! Removes old records, day by day.

use super::backoff::Backoff;
use super::calendar::Ids;
use super::item::id;
use super::keys::{Item, day};
use super::refusal::Refusal;
use super::table::{Range, Selection, Table, all};
use crate::error::StoreError;
use crate::id::PredictionId;
use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};

/// The most deletions of one call.
const BATCH: usize = 25;

impl Table {
    /// Removes the records before `end`, expired ones too, and gives their number. Days without
    /// sums have no records.
    pub(super) async fn prune(&self, end: PredictionId) -> Result<u64, StoreError> {
        let Some(ids) = Ids::before(end) else {
            return Ok(0);
        };
        let mut removed = 0;
        let mut upto = day(ids.last.time());
        loop {
            let known = self.days(ids, &upto, |_| true).await?;
            let ranges = self.ranges(ids, &known.days, false).into_iter();
            let calls = ranges.map(|range| {
                let table = self.clone();
                async move { table.empty(&range).await }
            });
            removed += all(calls).await?.into_iter().sum::<u64>();
            match known.next {
                Some(next) => upto = next,
                None => return Ok(removed),
            }
        }
    }

    /// Removes the items of a range, and gives their number.
    async fn empty(&self, range: &Range) -> Result<u64, StoreError> {
        let selection = Selection {
            attributes: Some("#pk, #sk"),
            ..Selection::default()
        };
        let mut removed = 0;
        let mut after = None;
        loop {
            let answer = self.query(range, &selection, after).await?;
            for keys in answer.items.chunks(BATCH) {
                self.delete(keys).await?;
                removed += keys.len() as u64;
            }
            if answer.next.is_none() {
                return Ok(removed);
            }
            after = answer.next;
        }
    }

    /// Deletes the items with these keys, again and again those that DynamoDB puts off.
    async fn delete(&self, keys: &[Item]) -> Result<(), StoreError> {
        let Some(first) = keys.first() else {
            return Ok(());
        };
        let seed = id(first).map_err(|problem| self.unreadable(first, &problem))?;
        let mut backoff = Backoff::new(seed);
        let mut left = self.deletions(keys)?;
        loop {
            let call = self.client.batch_write_item();
            let call = call.request_items(&self.address.table, left).send();
            let answer = call
                .await
                .map_err(|error| self.address.sdk("written", error))?;
            let unprocessed = answer.unprocessed_items.unwrap_or_default();
            left = unprocessed.into_values().flatten().collect();
            if left.is_empty() {
                return Ok(());
            }
            let Some(delay) = backoff.next() else {
                let refusal = Refusal::Unprocessed(left.len());
                return Err(self.address.failed("written", refusal));
            };
            tokio::time::sleep(delay).await;
        }
    }

    fn deletions(&self, keys: &[Item]) -> Result<Vec<WriteRequest>, StoreError> {
        let deletion = |key: &Item| {
            let request = DeleteRequest::builder().set_key(Some(key.clone())).build();
            let request = request.map_err(|error| self.address.request("written", error))?;
            Ok(WriteRequest::builder().delete_request(request).build())
        };
        keys.iter().map(deletion).collect()
    }
}
