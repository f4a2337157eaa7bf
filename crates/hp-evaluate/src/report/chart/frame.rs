//! The frame of a chart, two axes with their grid and labels, and the marks drawn into it.

use super::Drawing;
use super::axis::Axis;
use super::tone::Tone;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::{Circle, PathElement, Rectangle, Text, TriangleMarker};
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, TextStyle};

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// The SVG backend failed.
    #[error("the SVG cannot be written")]
    Backend(#[from] DrawingAreaErrorKind<std::io::Error>),
    /// The SVG backend wrote something other than one `<svg>` element.
    #[error("the SVG is not a single element")]
    NotSvg,
}

/// The backend draws at whole coordinates; with several of them to a CSS pixel marks sit where they
/// belong.
const UNIT: i32 = 4;

/// The backend writes a font size divided by this.
const FONT_SCALE: f64 = 1.24;

const FONT_PIXELS: f64 = 12.5;

/// Mean width of a character at the size of labels, in CSS pixels.
pub(super) const CHARACTER: u32 = 7;

/// A chart that is about to be drawn. Lengths are in CSS pixels at the natural size.
pub(super) struct Frame<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) x: &'a Axis,
    pub(super) y: &'a Axis,
    /// Room for names left of the plot, if more is needed than for the labels of the y axis.
    pub(super) names: u32,
}

/// The plot of a chart, into which marks are drawn. Places are in units of the axes.
pub(super) struct Plot<'a, 'b> {
    chart: ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>,
    root: DrawingArea<SVGBackend<'b>, Shift>,
}

type Drawn = Result<(), DrawError>;

impl Frame<'_> {
    /// Draws axes, then the marks of `paint`.
    pub(super) fn draw(
        &self,
        paint: impl FnOnce(&Plot<'_, '_>) -> Drawn,
    ) -> Result<Drawing, DrawError> {
        let unit = UNIT.unsigned_abs();
        let (width, height) = (self.width * unit, self.height * unit);
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
            let plot = self.plot(&root)?;
            self.draw_titles(&plot)?;
            paint(&plot)?;
            root.present()?;
        }
        let inner = svg
            .split_once('>')
            .and_then(|(_, rest)| rest.trim_end().strip_suffix("</svg>"));
        Ok(Drawing {
            elements: inner.ok_or(DrawError::NotSvg)?.to_owned(),
            view_box: format!("0 0 {width} {height}"),
        })
    }

    fn plot<'a, 'b>(
        &self,
        root: &DrawingArea<SVGBackend<'b>, Shift>,
    ) -> Result<Plot<'a, 'b>, DrawError> {
        let labels = u32::try_from(self.y.label_length()).unwrap_or(0) * CHARACTER + 14;
        let top = if self.y.title.is_empty() { 8 } else { 30 };
        let bottom = if self.x.ticks.is_empty() { 8 } else { 26 };
        let bottom = bottom + if self.x.title.is_empty() { 0 } else { 20 };
        let unit = UNIT.unsigned_abs();
        let mut chart = ChartBuilder::on(root)
            .margin_top(top * unit)
            .margin_right(14 * unit)
            .x_label_area_size(bottom * unit)
            .y_label_area_size(labels.max(self.names) * unit)
            .build_cartesian_2d(self.x.clone(), self.y.clone())?;
        chart
            .configure_mesh()
            .bold_line_style(Tone::Grid.color().stroke_width(unit))
            .light_line_style(Tone::Grid.color().mix(0.0))
            .axis_style(Tone::Quiet.color().stroke_width(unit))
            .set_all_tick_mark_size(4 * UNIT)
            .label_style(text_style(Tone::Muted))
            .draw()?;
        Ok(Plot {
            chart,
            root: root.clone(),
        })
    }

    fn draw_titles(&self, plot: &Plot<'_, '_>) -> Drawn {
        let (left, right) = self.x.range;
        let (start, _) = plot.pixel(left, self.y.range.0);
        let (end, _) = plot.pixel(right, self.y.range.0);
        let bottom = (i32::try_from(self.height).unwrap_or(0) - 4) * UNIT;
        let centre = i32::midpoint(start, end);
        let below = Pos::new(HPos::Center, VPos::Bottom);
        plot.write(&self.x.title, (centre, bottom), Tone::Muted, below)?;
        let above = Pos::new(HPos::Left, VPos::Top);
        plot.write(&self.y.title, (2 * UNIT, 2 * UNIT), Tone::Muted, above)
    }
}

impl Plot<'_, '_> {
    /// A dot with a radius of `radius` CSS pixels.
    pub(super) fn dot(&self, place: (f64, f64), radius: i32, tone: Tone) -> Drawn {
        let style = tone.color().mix(0.72).filled();
        self.mark(&Circle::new(place, radius * UNIT, style))
    }

    /// A ring with a radius of `radius` CSS pixels.
    pub(super) fn ring(&self, place: (f64, f64), radius: i32, tone: Tone) -> Drawn {
        let style = tone.color().stroke_width(5);
        self.mark(&Circle::new(place, radius * UNIT, style))
    }

    /// A triangle, about as large as a dot of `radius` CSS pixels.
    pub(super) fn triangle(&self, place: (f64, f64), radius: i32, tone: Tone) -> Drawn {
        let style = tone.color().filled();
        self.mark(&TriangleMarker::new(place, radius * UNIT * 5 / 4, style))
    }

    /// A line of `width` quarters of a CSS pixel.
    pub(super) fn line(&self, from: (f64, f64), to: (f64, f64), width: u32, tone: Tone) -> Drawn {
        let style = tone.color().stroke_width(width);
        self.mark(&PathElement::new([from, to], style))
    }

    /// A dashed line.
    pub(super) fn dashes(&self, from: (f64, f64), to: (f64, f64), tone: Tone) -> Drawn {
        let (start, end) = (self.pixel(from.0, from.1), self.pixel(to.0, to.1));
        let length = f64::from(end.0 - start.0).hypot(f64::from(end.1 - start.1));
        let period = 9.0 * f64::from(UNIT);
        let at = |share: f64| {
            let share = share.min(1.0);
            (
                from.0 + share * (to.0 - from.0),
                from.1 + share * (to.1 - from.1),
            )
        };
        let mut done = 0.0;
        while done < length {
            let dash = (at(done / length), at((done + 0.6 * period) / length));
            self.line(dash.0, dash.1, 5, tone)?;
            done += period;
        }
        Ok(())
    }

    /// A filled rectangle between two corners.
    pub(super) fn bar(&self, corner: (f64, f64), opposite: (f64, f64), tone: Tone) -> Drawn {
        self.mark(&Rectangle::new([corner, opposite], tone.color().filled()))
    }

    /// The name of the category at `y`, left of the plot.
    pub(super) fn name(&self, text: &str, y: f64) -> Drawn {
        let (x, y) = self.pixel(self.chart.x_range().start, y);
        let pos = Pos::new(HPos::Right, VPos::Center);
        self.write(text, (x - 8 * UNIT, y), Tone::Ink, pos)
    }

    /// Text that begins right of `place`.
    pub(super) fn note(&self, text: &str, place: (f64, f64), tone: Tone) -> Drawn {
        let (x, y) = self.pixel(place.0, place.1);
        let pos = Pos::new(HPos::Left, VPos::Center);
        self.write(text, (x + 6 * UNIT, y), tone, pos)
    }

    fn write(&self, text: &str, place: (i32, i32), tone: Tone, pos: Pos) -> Drawn {
        if text.is_empty() {
            return Ok(());
        }
        let style = text_style(tone).pos(pos);
        self.root.draw(&Text::new(text, place, style))?;
        Ok(())
    }

    fn pixel(&self, x: f64, y: f64) -> (i32, i32) {
        self.chart.backend_coord(&(x, y))
    }

    fn mark<E>(&self, element: &E) -> Drawn
    where
        for<'e> &'e E: plotters::element::PointCollection<'e, (f64, f64)>,
        for<'b> E: plotters::element::Drawable<SVGBackend<'b>>,
    {
        self.chart.plotting_area().draw(element)?;
        Ok(())
    }
}

fn text_style(tone: Tone) -> TextStyle<'static> {
    let size = FONT_PIXELS * f64::from(UNIT) * FONT_SCALE;
    ("sans-serif", size).into_font().color(&tone.color())
}
