//! One mark per row in the plane; uncertain rows have another shape and colour.

use super::Drawing;
use super::axis::Axis;
use super::frame::{DrawError, Frame};
use super::thin::{MAX_POINTS, evenly_spaced};
use super::tone::Tone;

/// A scatter chart.
pub(in crate::report) struct ScatterChart<'a> {
    /// What the x axis measures, with the unit.
    pub(in crate::report) x_title: String,
    /// What the y axis measures, with the unit.
    pub(in crate::report) y_title: String,
    /// The place of every row.
    pub(in crate::report) points: Vec<(f64, f64)>,
    /// Whether a row is uncertain.
    pub(in crate::report) uncertain: &'a [bool],
    /// Where a perfect prediction would be.
    pub(in crate::report) guide: Guide,
}

/// The line on which perfect predictions lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Guide {
    /// Both coordinates are equal; both axes then have the same range.
    Diagonal,
    /// The y coordinate is 0.
    Zero,
}

impl ScatterChart<'_> {
    /// Draws the chart.
    pub(in crate::report) fn draw(&self) -> Result<Drawing, DrawError> {
        let xs = self.points.iter().map(|point| point.0);
        let ys = self.points.iter().map(|point| point.1);
        let (x, y) = match self.guide {
            Guide::Diagonal => (
                Axis::around(&self.x_title, xs.clone().chain(ys.clone())),
                Axis::around(&self.y_title, xs.chain(ys)),
            ),
            Guide::Zero => (
                Axis::around(&self.x_title, xs),
                Axis::around(&self.y_title, ys.chain([0.0])),
            ),
        };
        let frame = Frame {
            width: 450,
            height: 390,
            x: &x,
            y: &y,
            names: 0,
        };
        let drawn = evenly_spaced(self.points.len(), MAX_POINTS);
        let radius = if drawn.len() > 500 { 2 } else { 3 };
        let (uncertain, certain): (Vec<usize>, Vec<usize>) =
            drawn.into_iter().partition(|&row| self.uncertain[row]);
        frame.draw(|plot| {
            let (low, high) = x.range;
            match self.guide {
                Guide::Diagonal => plot.dashes((low, low), (high, high), Tone::Muted)?,
                Guide::Zero => plot.dashes((low, 0.0), (high, 0.0), Tone::Muted)?,
            }
            for row in certain {
                plot.dot(self.points[row], radius, Tone::Accent)?;
            }
            for row in uncertain {
                plot.triangle(self.points[row], radius + 2, Tone::Uncertain)?;
            }
            Ok(())
        })
    }
}
