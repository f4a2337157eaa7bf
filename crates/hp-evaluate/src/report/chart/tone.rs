//! The colours of charts, each with its place in the light and in the dark.

use plotters::style::RGBColor;

/// A colour by its purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Tone {
    /// Text that must be read.
    Ink,
    /// Text and marks that accompany.
    Muted,
    /// Lines of the grid.
    Grid,
    /// The marks a chart is about; the best bar.
    Accent,
    /// The other bars.
    Quiet,
    /// The intervals of certain rows.
    Interval,
    /// Uncertain rows.
    Uncertain,
}

impl Tone {
    const ALL: [Self; 7] = [
        Self::Ink,
        Self::Muted,
        Self::Grid,
        Self::Accent,
        Self::Quiet,
        Self::Interval,
        Self::Uncertain,
    ];

    /// The name of the style sheet's variable.
    pub(in crate::report) fn name(self) -> &'static str {
        match self {
            Self::Ink => "ink",
            Self::Muted => "muted",
            Self::Grid => "grid",
            Self::Accent => "accent",
            Self::Quiet => "quiet",
            Self::Interval => "interval",
            Self::Uncertain => "uncertain",
        }
    }

    /// The colour that charts are drawn in, which is the light one; each is different.
    pub(super) fn color(self) -> RGBColor {
        let [red, green, blue] = self.light();
        RGBColor(red, green, blue)
    }

    fn light(self) -> [u8; 3] {
        match self {
            Self::Ink => [0x1b, 0x1f, 0x27],
            Self::Muted => [0x5b, 0x64, 0x72],
            Self::Grid => [0xe3, 0xe6, 0xeb],
            Self::Accent => [0x1f, 0x5f, 0xc4],
            Self::Quiet => [0xa9, 0xb6, 0xca],
            Self::Interval => [0x9d, 0xbd, 0xea],
            Self::Uncertain => [0xc8, 0x4b, 0x0c],
        }
    }

    fn dark(self) -> [u8; 3] {
        match self {
            Self::Ink => [0xe9, 0xec, 0xf1],
            Self::Muted => [0x9d, 0xa8, 0xb8],
            Self::Grid => [0x2d, 0x34, 0x40],
            Self::Accent => [0x6f, 0xa8, 0xff],
            Self::Quiet => [0x55, 0x62, 0x77],
            Self::Interval => [0x3d, 0x5f, 0x93],
            Self::Uncertain => [0xff, 0x95, 0x5c],
        }
    }
}

/// The part of the style sheet that names the colours, and exchanges them in charts.
pub(in crate::report) fn style_sheet() -> String {
    let variables = |color: fn(Tone) -> [u8; 3]| {
        let lines = Tone::ALL.map(|tone| format!("--{}:{};", tone.name(), hex(color(tone))));
        lines.concat()
    };
    let exchange = Tone::ALL.map(|tone| {
        let name = tone.name();
        let drawn = hex(tone.light());
        format!(
            "svg [fill=\"{drawn}\"]{{fill:var(--{name})}}\n\
             svg [stroke=\"{drawn}\"]{{stroke:var(--{name})}}\n"
        )
    });
    format!(
        ":root{{{}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}\n{}",
        variables(Tone::light),
        variables(Tone::dark),
        exchange.concat()
    )
}

/// The colour as the SVG backend writes it, which the style sheet's selectors must match.
fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}
