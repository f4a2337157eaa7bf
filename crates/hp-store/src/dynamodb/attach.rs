//! Attaches true values, each in one transaction with the sums of its prediction's hour.

use super::backoff::Backoff;
use super::item::{ACTUAL, ACTUAL_TIME, Reader, is_expired};
use super::keys::SORT;
use super::number::{attribute, whole};
use super::sums::Sums;
use super::table::Table;
use super::transact::Outcome;
use crate::error::StoreError;
use crate::id::PredictionId;
use crate::record::{Actual, PredictionRecord};
use crate::store::Attached;
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use jiff::Timestamp;

impl Table {
    /// The record `id`, unless it has expired at `now`.
    pub(super) async fn record(
        &self,
        id: PredictionId,
        now: Timestamp,
    ) -> Result<Option<PredictionRecord>, StoreError> {
        let item = self.get(self.keys.record(id), "read").await?;
        let Some(item) = item.filter(|item| !is_expired(item, now)) else {
            return Ok(None);
        };
        let record = Reader::default().record(&item);
        let record = record.map_err(|problem| self.unreadable(&item, &problem))?;
        Ok(Some(record))
    }

    /// Attaches the true value to the record `id`, unless it has one or has expired at `now`.
    pub(super) async fn attach(
        &self,
        id: PredictionId,
        actual: Actual,
        now: Timestamp,
    ) -> Result<Attached, StoreError> {
        loop {
            let Some(record) = self.record(id, now).await? else {
                return Ok(Attached::Unknown);
            };
            if let Some(first) = record.actual {
                return Ok(Attached::again(first, actual));
            }
            let items = self.attachment(&record, actual)?;
            if self.transact(&items, Backoff::new(id)).await? == Outcome::Written {
                return Ok(Attached::New);
            }
            // Another value came first, or the record is gone: reading it again tells.
        }
    }

    fn attachment(
        &self,
        record: &PredictionRecord,
        actual: Actual,
    ) -> Result<[TransactWriteItem; 2], StoreError> {
        let value = Update::builder()
            .table_name(&self.address.table)
            .set_key(Some(self.keys.record(record.id)))
            .update_expression("SET #y = :y, #y_ts = :y_ts")
            .condition_expression("attribute_exists(#sk) AND attribute_not_exists(#y)")
            .expression_attribute_names("#sk", SORT)
            .expression_attribute_names("#y", ACTUAL)
            .expression_attribute_names("#y_ts", ACTUAL_TIME)
            .expression_attribute_values(":y", attribute(actual.value))
            .expression_attribute_values(":y_ts", whole(actual.time.as_millisecond()))
            .build();
        let mut sums = Sums::at(record);
        sums.count_actual(record, actual);
        let shard = self.keys.shard(record.id);
        let sums = sums.update(&self.address.table, &self.keys, shard);
        let item = |update: Result<_, _>| {
            let update = update.map_err(|error| self.address.request("written", error))?;
            Ok(TransactWriteItem::builder().update(update).build())
        };
        Ok([item(value)?, item(sums)?])
    }
}
