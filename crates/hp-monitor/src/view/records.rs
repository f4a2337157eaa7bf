//! The data viewer: records in any order, page by page.

use super::{Answer, Asked, BRIEFLY, Monitor, MonitorError, Now, Period, Row, Selection, key};
use hp_store::{Columns, PredictionRecord, RankBy, RankQuery};
use serde::Serialize;
use std::num::NonZeroUsize;

/// Which page of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageQuery {
    /// What they are ordered by.
    pub by: RankBy,
    /// Whether the largest come first.
    pub descending: bool,
    /// 1-based.
    pub page: NonZeroUsize,
    /// Records of a page.
    pub size: NonZeroUsize,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Records {
    /// The period.
    pub window: Period,
    /// Records of the period.
    pub total: u64,
    /// 1-based.
    pub page: usize,
    /// Records of a page.
    pub size: usize,
    /// The inputs that some record of the page has, in the order of its model.
    pub columns: Vec<String>,
    /// The records.
    pub rows: Vec<Row>,
}

impl Monitor {
    /// A page of the records of `selection`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn records(
        &self,
        selection: &Selection,
        page: PageQuery,
    ) -> Result<Answer<Records>, MonitorError> {
        let asked = Asked {
            cache: &self.answers.records,
            key: key((selection, page)),
            holds: BRIEFLY,
        };
        let make = |now| self.make_records(selection, page, now);
        self.ask(asked, make).await
    }

    async fn make_records(
        &self,
        selection: &Selection,
        page: PageQuery,
        now: Now,
    ) -> Result<Records, MonitorError> {
        let window = self.period(selection, now).await?;
        let query = RankQuery {
            window: selection.window(window),
            by: page.by,
            descending: page.descending,
            offset: (page.page.get() - 1).saturating_mul(page.size.get()),
            limit: page.size,
        };
        let ranked = self.store.rank(&query).await?;
        let row = |record: &PredictionRecord| Row::new(record, selection.threshold);
        Ok(Records {
            window,
            total: ranked.total,
            page: page.page.get(),
            size: page.size.get(),
            columns: Columns::of(&ranked.records).inputs().to_vec(),
            rows: ranked.records.iter().map(row).collect(),
        })
    }
}
