//! The coverage of every pair of estimators, with its 95 % range, against the nominal one.

use super::Drawing;
use super::axis::Axis;
use super::bars::{room_for_names, shortened};
use super::frame::{DrawError, Frame};
use super::tone::Tone;

/// A chart of coverages.
pub(in crate::report) struct CoverageChart {
    /// The pairs, from the top.
    pub(in crate::report) marks: Vec<CoverageMark>,
}

/// The coverage of one pair; all numbers are shares.
pub(in crate::report) struct CoverageMark {
    /// The name of the pair.
    pub(in crate::report) name: String,
    /// The share of rows that is covered.
    pub(in crate::report) coverage: f64,
    /// The range that holds the true coverage with 95 % confidence.
    pub(in crate::report) range: (f64, f64),
    /// The share of rows that should be covered.
    pub(in crate::report) nominal: f64,
}

impl CoverageChart {
    /// Draws the chart.
    pub(in crate::report) fn draw(&self) -> Result<Drawing, DrawError> {
        let shares = self
            .marks
            .iter()
            .flat_map(|mark| [mark.range.0, mark.nominal]);
        let lowest = shares.fold(0.5, f64::min);
        let x = Axis::shares("Coverage (%)", if lowest < 0.5 { 0.0 } else { 0.5 });
        let y = Axis::bare("", (0.0, self.marks.len().max(1) as f64));
        let rows = u32::try_from(self.marks.len())
            .unwrap_or(u32::MAX)
            .clamp(1, 100);
        let frame = Frame {
            width: 450,
            height: 62 + 56 * rows,
            x: &x,
            y: &y,
            names: room_for_names(self.marks.iter().map(|mark| mark.name.as_str())),
        };
        frame.draw(|plot| {
            for (index, mark) in self.marks.iter().enumerate() {
                let y = (self.marks.len() - index) as f64 - 0.5;
                let at = |share: f64| (share, y);
                plot.name(&shortened(&mark.name), y)?;
                plot.line(at(mark.range.0), at(mark.range.1), 12, Tone::Interval)?;
                for end in [mark.range.0, mark.range.1] {
                    plot.line((end, y - 0.12), (end, y + 0.12), 8, Tone::Interval)?;
                }
                plot.dashes((mark.nominal, y - 0.4), (mark.nominal, y + 0.4), Tone::Ink)?;
                plot.dot(at(mark.coverage), 6, Tone::Accent)?;
            }
            Ok(())
        })
    }
}
