//! The rows that an objective is summed over: centred features, ones if there is a constant term,
//! and the target.

use crate::least_squares::Centred;
use crate::tiles::{TILE, Tiles, height};
use std::ops::Range;

/// Rows `[rows, columns + 1]`, the target being the last column.
#[derive(Debug)]
pub(super) enum Design<'a> {
    /// A copy, of whatever columns.
    Copied(Tiles),
    /// The training data where it lies.
    InPlace(Columns<'a>),
}

/// The columns of the training data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns<'a> {
    pub(super) data: &'a Centred<'a>,
    /// Whether a column of ones follows the features.
    pub(super) with_ones: bool,
}

impl Design<'_> {
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Copied(tiles) => tiles.rows(),
            Self::InPlace(columns) => columns.data.rows(),
        }
    }

    /// Number of columns with the target.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Copied(tiles) => tiles.columns(),
            Self::InPlace(columns) => columns.width(),
        }
    }

    /// The tile of `rows`, for which there is `room`.
    pub(super) fn tile<'t>(&'t self, rows: &Range<usize>, room: &'t mut Tiles) -> &'t [f64] {
        match self {
            Self::Copied(tiles) => tiles.tile(rows),
            Self::InPlace(columns) => {
                let tile = room.first_mut(rows.len());
                columns.fill(rows.clone(), tile);
                tile
            }
        }
    }
}

impl Columns<'_> {
    fn width(&self) -> usize {
        self.data.features() + usize::from(self.with_ones) + 1
    }

    /// Writes the columns of `rows` to `tile`.
    fn fill(&self, rows: Range<usize>, tile: &mut [f64]) {
        let (count, height) = (rows.len(), height(rows.len()));
        let before_target = self.data.features() * height;
        let plain = before_target + height;
        self.data.fill(rows, &mut tile[..plain]);
        if self.with_ones {
            let (ones, target) = tile[before_target..].split_at_mut(height);
            target.copy_from_slice(ones);
            ones[..count].fill(1.0);
        }
    }

    /// Copies every `stride`-th tile of [`TILE`] rows.
    pub(super) fn sample(&self, stride: usize) -> Tiles {
        let tiles = (self.data.rows() / TILE).div_ceil(stride);
        Tiles::filled(tiles * TILE, self.width(), |rows, tile| {
            let first = rows.start * stride;
            self.fill(first..first + rows.len(), tile);
        })
    }
}
