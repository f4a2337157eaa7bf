//! Which inputs go with uncertain predictions, and the worst of these.

use super::{
    Answer, Asked, CONFIDENCE, LONGER, Monitor, MonitorError, Now, Period, Row, Selection, columns,
    key,
};
use crate::statistics::{BinShare, chi_square, uncertain_by_bin};
use hp_core::reference::{Distribution, TrainingReference};
use hp_store::{Columns, PredictionRecord, RankBy, RankQuery, SampleQuery};
use serde::Serialize;
use std::num::NonZeroUsize;

/// The most records that are looked at.
const MOST_ROWS: NonZeroUsize = NonZeroUsize::new(5_000).expect("more than none");

/// How many of the worst records are listed.
const WORST: NonZeroUsize = NonZeroUsize::new(10).expect("more than none");

/// Bins of a feature.
const BINS: usize = 10;

/// Which inputs go with uncertain predictions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Uncertain {
    /// The period.
    pub window: Period,
    /// The features, the one first that tells most about whether a prediction is uncertain.
    pub features: Vec<FeatureUncertainty>,
    /// The records furthest outside their limits.
    pub worst: Vec<Row>,
    /// How many records were looked at, evenly spread over the period.
    pub sampled: usize,
    /// Predictions of the period.
    pub total: u64,
    /// Those of the sample outside their limits.
    pub uncertain: usize,
}

/// A feature and the share of uncertain predictions in each of its bins.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureUncertainty {
    /// Its name.
    pub name: String,
    /// The bins, in equal shares of the training rows.
    pub bins: Vec<UncertainBin>,
    /// Cramér's V of bin and uncertainty, from 0 (none) to 1; none when all or none are uncertain.
    pub strength: Option<f64>,
    /// How likely chance alone gives so much, by chi-square.
    pub p_value: Option<f64>,
}

/// A bin of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct UncertainBin {
    /// The values are above this; none for the first bin.
    pub from: Option<f64>,
    /// And at most this; none for the last bin.
    pub to: Option<f64>,
    /// Records.
    pub count: usize,
    /// Those outside their limits.
    pub uncertain: usize,
    /// Their share; none without records.
    pub share: Option<f64>,
    /// The lower limit of the true share at 95 %.
    pub low: Option<f64>,
    /// The upper limit.
    pub high: Option<f64>,
}

impl Monitor {
    /// Which inputs go with uncertain predictions of `selection`; whether it asks for certain or
    /// uncertain ones does not matter.
    ///
    /// # Errors
    /// The store or the models cannot be read.
    pub async fn uncertain(
        &self,
        selection: &Selection,
    ) -> Result<Answer<Uncertain>, MonitorError> {
        let selection = Selection {
            uncertain: None,
            ..selection.clone()
        };
        let asked = Asked {
            cache: &self.answers.uncertain,
            key: key(&selection),
            holds: LONGER,
        };
        self.ask(asked, |now| self.make_uncertain(&selection, now))
            .await
    }

    async fn make_uncertain(
        &self,
        selection: &Selection,
        now: Now,
    ) -> Result<Uncertain, MonitorError> {
        let window = self.period(selection, now).await?;
        let sample = SampleQuery {
            window: selection.window(window),
            size: MOST_ROWS,
        };
        let sample = self.store.sample(&sample).await?;
        let worst = RankQuery {
            window: Selection {
                uncertain: Some(true),
                ..selection.clone()
            }
            .window(window),
            by: RankBy::Excess,
            descending: true,
            offset: 0,
            limit: WORST,
        };
        let worst = self.store.rank(&worst).await?;
        let model = match self.judged_version(selection, window).await? {
            Some(version) => self.shelf.find(version, now.time).await?,
            None => None,
        };
        let records = sample.records;
        let uncertain = records.iter().filter(|record| is_uncertain(record)).count();
        let sampled = records.len();
        let features = tokio::task::spawn_blocking(move || {
            let reference = model.as_ref().and_then(|model| model.reference.as_ref());
            features(&records, reference)
        });
        let row = |record: &PredictionRecord| Row::new(record, selection.threshold);
        Ok(Uncertain {
            window,
            features: features.await??,
            worst: worst.records.iter().map(row).collect(),
            sampled,
            total: sample.total,
            uncertain,
        })
    }
}

fn is_uncertain(record: &PredictionRecord) -> bool {
    record.prediction.is_uncertain()
}

/// Every input of `records`, the strongest first. One without a reference is binned by its own
/// values.
fn features(
    records: &[PredictionRecord],
    reference: Option<&TrainingReference>,
) -> Result<Vec<FeatureUncertainty>, MonitorError> {
    let uncertain: Vec<_> = records.iter().map(is_uncertain).collect();
    let mut features = Vec::new();
    for name in Columns::of(records).inputs() {
        let values = columns::input(records, name);
        let known = reference.and_then(|reference| reference.feature(name));
        let own = match known {
            Some(_) => None,
            None => Distribution::of(name, &values).ok(),
        };
        let Some(distribution) = known.or(own.as_ref()) else {
            continue;
        };
        let bins = uncertain_by_bin(distribution, &values, &uncertain, BINS, CONFIDENCE)?;
        let bins: Vec<_> = bins.iter().map(UncertainBin::new).collect();
        let (strength, p_value) = association(&bins).unzip();
        features.push(FeatureUncertainty {
            name: name.clone(),
            bins,
            strength,
            p_value,
        });
    }
    features.sort_by(|a, b| {
        let strength = |feature: &FeatureUncertainty| feature.strength.unwrap_or(-1.0);
        strength(b).total_cmp(&strength(a))
    });
    Ok(features)
}

impl UncertainBin {
    fn new(bin: &BinShare) -> Self {
        Self {
            from: bin.above,
            to: bin.up_to,
            count: bin.uncertain.map_or(0, |share| share.trials),
            uncertain: bin.uncertain.map_or(0, |share| share.successes),
            share: bin.uncertain.map(|share| share.share),
            low: bin.uncertain.map(|share| share.low),
            high: bin.uncertain.map(|share| share.high),
        }
    }
}

/// Cramér's V of bin and uncertainty with the p-value of its chi-square.
fn association(bins: &[UncertainBin]) -> Option<(f64, f64)> {
    let bins = bins.iter().filter(|bin| bin.count > 0);
    let uncertain: Vec<_> = bins.clone().map(|bin| bin.uncertain as u64).collect();
    let certain: Vec<_> = bins.map(|bin| (bin.count - bin.uncertain) as u64).collect();
    let test = chi_square(&certain, &uncertain).ok()?;
    let rows = certain.iter().chain(&uncertain).sum::<u64>() as f64;
    Some(((test.statistic / rows).sqrt(), test.p_value))
}
