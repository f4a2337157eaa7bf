//! Charts as inline SVG. Text stays text, colours are those of [`tone::Tone`], which the page's style
//! sheet exchanges in the dark.

mod axis;
mod bars;
mod coverage;
mod frame;
mod histogram;
mod intervals;
mod scatter;
mod thin;
mod tone;

pub use frame::DrawError;

pub(super) use bars::{Bar, BarChart};
pub(super) use coverage::{CoverageChart, CoverageMark};
pub(super) use histogram::Histogram;
pub(super) use intervals::IntervalChart;
pub(super) use scatter::{Guide, ScatterChart};
pub(super) use thin::{MAX_INTERVALS, MAX_POINTS};
pub(super) use tone::{Tone, style_sheet};

/// A drawn chart: the SVG's inner elements and its size in CSS pixels.
pub(super) struct Drawing {
    pub(super) elements: String,
    pub(super) view_box: String,
}
