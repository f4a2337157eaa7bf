//! Where the rows of a node are.

/// The samples of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region {
    pub(super) start: usize,
    pub(super) end: usize,
    /// For a node with sorted rows, where the samples of the node begin that was sorted first.
    pub(super) base: Option<usize>,
}

impl Region {
    /// Number of samples.
    pub(super) fn len(self) -> usize {
        self.end - self.start
    }

    /// The parts of `self` left and right of its first `left` samples.
    pub(super) fn cut(self, left: usize) -> [Region; 2] {
        let middle = self.start + left;
        let mut parts = [self; 2];
        parts[0].end = middle;
        parts[1].start = middle;
        parts
    }
}
