//! Every record of a selection, page by page.

use super::{Monitor, MonitorError, Now, Selection};
use hp_store::{Columns, PredictionRecord, RankBy, RankQuery, RecordQuery, SampleQuery};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

/// Records of a page.
const PAGE: NonZeroUsize = NonZeroUsize::new(1_000).expect("more than none");

/// Records that are looked at for the names of their inputs.
const LOOKED_AT: NonZeroUsize = NonZeroUsize::new(200).expect("more than none");

/// The records of a selection, newest first.
#[derive(Debug, Clone)]
pub struct RecordPages {
    columns: Columns,
    uncertain: Option<bool>,
    /// The question for the next page.
    query: Option<RecordQuery>,
}

impl Monitor {
    /// The records of `selection`, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn pages(&self, selection: &Selection) -> Result<RecordPages, MonitorError> {
        let now = Now {
            time: self.time(),
            newest: self.store.newest().await?,
        };
        let period = self.period(selection, now).await?;
        let window = selection.window(period);
        let size = LOOKED_AT;
        let mut known = self
            .store
            .sample(&SampleQuery { window, size })
            .await?
            .records;
        let mut seen: BTreeSet<_> = known.iter().map(|record| record.model_version).collect();
        for measure in self.measure(selection, period).await? {
            // A version with few records may have been passed over.
            if seen.insert(measure.model_version) {
                let mut of_version = selection.clone();
                of_version.model_version = Some(measure.model_version);
                let query = RankQuery {
                    window: of_version.window(period),
                    by: RankBy::Time,
                    descending: true,
                    offset: 0,
                    limit: NonZeroUsize::MIN,
                };
                known.extend(self.store.rank(&query).await?.records);
            }
        }
        Ok(RecordPages {
            columns: Columns::of(&known),
            uncertain: selection.uncertain,
            query: Some(window.records(PAGE)),
        })
    }
}

impl RecordPages {
    /// The columns of a table of them: the inputs of every version.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The next page, which may be empty; `None` after the last.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn next(
        &mut self,
        monitor: &Monitor,
    ) -> Result<Option<Vec<PredictionRecord>>, MonitorError> {
        let Some(mut query) = self.query.take() else {
            return Ok(None);
        };
        let page = monitor.store.list(&query).await?;
        if page.next.is_some() {
            query.before = page.next;
            self.query = Some(query);
        }
        let mut records = page.records;
        if let Some(uncertain) = self.uncertain {
            records.retain(|record| record.prediction.is_uncertain() == uncertain);
        }
        Ok(Some(records))
    }
}
