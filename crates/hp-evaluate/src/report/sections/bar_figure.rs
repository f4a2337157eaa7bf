//! Bar charts as figures: the values are told in words too.

use super::drawn;
use crate::report::ReportError;
use crate::report::chart::{Bar, BarChart};
use crate::report::html::{Figure, Key};

/// A bar chart and what is said about it.
pub(super) struct BarFigure {
    /// Its title.
    pub(super) title: String,
    /// What it shows.
    pub(super) caption: String,
    /// What the length of a bar measures, with the unit.
    pub(super) axis: String,
    /// The bars, from the top.
    pub(super) bars: Vec<Bar>,
    /// What their colours mean.
    pub(super) legend: Vec<Key>,
}

impl BarFigure {
    /// Draws the chart.
    pub(super) fn draw(self) -> Result<Figure, ReportError> {
        let values = self
            .bars
            .iter()
            .map(|bar| format!("{}: {}", bar.name, bar.label));
        let description = values.collect::<Vec<_>>().join("; ");
        let chart = BarChart {
            axis: self.axis,
            bars: self.bars,
        };
        Ok(Figure {
            drawing: drawn(&self.title, chart.draw())?,
            title: self.title,
            caption: self.caption,
            description,
            legend: self.legend,
            wide: false,
        })
    }
}
