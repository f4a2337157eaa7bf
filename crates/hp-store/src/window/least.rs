//! The first few of many, found without keeping or sorting all of them.

/// Keeps the values with the smallest keys. No two keys are equal.
#[derive(Debug)]
pub(crate) struct Least<K, V> {
    most: usize,
    kept: Vec<(K, V)>,
    /// The largest key that is worth keeping, once there are enough.
    bound: Option<K>,
    offered: u64,
}

/// What is kept beyond the number that is asked for, so that few values are not sorted out at every
/// offer.
const SLACK: usize = 1_024;

impl<K: Ord + Copy, V> Least<K, V> {
    /// Keeps at most so many.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            kept: Vec::new(),
            bound: None,
            offered: 0,
        }
    }

    /// Keeps the value if its key is among the smallest.
    pub(crate) fn offer(&mut self, key: K, value: impl FnOnce() -> V) {
        self.offered += 1;
        if self.bound.is_some_and(|bound| bound <= key) {
            return;
        }
        self.kept.push((key, value()));
        if self.kept.len() >= self.most.saturating_mul(2).saturating_add(SLACK) {
            self.shrink();
        }
    }

    /// The values by key without the first `offset`, and how many were offered.
    pub(crate) fn finish(mut self, offset: usize) -> (Vec<V>, u64) {
        self.shrink();
        if offset > 0 {
            let offset = offset.min(self.kept.len());
            if offset < self.kept.len() {
                self.kept
                    .select_nth_unstable_by_key(offset, |(key, _)| *key);
            }
            self.kept.drain(..offset);
        }
        self.kept.sort_unstable_by_key(|(key, _)| *key);
        let values = self.kept.into_iter().map(|(_, value)| value);
        (values.collect(), self.offered)
    }

    fn shrink(&mut self) {
        let Some(last) = self
            .most
            .checked_sub(1)
            .filter(|_| self.most < self.kept.len())
        else {
            return;
        };
        let (_, (largest, _), _) = self.kept.select_nth_unstable_by_key(last, |(key, _)| *key);
        self.bound = Some(*largest);
        self.kept.truncate(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::{Least, SLACK};

    #[test]
    fn the_smallest_are_found_in_any_order() {
        let count = 5 * SLACK;
        // Every number below `count` once, as 7 does not divide it.
        let keys: Vec<_> = (0..count).map(|index| index * 7 % count).collect();
        for (most, offset) in [(1, 0), (10, 3), (10, 10), (10, 11), (2 * count, count - 2)] {
            let mut least = Least::new(most);
            for &key in &keys {
                least.offer(key, || key);
            }
            let expected: Vec<_> = (offset..most.min(count)).collect();
            assert_eq!(least.finish(offset), (expected, count as u64));
        }
    }
}
