//! Writes records, each in one transaction with the sums of its hour.
//!
//! Every transaction of an hour changes the same item of sums, and DynamoDB cancels one of two that
//! meet. So each shard has one task that writes; what comes while it does is written together next.

use super::backoff::Backoff;
use super::item;
use super::keys::SORT;
use super::refusal::{Refusal, again};
use super::sums::Sums;
use super::table::{Table, all};
use super::transact::{MOST_ITEMS, Outcome};
use crate::error::StoreError;
use crate::query::Bucket;
use crate::record::PredictionRecord;
use crate::rollup::RollupKey;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// A transaction has room for one item of sums beside the records.
const MOST_RECORDS: usize = MOST_ITEMS - 1;
/// DynamoDB's limit is 4 MB; sizes are estimated.
const MOST_BYTES: usize = 3_000_000;
/// Jobs that wait for one shard before callers wait for room.
const MOST_JOBS: usize = 1_024;

/// The tasks that write, one for each shard.
#[derive(Debug)]
pub(super) struct Writer {
    queues: Vec<mpsc::Sender<Job>>,
}

/// Some records of one hour, version, source and shard.
#[derive(Debug)]
struct Job {
    records: Vec<Shared>,
    done: oneshot::Sender<Result<(), StoreError>>,
}

/// One record of a call, without a copy of it.
#[derive(Debug, Clone)]
struct Shared(Arc<[PredictionRecord]>, usize);

impl Shared {
    fn get(&self) -> &PredictionRecord {
        &self.0[self.1]
    }
}

impl Writer {
    /// Starts the tasks; they end when the writer is dropped and their queues are empty.
    pub(super) fn start(table: &Arc<Table>) -> Self {
        let start = |shard| {
            let (queue, jobs) = mpsc::channel(MOST_JOBS);
            tokio::spawn(write(table.clone(), shard, jobs));
            queue
        };
        Self {
            queues: (0..table.keys.shards).map(start).collect(),
        }
    }

    /// Writes those of `records` that are not known yet.
    pub(super) async fn put(
        &self,
        table: &Table,
        records: Arc<[PredictionRecord]>,
    ) -> Result<(), StoreError> {
        let mut groups = BTreeMap::<_, Vec<Shared>>::new();
        for (index, record) in records.iter().enumerate() {
            let shard = table.keys.shard(record.id);
            let key = (shard, RollupKey::of(record, Bucket::Hour));
            let shared = Shared(records.clone(), index);
            groups.entry(key).or_default().push(shared);
        }
        let mut answers = Vec::new();
        for ((shard, _), group) in groups {
            for records in parts(group) {
                let (done, answer) = oneshot::channel();
                let job = Job { records, done };
                let queue = &self.queues[shard as usize];
                queue.send(job).await.map_err(|_| stopped(table))?;
                answers.push(answer);
            }
        }
        let mut result = Ok(());
        for answer in answers {
            let answer = answer.await.unwrap_or_else(|_| Err(stopped(table)));
            result = result.and(answer);
        }
        result
    }
}

/// The error of a task that went away, as it does when its runtime shuts down.
fn stopped(table: &Table) -> StoreError {
    let refusal = Refusal::Request("the task that writes has ended".to_owned());
    table.address.failed("written", refusal)
}

/// Cuts records into parts that fit into one transaction each.
fn parts(records: Vec<Shared>) -> Vec<Vec<Shared>> {
    let mut parts = vec![Vec::new()];
    let mut bytes = 0;
    for record in records {
        bytes += item::size(record.get());
        let full = |part: &Vec<_>| part.len() == MOST_RECORDS || bytes > MOST_BYTES;
        match parts.last_mut() {
            Some(part) if part.is_empty() || !full(part) => part.push(record),
            _ => {
                bytes = item::size(record.get());
                parts.push(vec![record]);
            }
        }
    }
    parts
}

/// Writes the jobs of one shard: those that wait together, hour by hour at the same time.
async fn write(table: Arc<Table>, shard: u32, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.recv().await {
        let mut hours = BTreeMap::<_, Vec<Job>>::new();
        let mut next = Some(first);
        let mut count = 0;
        while let Some(job) = next {
            count += job.records.len();
            // Who gave up waiting has put the records elsewhere.
            if let Some(record) = job.records.first().filter(|_| !job.done.is_closed()) {
                let key = RollupKey::of(record.get(), Bucket::Hour);
                hours.entry(key).or_default().push(job);
            }
            next = if count < MOST_RECORDS {
                jobs.try_recv().ok()
            } else {
                None
            };
        }
        let hours = hours.into_values();
        // The answers are sent by `write_hour`.
        let _: Result<Vec<()>, ()> = all(hours.map(|jobs| {
            let table = table.clone();
            async move {
                table.write_hour(shard, jobs).await;
                Ok(())
            }
        }))
        .await;
    }
}

impl Table {
    /// Writes jobs of the same sums, together as far as a transaction can hold them.
    async fn write_hour(&self, shard: u32, jobs: Vec<Job>) {
        let records = jobs.iter().flat_map(|job| job.records.iter().cloned());
        let result = self.write_parts(shard, records.collect()).await;
        let alone = jobs.len() == 1;
        for job in jobs {
            let answer = match &result {
                Ok(()) => Ok(()),
                // A record that DynamoDB refuses must not keep those of other calls from it.
                Err(StoreError::Refused { .. }) if !alone => {
                    self.write_parts(shard, job.records).await
                }
                Err(error) => Err(again(error)),
            };
            // Who gave up waiting does not want to know.
            drop(job.done.send(answer));
        }
    }

    async fn write_parts(&self, shard: u32, records: Vec<Shared>) -> Result<(), StoreError> {
        for part in parts(records) {
            self.write_together(shard, part).await?;
        }
        Ok(())
    }

    /// Writes records of the same sums in one transaction, without those that are known already.
    async fn write_together(&self, shard: u32, records: Vec<Shared>) -> Result<(), StoreError> {
        let mut seen = HashSet::new();
        let mut new: Vec<Shared> = records;
        new.retain(|record| seen.insert(record.get().id));
        while let Some(first) = new.first() {
            let backoff = Backoff::new(first.get().id);
            let items = self.items(shard, first.get(), &new)?;
            match self.transact(&items, backoff).await? {
                Outcome::Written => break,
                Outcome::Unmet(known) => {
                    let mut index = 0;
                    new.retain(|_| {
                        index += 1;
                        !known.contains(&(index - 1))
                    });
                }
            }
        }
        Ok(())
    }

    fn items(
        &self,
        shard: u32,
        first: &PredictionRecord,
        records: &[Shared],
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut sums = Sums::at(first);
        let mut items = Vec::with_capacity(records.len() + 1);
        for record in records {
            sums.count(record.get());
            let put = Put::builder()
                .table_name(&self.address.table)
                .set_item(Some(item::of_record(
                    record.get(),
                    &self.keys,
                    self.ttl_days,
                )))
                .condition_expression("attribute_not_exists(#sk)")
                .expression_attribute_names("#sk", SORT)
                .build()
                .map_err(|error| self.address.request("written", error))?;
            items.push(TransactWriteItem::builder().put(put).build());
        }
        let update = sums.update(&self.address.table, &self.keys, shard);
        let update = update.map_err(|error| self.address.request("written", error))?;
        items.push(TransactWriteItem::builder().update(update).build());
        Ok(items)
    }
}
