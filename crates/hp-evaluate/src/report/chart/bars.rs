//! Horizontal bars, one for each name, with the value at the end of the bar.

use super::Drawing;
use super::axis::Axis;
use super::frame::{CHARACTER, DrawError, Frame};
use super::tone::Tone;

/// A chart of horizontal bars.
pub(in crate::report) struct BarChart {
    /// What the length of a bar measures, with the unit.
    pub(in crate::report) axis: String,
    /// The bars, from the top.
    pub(in crate::report) bars: Vec<Bar>,
}

/// One bar.
pub(in crate::report) struct Bar {
    /// Its name.
    pub(in crate::report) name: String,
    /// Its length, at least 0.
    pub(in crate::report) value: f64,
    /// What is written at its end.
    pub(in crate::report) label: String,
    /// Whether it stands out.
    pub(in crate::report) highlighted: bool,
}

const WIDTH: u32 = 450;

/// Longest name that is written in full.
const LONGEST_NAME: usize = 25;

impl BarChart {
    /// Draws the chart.
    pub(in crate::report) fn draw(&self) -> Result<Drawing, DrawError> {
        let longest = self.bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
        let longest = if longest > 0.0 { longest } else { 1.0 };
        let names = room_for_names(self.bars.iter().map(|bar| bar.name.as_str()));
        // The label of the longest bar stands beside it, within the plot.
        let labels = self.bars.iter().map(|bar| bar.label.chars().count()).max();
        let plot = f64::from(WIDTH.saturating_sub(names + 14));
        let labels = f64::from(CHARACTER) * (labels.unwrap_or(0) + 1) as f64;
        let room = plot / (plot - labels).max(60.0);
        let x = Axis::between(&self.axis, (0.0, longest * room)).labelled_to(longest * 1.05);
        let y = Axis::bare("", (0.0, self.bars.len().max(1) as f64));
        let rows = u32::try_from(self.bars.len())
            .unwrap_or(u32::MAX)
            .clamp(1, 100);
        let frame = Frame {
            width: WIDTH,
            height: 62 + if rows > 6 { 25 } else { 38 } * rows,
            x: &x,
            y: &y,
            names,
        };
        frame.draw(|plot| {
            for (index, bar) in self.bars.iter().enumerate() {
                let middle = (self.bars.len() - index) as f64 - 0.5;
                let (tone, ink) = if bar.highlighted {
                    (Tone::Accent, Tone::Ink)
                } else {
                    (Tone::Quiet, Tone::Muted)
                };
                let value = bar.value.max(0.0);
                plot.bar((0.0, middle - 0.31), (value, middle + 0.31), tone)?;
                plot.note(&bar.label, (value, middle), ink)?;
                plot.name(&shortened(&bar.name), middle)?;
            }
            Ok(())
        })
    }
}

/// The room that names take left of a plot, in CSS pixels.
pub(super) fn room_for_names<'a>(names: impl Iterator<Item = &'a str>) -> u32 {
    let longest = names.map(|name| shortened(name).chars().count()).max();
    u32::try_from(longest.unwrap_or(0)).unwrap_or(0) * CHARACTER + 14
}

/// `name`, cut to what there is room for.
pub(super) fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    let kept: String = name.chars().take(LONGEST_NAME - 1).collect();
    kept + "…"
}
