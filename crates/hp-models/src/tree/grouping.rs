//! Which neighbouring values of a feature share a group.

/// Goes over the runs of equal values in ascending order and says where a group begins: with every
/// run when there are few, else so that each group has about as many of the values that are left.
#[derive(Debug)]
pub(super) struct Grouping {
    has_few_runs: bool,
    groups_left: usize,
    values_left: usize,
    /// Values for which there is room in the group that is open.
    room: usize,
}

impl Grouping {
    /// Makes at most `most` groups of this many `values` in so many `runs`.
    pub(super) fn new(runs: usize, values: usize, most: usize) -> Self {
        Self {
            has_few_runs: runs <= most,
            groups_left: most,
            values_left: values,
            room: 0,
        }
    }

    /// Whether the next run, of `count` values, begins a group.
    pub(super) fn begins(&mut self, count: usize) -> bool {
        let begins = self.has_few_runs || self.room == 0;
        if begins {
            self.room = self.values_left / self.groups_left.max(1);
            self.groups_left = self.groups_left.saturating_sub(1);
        }
        self.values_left -= count;
        self.room = self.room.saturating_sub(count);
        begins
    }
}
