//! Reading records page by page.

use crate::failure::Failure;
use hp_store::{PredictionRecord, PredictionStore, RecordQuery};
use std::num::NonZeroUsize;

/// Records of a page.
pub(super) const PAGE: NonZeroUsize = NonZeroUsize::new(1000).expect("more than none");

/// The pages of an answer, newest first.
pub(super) struct Pages<'a> {
    store: &'a dyn PredictionStore,
    /// The question for the next page.
    query: Option<RecordQuery>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(store: &'a dyn PredictionStore, query: RecordQuery) -> Self {
        let query = Some(query);
        Self { store, query }
    }

    /// The next page; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<PredictionRecord>>, Failure> {
        let Some(mut query) = self.query.take() else {
            return Ok(None);
        };
        let page = self.store.list(&query).await?;
        if page.next.is_some() {
            query.before = page.next;
            self.query = Some(query);
        }
        Ok(Some(page.records))
    }
}
