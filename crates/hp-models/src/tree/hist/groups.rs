//! The groups of neighbouring values that a feature is coded by.

use super::MAX_GROUPS;
use crate::tree::grouping::Grouping;

/// The groups of one feature in ascending order.
#[derive(Debug)]
pub(super) struct Groups {
    /// Smallest value of each group.
    lower: Vec<f32>,
    /// Largest value of each group.
    upper: Vec<f32>,
    /// The threshold between each group and the next, then infinity.
    edges: [f32; MAX_GROUPS],
}

impl Groups {
    /// Groups `values`, which are not empty and ascend: each distinct value by itself when there are
    /// at most `most`, else into `most` groups of about as many values each.
    pub(super) fn new(values: &[f32], most: usize) -> Self {
        let runs = values.chunk_by(|a, b| b <= a);
        let n_runs = runs.clone().take(most + 1).count();
        let mut grouping = Grouping::new(n_runs, values.len(), most);
        let mut groups = Self {
            lower: Vec::new(),
            upper: Vec::new(),
            edges: [f32::INFINITY; MAX_GROUPS],
        };
        for run in runs {
            let value = run[0];
            if grouping.begins(run.len()) {
                groups.lower.push(value);
                groups.upper.push(value);
            }
            let last = groups.upper.len() - 1;
            groups.upper[last] = value;
        }
        for group in 1..groups.lower.len() {
            groups.edges[group - 1] = groups.threshold(group - 1, group);
        }
        groups
    }

    pub(super) fn len(&self) -> usize {
        self.lower.len()
    }

    /// The group of `value`: how many thresholds lie below it.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "there are no more than 256 groups"
    )]
    #[inline]
    pub(super) fn code(&self, value: f32) -> u8 {
        let mut code = 0;
        let mut step = MAX_GROUPS / 2;
        while step > 0 {
            let edge = self.edges[(code + step - 1) % MAX_GROUPS];
            code += step * usize::from(edge < value);
            step /= 2;
        }
        code as u8
    }

    /// The midpoint between two groups as f32, rounded towards −∞: rows go the same way as with an
    /// f64 threshold.
    #[allow(clippy::cast_possible_truncation, reason = "rounding is the purpose")]
    pub(super) fn threshold(&self, below: usize, above: usize) -> f32 {
        let low = f64::from(self.upper[below]);
        let high = f64::from(self.lower[above]);
        let midpoint = f64::midpoint(low, high);
        let rounded = midpoint as f32;
        if f64::from(rounded) > midpoint {
            rounded.next_down()
        } else {
            rounded
        }
    }
}

/// Trees see `value` rounded to f32, and as the largest one of its sign when it is beyond all.
#[allow(clippy::cast_possible_truncation, reason = "rounding is the purpose")]
#[inline]
pub(super) fn rounded(value: f64) -> f32 {
    (value as f32).clamp(f32::MIN, f32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_a_group_each() {
        let groups = Groups::new(&[-1.0, -0.0, 0.0, 3.0, 3.0, f32::MAX], 4);
        assert_eq!(groups.lower, [-1.0, -0.0, 3.0, f32::MAX]);
        assert_eq!(groups.upper, groups.lower);
        for (value, code) in [(-9.0, 0), (-0.5, 0), (-0.4, 1), (3.0, 2), (1e300, 3)] {
            assert_eq!(groups.code(rounded(value)), code, "{value}");
        }
    }

    #[test]
    fn many_values_share_groups_evenly() {
        let values: Vec<f32> = (0..10_000_u16).map(f32::from).collect();
        for most in [2, 3, 100, 256] {
            let groups = Groups::new(&values, most);
            assert_eq!(groups.len(), most);
            let mut counts = vec![0; most];
            for &value in &values {
                counts[usize::from(groups.code(value))] += 1;
            }
            let even = values.len() / most;
            assert!(
                counts
                    .iter()
                    .all(|&count| count == even || count == even + 1),
                "{counts:?}"
            );
        }
    }

    #[test]
    fn a_frequent_value_leaves_the_groups_to_the_others() {
        let mut values = vec![0.0; 9000];
        values.extend((1..=1000_u16).map(f32::from));
        let groups = Groups::new(&values, 101);
        assert_eq!(groups.len(), 101);
        assert_eq!((groups.lower[0], groups.upper[0]), (0.0, 0.0));
        assert_eq!((groups.lower[1], groups.upper[1]), (1.0, 10.0));
    }
}
