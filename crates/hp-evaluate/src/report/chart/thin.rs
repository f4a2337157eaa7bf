//! Which rows are drawn when there are more than the eye can tell apart.

/// Most points of a scatter chart.
pub(in crate::report) const MAX_POINTS: usize = 2000;

/// Most intervals of an interval chart.
pub(in crate::report) const MAX_INTERVALS: usize = 600;

/// At most `limit` of the places `0..count`, evenly spaced, the first and the last among them.
pub(super) fn evenly_spaced(count: usize, limit: usize) -> Vec<usize> {
    if count <= limit || limit < 2 {
        return (0..count.min(limit)).collect();
    }
    let spaces = (limit - 1) as u128;
    let last = (count - 1) as u128;
    (0..limit as u128)
        .filter_map(|index| usize::try_from(index * last / spaces).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::evenly_spaced;

    #[test]
    fn keeps_both_ends() {
        assert_eq!(evenly_spaced(3, 5), [0, 1, 2]);
        assert_eq!(evenly_spaced(9, 3), [0, 4, 8]);
        assert_eq!(evenly_spaced(0, 3), [0usize; 0]);
        let many = evenly_spaced(100_000, 2000);
        assert_eq!((many.len(), many[0], many[1999]), (2000, 0, 99_999));
    }
}
