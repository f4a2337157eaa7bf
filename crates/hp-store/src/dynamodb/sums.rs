//! The sums of an hour as an item of the table, and what is added to them.

use super::item::{Unreadable, counted, float, text};
use super::keys::{Item, Keys, SORT};
use super::number::{addend, sum, whole};
use crate::query::{Aggregate, Bucket};
use crate::record::{Actual, PredictionRecord};
use crate::rollup::{RollupKey, Rollups};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::Update;
use jiff::Timestamp;

/// What some predictions, or some true values, of one hour add.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    key: RollupKey,
    total: Aggregate,
}

impl Sums {
    /// Nothing, to be added to the hour of `record`.
    pub(super) fn at(record: &PredictionRecord) -> Self {
        let key = RollupKey::of(record, Bucket::Hour);
        Self {
            key,
            total: Aggregate::empty(key),
        }
    }

    /// Counts a record of the same hour, version and source.
    pub(super) fn count(&mut self, record: &PredictionRecord) {
        let mut one = Rollups::default();
        one.count(record, Bucket::Hour);
        one.iter().for_each(|part| self.add(part));
    }

    /// Counts the true value of a record that is counted already.
    pub(super) fn count_actual(&mut self, record: &PredictionRecord, actual: Actual) {
        let mut one = Rollups::default();
        one.count_actual(record, actual, Bucket::Hour);
        one.iter().for_each(|part| self.add(part));
    }

    fn add(&mut self, part: &Aggregate) {
        let total = &mut self.total;
        total.count += part.count;
        total.uncertain += part.uncertain;
        total.actuals += part.actuals;
        total.covered += part.covered;
        total.sum_width += addend(part.sum_width);
        total.sum_prediction += addend(part.sum_prediction);
        total.sum_absolute_error += addend(part.sum_absolute_error);
        total.sum_squared_error += addend(part.sum_squared_error);
    }

    /// The update that adds them to the item of one shard, and makes it when it is the first.
    pub(super) fn update(
        &self,
        table: &str,
        keys: &Keys,
        shard: u32,
    ) -> Result<Update, BuildError> {
        let total = &self.total;
        Update::builder()
            .table_name(table)
            .set_key(Some(keys.rollup(&self.key, shard)))
            .update_expression(
                "ADD n :n, n_over :over, sum_w :w, sum_p :p, \
                 n_y :y, n_cov :cov, sum_abs_err :abs, sum_sq_err :sq",
            )
            .expression_attribute_values(":n", whole(total.count))
            .expression_attribute_values(":over", whole(total.uncertain))
            .expression_attribute_values(":w", sum(total.sum_width))
            .expression_attribute_values(":p", sum(total.sum_prediction))
            .expression_attribute_values(":y", whole(total.actuals))
            .expression_attribute_values(":cov", whole(total.covered))
            .expression_attribute_values(":abs", sum(total.sum_absolute_error))
            .expression_attribute_values(":sq", sum(total.sum_squared_error))
            .build()
    }
}

/// The sums that `item` holds.
pub(super) fn read(item: &Item) -> Result<Aggregate, Unreadable> {
    Ok(Aggregate {
        count: counted(item, "n")?,
        uncertain: counted(item, "n_over")?,
        sum_width: float(item, "sum_w")?,
        sum_prediction: float(item, "sum_p")?,
        actuals: counted(item, "n_y")?,
        covered: counted(item, "n_cov")?,
        sum_absolute_error: float(item, "sum_abs_err")?,
        sum_squared_error: float(item, "sum_sq_err")?,
        ..Aggregate::empty(read_key(item)?)
    })
}

/// The hour, version and source of the sums that `item` holds.
pub(super) fn read_key(item: &Item) -> Result<RollupKey, Unreadable> {
    let parse = |text: &str| {
        let mut parts = text.split('#');
        let start: Timestamp = format!("{}:00:00Z", parts.next()?).parse().ok()?;
        let key = RollupKey {
            start,
            model_version: parts.next()?.parse().ok()?,
            source: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(key)
    };
    parse(text(item, SORT)?).ok_or(Unreadable(SORT))
}
