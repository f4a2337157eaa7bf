//! Answers of a store that can only list its records: they are read page by page.

use crate::error::StoreError;
use crate::query::RecordQuery;
use crate::record::PredictionRecord;
use crate::store::PredictionStore;
use crate::window::{
    Least, Measure, MeasureQuery, Measures, Point, Points, PointsQuery, RankQuery, Ranked, Ranking,
    Sample, SampleQuery, Window, spread,
};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::num::NonZeroUsize;

/// The most records that are read for one answer.
const MOST_RECORDS: usize = 50_000;

/// Records of a page.
const PAGE: NonZeroUsize = NonZeroUsize::new(5_000).unwrap();

/// Answers as [`PredictionStore::measure`].
pub(crate) async fn measure<S: PredictionStore + ?Sized>(
    store: &S,
    query: &MeasureQuery,
) -> Result<Vec<Measure>, StoreError> {
    let records = records(store, &query.window).await?;
    let mut measures = Measures::new(query);
    for record in &records {
        measures.count(&Point::from(record));
    }
    Ok(measures.finish())
}

/// Answers as [`PredictionStore::points`].
pub(crate) async fn points<S: PredictionStore + ?Sized>(
    store: &S,
    query: &PointsQuery,
) -> Result<Points, StoreError> {
    let records = records(store, &query.window).await?;
    let mut newest = Least::new(query.limit.get());
    for record in &records {
        newest.offer(Reverse(record.id), || Point::from(record));
    }
    Ok(Points::from_newest(newest))
}

/// Answers as [`PredictionStore::rank`].
pub(crate) async fn rank<S: PredictionStore + ?Sized>(
    store: &S,
    query: &RankQuery,
) -> Result<Ranked, StoreError> {
    let records = records(store, &query.window).await?;
    let mut ranking = Ranking::new(query);
    for record in &records {
        ranking.rank(&Point::from(record), record);
    }
    let (first, total) = ranking.finish();
    let records = first.into_iter().cloned().collect();
    Ok(Ranked { records, total })
}

/// Answers as [`PredictionStore::sample`].
pub(crate) async fn sample<S: PredictionStore + ?Sized>(
    store: &S,
    query: &SampleQuery,
) -> Result<Sample, StoreError> {
    let records = records(store, &query.window).await?;
    let chosen = spread(records.len(), query.size);
    Ok(Sample {
        records: chosen.map(|index| records[index].clone()).collect(),
        total: records.len() as u64,
    })
}

/// Answers as [`PredictionStore::extent`]: halves the time before the newest record until nothing
/// older is left.
pub(crate) async fn extent<S: PredictionStore + ?Sized>(
    store: &S,
) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
    let Some(newest) = newest_before(store, None).await? else {
        return Ok(None);
    };
    // The oldest record was made in one of these milliseconds.
    let (mut first, mut last) = (0, newest.as_millisecond());
    while first < last {
        let middle = first.midpoint(last);
        let end = Timestamp::from_millisecond(middle + 1).unwrap_or(Timestamp::MAX);
        match newest_before(store, Some(end)).await? {
            Some(older) => last = older.as_millisecond(),
            None => first = middle + 1,
        }
    }
    let oldest = Timestamp::from_millisecond(first).unwrap_or(newest);
    Ok(Some((oldest, newest)))
}

/// When the newest record before `end` was made.
async fn newest_before<S: PredictionStore + ?Sized>(
    store: &S,
    end: Option<Timestamp>,
) -> Result<Option<Timestamp>, StoreError> {
    let newest = store.list(&RecordQuery::newest(end)).await?;
    Ok(newest.records.first().map(|record| record.id.time()))
}

/// The records of the window, newest first.
async fn records<S: PredictionStore + ?Sized>(
    store: &S,
    window: &Window,
) -> Result<Vec<PredictionRecord>, StoreError> {
    let mut query = window.records(PAGE);
    let mut records = Vec::new();
    let mut read = 0;
    loop {
        let page = store.list(&query).await?;
        read += page.records.len();
        if read > MOST_RECORDS {
            return Err(StoreError::TooMany {
                limit: MOST_RECORDS,
            });
        }
        let asked_for = page.records.into_iter();
        records.extend(asked_for.filter(|record| window.takes(&record.prediction)));
        if page.next.is_none() {
            return Ok(records);
        }
        query.before = page.next;
    }
}
