//! A run as a row of the index.

use crate::run::{RunId, RunStatus};
use crate::runs::RunSummary;
use rusqlite::{Row, Statement, named_params};
use std::str::FromStr;

/// Puts a row in the place of one with the same id.
pub(super) const PUT: &str = "
    INSERT OR REPLACE INTO runs VALUES (
        :id, :status, :started_at, :ended_at, :model_version, :data_name, :data_fingerprint,
        :git_commit, :git_dirty, :user, :failure, :metrics
    )";

pub(super) fn write(put: &mut Statement<'_>, run: &RunSummary) -> rusqlite::Result<()> {
    let metrics = serde_json::to_string(&run.metrics)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    put.execute(named_params! {
        ":id": run.id.to_string(),
        ":status": run.status.name(),
        ":started_at": run.started_at.to_string(),
        ":ended_at": run.ended_at.map(|time| time.to_string()),
        ":model_version": run.model_version.to_string(),
        ":data_name": run.data_name,
        ":data_fingerprint": run.data_fingerprint.to_string(),
        ":git_commit": run.git_commit,
        ":git_dirty": run.git_dirty,
        ":user": run.user,
        ":failure": run.failure,
        ":metrics": metrics,
    })?;
    Ok(())
}

pub(super) fn summary(row: &Row<'_>) -> rusqlite::Result<RunSummary> {
    let ended_at: Option<String> = row.get(3)?;
    let metrics: String = row.get(11)?;
    Ok(RunSummary {
        id: id(row)?,
        status: status(row)?,
        started_at: parsed(&row.get::<_, String>(2)?)?,
        ended_at: ended_at.map(|text| parsed(&text)).transpose()?,
        model_version: parsed(&row.get::<_, String>(4)?)?,
        data_name: row.get(5)?,
        data_fingerprint: parsed(&row.get::<_, String>(6)?)?,
        git_commit: row.get(7)?,
        git_dirty: row.get(8)?,
        user: row.get(9)?,
        failure: row.get(10)?,
        metrics: serde_json::from_str(&metrics).map_err(|_| foreign())?,
    })
}

pub(super) fn id(row: &Row<'_>) -> rusqlite::Result<RunId> {
    parsed(&row.get::<_, String>(0)?)
}

pub(super) fn status(row: &Row<'_>) -> rusqlite::Result<RunStatus> {
    let name: String = row.get(1)?;
    let status = RunStatus::ALL
        .into_iter()
        .find(|status| status.name() == name);
    status.ok_or_else(foreign)
}

fn parsed<T: FromStr>(text: &str) -> rusqlite::Result<T> {
    text.parse().map_err(|_| foreign())
}

/// The error that a value is not one that hp writes.
fn foreign() -> rusqlite::Error {
    rusqlite::Error::InvalidQuery
}
