//! Everything that is known of a period, at once: for the command line, and as a page to keep.

mod html;

use crate::view::{Freshness, Settings};
use crate::view::{
    Inputs, Monitor, MonitorError, Outcomes, Overview, Period, Selection, Uncertain,
};
use serde::Serialize;

/// What is known of a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The name of the data set.
    pub title: String,
    /// The unit of the target; empty if there is none.
    pub unit: String,
    /// The period.
    pub window: Period,
    /// The interval width above which a prediction is doubtful.
    pub threshold: f64,
    /// How fresh the figures are.
    pub freshness: Freshness,
    /// The figures.
    pub overview: Overview,
    /// The rows beside those of the training.
    pub inputs: Inputs,
    /// How good the predictions were.
    pub outcomes: Outcomes,
    /// Which inputs go with uncertain predictions.
    pub uncertain: Uncertain,
}

impl Report {
    /// Asks for everything about `selection`.
    ///
    /// # Errors
    /// The store or the models cannot be read.
    pub async fn new(monitor: &Monitor, selection: &Selection) -> Result<Self, MonitorError> {
        let overview = monitor.overview(selection).await?;
        // The others are asked about the very same period, whatever is written meanwhile.
        let selection = Selection {
            time: overview.window.exactly(),
            ..selection.clone()
        };
        let settings: Settings = (*monitor.settings().await?).clone();
        Ok(Self {
            title: settings.title,
            unit: settings.target.unit,
            window: overview.window,
            threshold: selection.threshold,
            freshness: overview.freshness.clone(),
            inputs: (*monitor.inputs(&selection).await?).clone(),
            outcomes: (*monitor.outcomes(&selection).await?).clone(),
            uncertain: (*monitor.uncertain(&selection).await?).clone(),
            overview: (*overview).clone(),
        })
    }

    /// The report as a page of its own, without scripts.
    #[must_use]
    pub fn html(&self) -> String {
        html::page(self)
    }
}
