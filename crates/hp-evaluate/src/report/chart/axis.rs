//! A numeric axis: its range and the round numbers it is labelled with.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// A numeric axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// What it measures, with the unit; empty for none.
    pub(super) title: String,
    /// The smallest and the largest value shown; the first is below the second.
    pub(super) range: (f64, f64),
    /// The labelled values.
    pub(super) ticks: Vec<f64>,
    /// The distance of two labelled values.
    step: f64,
    /// Whether labels are in percent.
    percent: bool,
}

impl Axis {
    /// An axis on which all of `values` lie, with a little room around.
    pub(super) fn around(title: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            range = (range.0.min(value), range.1.max(value));
        }
        let (low, high) = if range.0 <= range.1 {
            range
        } else {
            (0.0, 1.0)
        };
        let tiny = (low.abs().max(high.abs()) * 1e-9).max(1e-150);
        let room = if high - low > tiny {
            0.04 * (high - low)
        } else {
            (0.05 * high.abs())
                .max(1e-100)
                .max(if high == 0.0 { 1.0 } else { 0.0 })
        };
        Self::between(title, (low - room, high + room))
    }

    /// An axis from `range.0` to `range.1`.
    pub(super) fn between(title: &str, range: (f64, f64)) -> Self {
        let step = round_step((range.1 - range.0) / 6.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, and the count is limited"
        )]
        let first = (range.0 / step).ceil() as i64;
        let ticks = (0..20)
            .map(|index| first.saturating_add(index) as f64 * step)
            .take_while(|tick| *tick <= range.1 + 1e-9 * step)
            .collect();
        Self {
            title: title.to_owned(),
            range,
            ticks,
            step,
            percent: false,
        }
    }

    /// An axis of shares from `low` to 1, labelled in percent.
    pub(super) fn shares(title: &str, low: f64) -> Self {
        Self {
            percent: true,
            ..Self::between(title, (low, 1.0))
        }
    }

    /// An axis without labelled values, for places in a list.
    pub(super) fn bare(title: &str, range: (f64, f64)) -> Self {
        Self {
            ticks: Vec::new(),
            ..Self::between(title, range)
        }
    }

    /// The axis without the labels above `limit`.
    pub(super) fn labelled_to(mut self, limit: f64) -> Self {
        self.ticks.retain(|tick| *tick <= limit);
        self
    }

    /// The label of a value.
    pub(super) fn label(&self, value: f64) -> String {
        let (value, step) = if self.percent {
            (100.0 * value, 100.0 * self.step)
        } else {
            (value, self.step)
        };
        let text = if value != 0.0 && !(1e-4..1e6).contains(&step) {
            format!("{value:.2e}")
        } else {
            let decimals = (0..6).find(|&decimals| is_whole(step * 10f64.powi(decimals)));
            let decimals = usize::try_from(decimals.unwrap_or(6)).unwrap_or(0);
            format!("{value:.decimals$}")
        };
        // The typographic minus is as wide as a digit; a rounded zero has no sign.
        let sign = if is_zero(&text) { "" } else { "−" };
        text.replace('-', sign)
    }

    /// The number of characters of the longest label.
    pub(super) fn label_length(&self) -> usize {
        let lengths = self
            .ticks
            .iter()
            .map(|&tick| self.label(tick).chars().count());
        lengths.max().unwrap_or(0)
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let share = (value - self.range.0) / (self.range.1 - self.range.0);
        let place = f64::from(start) + share * f64::from(end - start);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, far outside the picture"
        )]
        let place = place.round() as i32;
        place
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.0..self.range.1
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(value: &f64) -> String {
        value.to_string()
    }

    fn format_ext(&self, value: &f64) -> String {
        self.label(*value)
    }
}

/// The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `wanted`.
pub(super) fn round_step(wanted: f64) -> f64 {
    let wanted = if wanted.is_finite() && wanted > 1e-300 {
        wanted
    } else {
        1.0
    };
    let power = 10f64.powf(wanted.log10().floor());
    let factors = [1.0, 2.0, 2.5, 5.0, 10.0];
    let factor = factors
        .into_iter()
        .find(|factor| factor * power >= wanted * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

fn is_whole(value: f64) -> bool {
    (value - value.round()).abs() < 1e-6 * value.abs().max(1e-6)
}

fn is_zero(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '-' | '0' | '.'))
}

#[cfg(test)]
mod tests {
    use super::{Axis, round_step};

    #[test]
    fn steps_are_round() {
        let steps = [0.7, 1.0, 1.1, 2.2, 30.0, 7000.0].map(|wanted| round_step(wanted).to_string());
        assert_eq!(steps, ["1", "1", "2", "2.5", "50", "10000"]);
    }

    #[test]
    fn labels_have_the_decimals_of_the_step() {
        let axis = Axis::between("", (-0.5, 1.0));
        let labels: Vec<_> = axis.ticks.iter().map(|&tick| axis.label(tick)).collect();
        assert_eq!(
            labels,
            ["−0.50", "−0.25", "0.00", "0.25", "0.50", "0.75", "1.00"]
        );
    }

    #[test]
    fn shares_are_labelled_in_percent() {
        let axis = Axis::shares("", 0.5);
        let labels: Vec<_> = axis.ticks.iter().map(|&tick| axis.label(tick)).collect();
        assert_eq!(labels, ["50", "60", "70", "80", "90", "100"]);
    }

    #[test]
    fn any_values_fit() {
        for values in [
            vec![],
            vec![0.0],
            vec![5.0, 5.0],
            vec![1e150, -1e150],
            vec![1e15, 1e15 + 1.0],
            vec![1e-200, 2e-200],
        ] {
            let axis = Axis::around("", values.clone());
            assert!(axis.range.0 < axis.range.1, "{values:?} {axis:?}");
            assert!(
                values
                    .iter()
                    .all(|v| axis.range.0 <= *v && *v <= axis.range.1),
                "{values:?}"
            );
            assert!(axis.ticks.len() <= 20, "{values:?}");
        }
    }
}
