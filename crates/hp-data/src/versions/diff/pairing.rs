//! Which of the rows without partner are one row that was changed.

use super::rows::Rows;

/// Most combinations of rows that are compared; beyond, rows are paired in their order.
const MOST_COMBINATIONS: usize = 10_000;

/// Pairs some rows of one place, given as tables with row numbers, in an order that both keep, so
/// that as many cells as possible are equal. Rows with less than half of their cells equal are no
/// pair.
pub(super) fn pair(
    (before, removed): (&Rows, &[usize]),
    (after, added): (&Rows, &[usize]),
) -> Vec<(usize, usize)> {
    let resemblance = |gone: usize, come: usize| {
        let cells = before.row(gone).iter().zip(after.row(come));
        let equal = cells.filter(|(a, b)| a.to_bits() == b.to_bits()).count();
        (equal > 0 && 2 * equal >= before.columns().len()).then_some(equal)
    };
    if removed.len().saturating_mul(added.len()) > MOST_COMBINATIONS {
        let pairs = removed.iter().copied().zip(added.iter().copied());
        return pairs
            .filter(|&(gone, come)| resemblance(gone, come).is_some())
            .collect();
    }
    // The most equal cells of the rows from `i` and `j` on, at `i * width + j`.
    let width = added.len() + 1;
    let mut best = vec![0; (removed.len() + 1) * width];
    for i in (0..removed.len()).rev() {
        for j in (0..added.len()).rev() {
            let together = resemblance(removed[i], added[j])
                .map_or(0, |equal| equal + best[(i + 1) * width + j + 1]);
            let apart = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            best[i * width + j] = together.max(apart);
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < removed.len() && j < added.len() {
        let here = best[i * width + j];
        if resemblance(removed[i], added[j])
            .is_some_and(|equal| equal + best[(i + 1) * width + j + 1] == here)
        {
            pairs.push((removed[i], added[j]));
            (i, j) = (i + 1, j + 1);
        } else if best[(i + 1) * width + j] == here {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}
