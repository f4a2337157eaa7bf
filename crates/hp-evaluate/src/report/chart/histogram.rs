//! How often values fall into bins of a round width.

use super::Drawing;
use super::axis::{Axis, round_step};
use super::frame::{DrawError, Frame};
use super::tone::Tone;

/// A histogram.
pub(in crate::report) struct Histogram {
    /// What is counted, with the unit.
    pub(in crate::report) axis: String,
    /// The values.
    pub(in crate::report) values: Vec<f64>,
}

impl Histogram {
    /// Draws the chart.
    pub(in crate::report) fn draw(&self) -> Result<Drawing, DrawError> {
        let bins = Bins::of(&self.values);
        let tallest = bins.counts.iter().copied().max().unwrap_or(0);
        let x = Axis::between(&self.axis, (bins.edge(0), bins.edge(bins.counts.len())));
        let y = Axis::between("Rows", (0.0, tallest.max(1) as f64 * 1.06));
        let frame = Frame {
            width: 450,
            height: 310,
            x: &x,
            y: &y,
            names: 0,
        };
        frame.draw(|plot| {
            for (index, &count) in bins.counts.iter().enumerate() {
                let (left, right) = (bins.edge(index), bins.edge(index + 1));
                let gap = 0.04 * (right - left);
                if count > 0 {
                    plot.bar((left + gap, 0.0), (right - gap, count as f64), Tone::Accent)?;
                }
            }
            if x.range.0 < 0.0 && 0.0 < x.range.1 {
                plot.dashes((0.0, 0.0), (0.0, y.range.1), Tone::Ink)?;
            }
            Ok(())
        })
    }
}

/// Bins of equal, round width; 0 is an edge whenever it is within.
struct Bins {
    first: f64,
    width: f64,
    counts: Vec<usize>,
}

impl Bins {
    /// About as many bins as the square root of the number of values, 8 to 40.
    fn of(values: &[f64]) -> Self {
        let wanted = (values.len() as f64).sqrt().clamp(8.0, 40.0);
        let (low, high) = Axis::around("", values.iter().copied()).range;
        let width = round_step((high - low) / wanted);
        let first = (low / width).floor();
        let mut counts = vec![0; place(high / width - first) + 1];
        let last = counts.len() - 1;
        for value in values {
            counts[place(value / width - first).min(last)] += 1;
        }
        Self {
            first,
            width,
            counts,
        }
    }

    fn edge(&self, index: usize) -> f64 {
        (self.first + index as f64) * self.width
    }
}

/// The bin of a distance from the first edge, counted in bins; there are at most about 50.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a small range"
)]
fn place(distance: f64) -> usize {
    distance.floor().clamp(0.0, 100.0) as usize
}

#[cfg(test)]
mod tests {
    use super::Bins;

    #[test]
    fn every_value_is_counted_once() {
        for values in [
            vec![1.0, 2.0, 2.5, -3.0],
            vec![0.0; 9],
            vec![1e15, 1e15 + 2.0],
        ] {
            let bins = Bins::of(&values);
            assert_eq!(bins.counts.iter().sum::<usize>(), values.len());
            assert!(bins.edge(0) <= values[0] && values[0] <= bins.edge(bins.counts.len()));
        }
    }
}
