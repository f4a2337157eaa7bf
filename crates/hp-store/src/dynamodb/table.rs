//! One model's part of a table, and the calls that everything else is made of.

use super::item::{EXPIRY, Unreadable};
use super::keys::{Item, Keys, PARTITION, SORT};
use super::refusal::Address;
use crate::error::StoreError;
use crate::uri::DynamoDbUri;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeMap;
use std::future::Future;
use tokio::task::JoinSet;

/// The IAM actions that [`DynamoDbStore`](super::DynamoDbStore) needs on the table. A transaction
/// needs those of its parts; `BatchWriteItem` is for pruning only. `Scan` is not among them.
pub const ACTIONS: &[&str] = &[
    "dynamodb:BatchWriteItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
];

/// Calls that are under way at the same time.
const CONCURRENT: usize = 16;

/// One model's part of a table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) client: Client,
    pub(super) address: Address,
    pub(super) keys: Keys,
    /// Days after which a record expires.
    pub(super) ttl_days: Option<u32>,
}

/// A part of one partition.
#[derive(Debug, Clone)]
pub(super) struct Range {
    pub(super) partition: String,
    /// The first sort key.
    pub(super) first: String,
    /// The last sort key.
    pub(super) last: String,
    pub(super) newest_first: bool,
}

/// What of a partition's items is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    /// A condition on the items, which are counted by DynamoDB before it.
    pub(super) filter: Option<String>,
    /// The names `#…` of the filter and of the attributes.
    pub(super) names: Vec<(&'static str, &'static str)>,
    /// The values `:…` of the filter.
    pub(super) values: Vec<(&'static str, AttributeValue)>,
    /// The attributes; all by default.
    pub(super) attributes: Option<&'static str>,
    /// The most items of one answer, before the filter.
    pub(super) limit: Option<i32>,
}

/// The items of one answer.
#[derive(Debug, Clone)]
pub(super) struct Items {
    pub(super) items: Vec<Item>,
    /// Where the next answer begins; `None` when this is the last.
    pub(super) next: Option<Item>,
}

impl Table {
    pub(super) fn new(client: Client, address: Address, uri: &DynamoDbUri) -> Self {
        Self {
            client,
            address,
            keys: Keys {
                model: uri.model.clone(),
                shards: uri.shards,
            },
            ttl_days: uri.ttl_days,
        }
    }

    /// The item with this key as it is now.
    pub(super) async fn get(
        &self,
        key: Item,
        operation: &'static str,
    ) -> Result<Option<Item>, StoreError> {
        let call = self.client.get_item().table_name(&self.address.table);
        let call = call.set_key(Some(key)).consistent_read(true).send();
        let answer = call
            .await
            .map_err(|error| self.address.sdk(operation, error))?;
        Ok(answer.item)
    }

    /// Some of the items of `range`, at most 1 MB; `after` is where the answer before ended.
    pub(super) async fn query(
        &self,
        range: &Range,
        selection: &Selection,
        after: Option<Item>,
    ) -> Result<Items, StoreError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut call = self
            .client
            .query()
            .table_name(&self.address.table)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :last")
            .expression_attribute_names("#pk", PARTITION)
            .expression_attribute_names("#sk", SORT)
            .expression_attribute_values(":pk", text(&range.partition))
            .expression_attribute_values(":first", text(&range.first))
            .expression_attribute_values(":last", text(&range.last))
            .scan_index_forward(!range.newest_first)
            .consistent_read(true)
            .set_filter_expression(selection.filter.clone())
            .set_projection_expression(selection.attributes.map(str::to_owned))
            .set_limit(selection.limit)
            .set_exclusive_start_key(after);
        for &(name, attribute) in &selection.names {
            call = call.expression_attribute_names(name, attribute);
        }
        for (name, value) in &selection.values {
            call = call.expression_attribute_values(*name, value.clone());
        }
        let answer = call.send().await;
        let answer = answer.map_err(|error| self.address.sdk("read", error))?;
        Ok(Items {
            items: answer.items.unwrap_or_default(),
            next: answer.last_evaluated_key.filter(|key| !key.is_empty()),
        })
    }

    /// Each shard.
    pub(super) fn shards(&self) -> std::ops::Range<u32> {
        0..self.keys.shards
    }

    /// The error of an item that cannot be read.
    pub(super) fn unreadable(&self, item: &Item, problem: &Unreadable) -> StoreError {
        let part = |name| item.get(name).and_then(|value| value.as_s().ok());
        let part = |name| part(name).map_or("?", String::as_str);
        self.address.foreign(format!(
            "the attribute `{}` of the item `{}` / `{}` is missing or of another kind",
            problem.0,
            part(PARTITION),
            part(SORT)
        ))
    }
}

impl Selection {
    /// The items that have not expired at `now`, in seconds.
    pub(super) fn unexpired(now: i64) -> Self {
        Self {
            filter: Some("(attribute_not_exists(#ttl) OR #ttl > :now)".to_owned()),
            names: vec![("#ttl", EXPIRY)],
            values: vec![(":now", AttributeValue::N(now.to_string()))],
            ..Self::default()
        }
    }

    /// Those of them whose attribute `name` is `value`; both are used as names in the filter.
    #[must_use]
    pub(super) fn having(
        mut self,
        (name, attribute): (&'static str, &'static str),
        (placeholder, value): (&'static str, String),
    ) -> Self {
        let condition = format!("{name} = {placeholder}");
        self.filter = Some(match self.filter {
            Some(filter) => format!("{filter} AND {condition}"),
            None => condition,
        });
        self.names.push((name, attribute));
        self.values.push((placeholder, AttributeValue::S(value)));
        self
    }
}

/// Runs calls, some at the same time, and gives their answers in the order of the calls.
///
/// # Errors
/// That of the first call that fails; those under way are given up.
pub(super) async fn all<T, E, F>(calls: impl IntoIterator<Item = F>) -> Result<Vec<T>, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    let mut calls = calls.into_iter().enumerate();
    let mut under_way = JoinSet::new();
    let mut answers = BTreeMap::new();
    loop {
        while under_way.len() < CONCURRENT {
            let Some((index, call)) = calls.next() else {
                break;
            };
            under_way.spawn(async move { (index, call.await) });
        }
        match under_way.join_next().await {
            Some(Ok((index, answer))) => {
                answers.insert(index, answer?);
            }
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // Only a runtime that shuts down cancels them, and then this one too.
            Some(Err(_)) => {}
            None => return Ok(answers.into_values().collect()),
        }
    }
}
