//! Which records of a window come first, and which stand for all of them.

use super::{Least, Point, RankBy, RankQuery};
use crate::id::PredictionId;
use std::cmp::Reverse;
use std::num::NonZeroUsize;

/// The answer to a [`RankQuery`], built from one prediction after the other.
#[derive(Debug)]
pub(crate) struct Ranking<'a, V> {
    query: &'a RankQuery,
    first: Least<Place, V>,
}

/// Where a prediction stands: by rank, and among equals by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rank: u64,
    age: Age,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    NewestFirst(Reverse<PredictionId>),
    OldestFirst(PredictionId),
}

impl<'a, V> Ranking<'a, V> {
    /// Nothing is ranked yet.
    pub(crate) fn new(query: &'a RankQuery) -> Self {
        let most = query.offset.saturating_add(query.limit.get());
        Self {
            query,
            first: Least::new(most),
        }
    }

    /// Ranks a prediction of the window, of which `value` is kept.
    pub(crate) fn rank(&mut self, point: &Point, value: V) {
        let place = Place::of(point, self.query);
        self.first.offer(place, || value);
    }

    /// What is kept of the predictions that are asked for, and how many were ranked.
    pub(crate) fn finish(self) -> (Vec<V>, u64) {
        self.first.finish(self.query.offset)
    }
}

impl Place {
    fn of(point: &Point, query: &RankQuery) -> Self {
        let limits = point.limits();
        let number = match query.by {
            RankBy::Time => 0.0,
            RankBy::Width => limits.interval_width(),
            RankBy::Prediction => limits.prediction,
            RankBy::Lower => limits.lower,
            RankBy::Upper => limits.upper,
            RankBy::Excess => excess(point),
            RankBy::Error => point
                .actual
                .map_or(f64::NAN, |actual| (actual - limits.prediction).abs()),
        };
        let oldest_first = query.by == RankBy::Time && !query.descending;
        Self {
            rank: rank(number, query.descending),
            age: if oldest_first {
                Age::OldestFirst(point.id)
            } else {
                Age::NewestFirst(Reverse(point.id))
            },
        }
    }
}

/// The indices of `size` items of `total`, or of all, as far from each other as can be.
pub(crate) fn spread(total: usize, size: NonZeroUsize) -> impl Iterator<Item = usize> {
    let count = size.get().min(total);
    // The middles of so many parts of equal length; the product may exceed 64 bits.
    let middle = move |index| (2 * index as u128 + 1) * total as u128 / (2 * count as u128);
    (0..count).map(move |index| usize::try_from(middle(index)).unwrap_or(usize::MAX))
}

/// How far the prediction lies outside its limits; NaN if one of the numbers is.
fn excess(point: &Point) -> f64 {
    let below = point.lower - point.prediction;
    let above = point.prediction - point.upper;
    if below.is_nan() || above.is_nan() {
        f64::NAN
    } else {
        below.max(above).max(0.0)
    }
}

/// A number that is ordered as `number` is, or against it; NaN is last.
fn rank(number: f64, descending: bool) -> u64 {
    const SIGN: u64 = 1 << 63;
    if number.is_nan() {
        return u64::MAX;
    }
    // Adding zero takes the sign from −0.
    let bits = (number + 0.0).to_bits();
    let rising = if bits & SIGN == 0 { bits | SIGN } else { !bits };
    if descending { !rising } else { rising }
}

#[cfg(test)]
mod tests {
    use super::{rank, spread};
    use std::num::NonZeroUsize;

    #[test]
    fn ranks_are_ordered_as_numbers() {
        let rising = [
            f64::NEG_INFINITY,
            -2.0,
            -5e-324,
            0.0,
            5e-324,
            1.0,
            f64::INFINITY,
        ];
        let places = |descending| rising.map(|number| rank(number, descending));
        assert!(places(false).is_sorted_by(|a, b| a < b));
        assert!(places(true).is_sorted_by(|a, b| a > b));
        for descending in [false, true] {
            assert_eq!(rank(-0.0, descending), rank(0.0, descending));
            let largest = places(descending).into_iter().max();
            assert!(largest < Some(rank(f64::NAN, descending)));
        }
    }

    #[test]
    fn a_sample_is_spread_evenly() {
        let indices =
            |total, size| -> Vec<_> { spread(total, NonZeroUsize::new(size).unwrap()).collect() };
        assert_eq!(indices(10, 1), [5]);
        assert_eq!(indices(10, 5), [1, 3, 5, 7, 9]);
        assert_eq!(indices(3, 5), [0, 1, 2]);
        assert!(indices(0, 5).is_empty());
        let many = indices(1_000_003, 1_000);
        let steps = many.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(steps.clone().all(|step| step == 1_000 || step == 1_001));
        assert!(many.len() == 1_000 && *many.last().unwrap() < 1_000_003);
    }
}
