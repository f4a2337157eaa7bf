//! A row in a growing tree with its target, as small as the targets allow.

/// A row and its integer target, a number of steps from 0 on.
pub(super) trait Entry: std::fmt::Debug + Copy + Default + Send + Sync {
    fn new(row: u32, steps: u32) -> Self;

    fn row(self) -> u32;

    fn steps(self) -> u32;

    /// What the row adds to a bin: the steps above `shift` bits that count rows.
    #[inline]
    fn word(self, shift: u32) -> u64 {
        1 + (u64::from(self.steps()) << shift)
    }
}

/// A row whose target is 0 or 1 steps.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SignEntry(u32);

const SIGN: u32 = 1 << 31;

/// Lower bits of a bin that count rows whose targets are signs.
pub(super) const SIGN_SHIFT: u32 = 32;

impl Entry for SignEntry {
    fn new(row: u32, steps: u32) -> Self {
        Self(row | (steps << 31))
    }

    #[inline]
    fn row(self) -> u32 {
        self.0 & !SIGN
    }

    #[inline]
    fn steps(self) -> u32 {
        self.0 >> 31
    }
}

/// A row with any number of steps.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StepEntry {
    row: u32,
    steps: u32,
}

impl Entry for StepEntry {
    fn new(row: u32, steps: u32) -> Self {
        Self { row, steps }
    }

    #[inline]
    fn row(self) -> u32 {
        self.row
    }

    #[inline]
    fn steps(self) -> u32 {
        self.steps
    }
}
