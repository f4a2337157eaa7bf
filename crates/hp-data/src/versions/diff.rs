//! What two versions differ in: rows added, removed, changed and moved, and how columns shifted.
//!
//! Rows have no names, so they are compared as a whole. The k-th of equal rows before is the k-th
//! of them after; the longest run of such pairs that keeps their order stays in place, and the other
//! pairs have moved. What has no partner lies between rows that stay in place; there a row before
//! and a row after with at least half of their cells equal are one changed row. The time is that of
//! sorting.

mod pairing;
mod place;
mod rows;
mod shift;

pub use rows::Rows;
pub use shift::{ColumnShift, Statistics};

use rows::Key;
use std::collections::{HashMap, HashSet};

/// What two versions differ in. Rows are counted from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct RowsDiff {
    /// Rows that are where they were, up to rows added and removed before them.
    pub equal: usize,
    /// Rows that stand elsewhere among the others; nothing else changed about them.
    pub moved: usize,
    /// Rows of the second version only.
    pub added: Vec<usize>,
    /// Rows of the first version only.
    pub removed: Vec<usize>,
    /// Rows of the first version with what became of them in the second.
    pub changed: Vec<(usize, usize)>,
    /// The columns of both, in the order of the first.
    pub columns: Vec<ColumnShift>,
    /// Columns of the second version only.
    pub columns_added: Vec<String>,
    /// Columns of the first version only.
    pub columns_removed: Vec<String>,
}

/// Compares two versions in the columns that both have.
#[must_use]
pub fn diff(before: &Rows, after: &Rows) -> RowsDiff {
    let lacks = |rows: &Rows, name: &&String| !rows.columns().contains(name);
    let columns_added = after.columns().iter().filter(|name| lacks(before, name));
    let columns_removed = before.columns().iter().filter(|name| lacks(after, name));
    let shared = before.columns().iter().filter(|name| !lacks(after, name));
    let shared: Vec<String> = shared.cloned().collect();
    let (first, second) = (before.with_columns(&shared), after.with_columns(&shared));
    let partners = partners(&first, &second);
    let in_place = place::longest_in_order(&partners);
    let matched = partners.iter().flatten().count();
    let mut found = RowsDiff {
        equal: in_place.len(),
        moved: matched - in_place.len(),
        added: Vec::new(),
        removed: Vec::new(),
        changed: Vec::new(),
        columns: Vec::new(),
        columns_added: columns_added.cloned().collect(),
        columns_removed: columns_removed.cloned().collect(),
    };
    let mut has_partner = vec![false; second.n_rows()];
    for &partner in partners.iter().flatten() {
        has_partner[partner] = true;
    }
    let mut start = (0, 0);
    for end in in_place
        .into_iter()
        .chain([(first.n_rows(), second.n_rows())])
    {
        let removed: Vec<_> = (start.0..end.0)
            .filter(|&row| partners[row].is_none())
            .collect();
        let added: Vec<_> = (start.1..end.1).filter(|&row| !has_partner[row]).collect();
        let pairs = pairing::pair((&first, &removed), (&second, &added));
        let (gone, come): (HashSet<_>, HashSet<_>) = pairs.iter().copied().unzip();
        found
            .removed
            .extend(removed.iter().filter(|row| !gone.contains(row)));
        found
            .added
            .extend(added.iter().filter(|row| !come.contains(row)));
        found.changed.extend(pairs);
        start = (end.0 + 1, end.1 + 1);
    }
    found.columns = shift::columns(&first, &second, &found.changed);
    found
}

/// For every row before, the equal row after.
fn partners(before: &Rows, after: &Rows) -> Vec<Option<usize>> {
    let mut places: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
    for row in (0..after.n_rows()).rev() {
        places.entry(after.key(row)).or_default().push(row);
    }
    (0..before.n_rows())
        .map(|row| places.get_mut(&before.key(row))?.pop())
        .collect()
}
