//! Which rows stay in place when others are added, removed and moved.

/// The longest choice of pairs (row before, row after) in which both sides grow, from the partner of
/// each row before; Fredman's algorithm, in time n log n.
pub(super) fn longest_in_order(partners: &[Option<usize>]) -> Vec<(usize, usize)> {
    // The row before that ends the best run of each length, and the row before it in its run.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; partners.len()];
    for (row, partner) in partners.iter().enumerate() {
        let Some(partner) = *partner else { continue };
        let length = ends.partition_point(|&end| partners[end] < Some(partner));
        previous[row] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(row);
        } else {
            ends[length] = row;
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(row) = next {
        run.extend(partners[row].map(|partner| (row, partner)));
        next = previous[row];
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::longest_in_order;

    #[test]
    fn a_moved_row_is_the_only_one_left_out() {
        let partners = [Some(4), Some(0), None, Some(1), Some(2), Some(5)];
        let expected = [(1, 0), (3, 1), (4, 2), (5, 5)];
        assert_eq!(longest_in_order(&partners), expected);
        assert_eq!(longest_in_order(&[]), []);
    }
}
