//! Aggregates as rows of the table `hours`.

use super::failure::Failure;
use super::rows::{number, parsed};
use crate::query::{Aggregate, AggregateQuery};
use crate::rollup::Rollups;
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};

const ADD: &str = "
    INSERT INTO hours VALUES (
        :start, :model_version, :source, :count, :uncertain, :sum_width, :sum_prediction,
        :actuals, :covered, :sum_absolute_error, :sum_squared_error
    ) ON CONFLICT (start, model_version, source) DO UPDATE SET
        count = count + excluded.count,
        uncertain = uncertain + excluded.uncertain,
        sum_width = sum_width + excluded.sum_width,
        sum_prediction = sum_prediction + excluded.sum_prediction,
        actuals = actuals + excluded.actuals,
        covered = covered + excluded.covered,
        sum_absolute_error = sum_absolute_error + excluded.sum_absolute_error,
        sum_squared_error = sum_squared_error + excluded.sum_squared_error";

/// Adds counts and sums to the hours.
pub(super) fn add(connection: &Connection, hours: &Rollups) -> Result<(), Failure> {
    let mut add = connection.prepare_cached(ADD)?;
    for hour in hours.iter() {
        add.execute(named_params! {
            ":start": hour.start.as_second(),
            ":model_version": hour.model_version.to_string(),
            ":source": hour.source.name(),
            ":count": hour.count,
            ":uncertain": hour.uncertain,
            ":sum_width": hour.sum_width,
            ":sum_prediction": hour.sum_prediction,
            ":actuals": hour.actuals,
            ":covered": hour.covered,
            ":sum_absolute_error": hour.sum_absolute_error,
            ":sum_squared_error": hour.sum_squared_error,
        })?;
    }
    Ok(())
}

/// The hours in the buckets of `query`, of all versions.
pub(super) fn read(
    connection: &Connection,
    query: &AggregateQuery,
) -> Result<Vec<Aggregate>, Failure> {
    let select = "SELECT * FROM hours WHERE :from <= start AND start <= :to";
    let mut select = connection.prepare_cached(select)?;
    // The bucket of the last hour may end after it.
    let mut rows = select.query(named_params! {
        ":from": query.bucket.start(query.from).as_second(),
        ":to": query.to.as_second().saturating_add(query.bucket.seconds()),
    })?;
    let mut hours = Vec::new();
    while let Some(row) = rows.next()? {
        hours.push(hour(row)?);
    }
    Ok(hours)
}

fn hour(row: &Row<'_>) -> Result<Aggregate, Failure> {
    let start = Timestamp::from_second(row.get("start")?);
    Ok(Aggregate {
        start: start.map_err(|error| Failure::Foreign(error.to_string()))?,
        model_version: parsed(row, "model_version")?,
        source: parsed(row, "source")?,
        count: row.get("count")?,
        uncertain: row.get("uncertain")?,
        sum_width: number(row, "sum_width")?,
        sum_prediction: number(row, "sum_prediction")?,
        actuals: row.get("actuals")?,
        covered: row.get("covered")?,
        sum_absolute_error: number(row, "sum_absolute_error")?,
        sum_squared_error: number(row, "sum_squared_error")?,
    })
}
