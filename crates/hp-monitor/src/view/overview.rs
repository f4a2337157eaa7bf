//! The scorecards: each figure of a period with its change against the period before.

use super::total::{Total, share};
use super::{Answer, Asked, BRIEFLY, Monitor, MonitorError, Now, Period, Selection, key};
use crate::statistics::Change;
use serde::Serialize;

/// The scorecards of a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overview {
    /// The period.
    pub window: Period,
    /// The period of equal length before it.
    pub previous: Period,
    /// The figures.
    pub cards: Cards,
}

/// The figures of a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cards {
    /// Predictions.
    pub total: Card,
    /// The share of predictions outside their limits, from 0 to 1.
    pub share_uncertain: Card,
    /// Predictions whose interval is wider than the threshold.
    pub over_threshold: Card,
    /// Predictions outside their limits.
    pub outside_limits: Card,
    /// The mean interval width, in units of the target.
    pub mean_width: Card,
    /// The mean prediction, in units of the target.
    pub mean_prediction: Card,
}

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Card {
    /// What it is; none when there is nothing to take a mean of.
    pub value: Option<f64>,
    /// What it was in the period before.
    pub previous: Option<f64>,
    /// `value − previous`.
    pub change: Option<f64>,
    /// `change / |previous|`; none when the figure was 0.
    pub relative: Option<f64>,
}

impl Card {
    fn new(value: Option<f64>, previous: Option<f64>) -> Self {
        let change = value.zip(previous);
        let change = change.and_then(|(now, before)| Change::new(now, before));
        Self {
            value,
            previous,
            change: change.map(|change| change.difference),
            relative: change.and_then(|change| change.relative),
        }
    }
}

impl Monitor {
    /// The scorecards of `selection`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn overview(&self, selection: &Selection) -> Result<Answer<Overview>, MonitorError> {
        let asked = Asked {
            cache: &self.answers.overview,
            key: key(selection),
            holds: BRIEFLY,
        };
        self.ask(asked, |now| self.make_overview(selection, now))
            .await
    }

    async fn make_overview(
        &self,
        selection: &Selection,
        now: Now,
    ) -> Result<Overview, MonitorError> {
        let window = self.period(selection, now).await?;
        let previous = window.previous();
        let total = Total::of(&self.measure(selection, window).await?);
        let before = Total::of(&self.measure(selection, previous).await?);
        let card = |figure: fn(&Total) -> Option<f64>| Card::new(figure(&total), figure(&before));
        Ok(Overview {
            window,
            previous,
            cards: Cards {
                total: card(|total| Some(total.count as f64)),
                share_uncertain: card(|total| share(total.uncertain as f64, total.count)),
                over_threshold: card(|total| Some(total.over_width as f64)),
                outside_limits: card(|total| Some(total.uncertain as f64)),
                mean_width: card(|total| total.mean(total.sum_width)),
                mean_prediction: card(|total| total.mean(total.sum_prediction)),
            },
        })
    }
}
