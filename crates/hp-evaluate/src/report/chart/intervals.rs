//! Every row's interval with its prediction and the observed value, in the order of the predictions.

use super::Drawing;
use super::axis::Axis;
use super::frame::{DrawError, Frame};
use super::thin::{MAX_INTERVALS, evenly_spaced};
use super::tone::Tone;
use hp_core::prediction::Prediction;

/// A chart of intervals.
pub(in crate::report) struct IntervalChart<'a> {
    /// What is predicted, with the unit.
    pub(in crate::report) axis: String,
    /// The observed values.
    pub(in crate::report) y_true: &'a [f64],
    /// The predictions of the served trio.
    pub(in crate::report) predictions: &'a [Prediction],
}

impl IntervalChart<'_> {
    /// Draws the chart.
    pub(in crate::report) fn draw(&self) -> Result<Drawing, DrawError> {
        let rows = self.drawn_rows();
        let limits = self
            .predictions
            .iter()
            .flat_map(|row| [row.lower, row.prediction, row.upper]);
        let y = Axis::around(&self.axis, limits.chain(self.y_true.iter().copied()));
        let count = rows.len() as f64;
        let x = Axis::bare("Rows, sorted by prediction", (-1.0, count));
        let frame = Frame {
            width: 1060,
            height: 420,
            x: &x,
            y: &y,
            names: 0,
        };
        // The more intervals, the thinner: they must not merge into an area.
        let (width, radius) = match rows.len() {
            0..=150 => (14, 3),
            151..=300 => (8, 2),
            _ => (4, 1),
        };
        frame.draw(|plot| {
            for (place, &row) in rows.iter().enumerate() {
                let place = place as f64;
                let limits = self.predictions[row];
                let tone = if limits.is_uncertain() {
                    Tone::Uncertain
                } else {
                    Tone::Interval
                };
                plot.line((place, limits.lower), (place, limits.upper), width, tone)?;
            }
            for (place, &row) in rows.iter().enumerate() {
                plot.ring((place as f64, self.y_true[row]), radius, Tone::Muted)?;
            }
            for (place, &row) in rows.iter().enumerate() {
                let limits = self.predictions[row];
                let place = (place as f64, limits.prediction);
                if limits.is_uncertain() {
                    plot.triangle(place, radius + 3, Tone::Uncertain)?;
                } else {
                    plot.dot(place, radius, Tone::Accent)?;
                }
            }
            Ok(())
        })
    }

    fn drawn_rows(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.predictions.len()).collect();
        let predicted = |row: &usize| self.predictions[*row].prediction;
        rows.sort_by(|a, b| predicted(a).total_cmp(&predicted(b)));
        let drawn = evenly_spaced(rows.len(), MAX_INTERVALS);
        drawn.into_iter().map(|place| rows[place]).collect()
    }
}
