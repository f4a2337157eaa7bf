//! What a model remembers of its training data, so that monitoring can tell whether new rows still
//! look like it without having the data.

use serde::{Deserialize, Serialize};

/// The most values that a [`Distribution`] keeps.
pub const MOST_VALUES: usize = 1_000;

/// A column of whole numbers with at most this many different ones is counted value by value.
pub const FEW_VALUES: usize = 10;

/// The features that a model was fitted on, and how it answered on rows it had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingReference {
    /// The features in the order of the model's matrix, not scaled.
    pub features: Vec<FeatureReference>,
    /// The model's answers on rows that it was not fitted on.
    pub answers: AnswersReference,
}

/// One feature on the training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureReference {
    /// The name in the schema.
    pub name: String,
    /// Its values.
    pub distribution: Distribution,
}

/// How a model answered on rows that it was not fitted on. Its answers on the training rows would
/// be no measure: there it knows the target, and its errors are too small.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswersReference {
    /// Which rows these are.
    pub rows: UnseenRows,
    /// The predictions, in units of the target.
    pub predictions: Distribution,
    /// Upper minus lower limit, negative where they cross.
    pub widths: Distribution,
    /// `|y − ŷ|`, in units of the target.
    pub absolute_errors: Distribution,
    /// The share of rows whose observed value lies within its limits, which are included.
    pub coverage: f64,
}

/// Rows that a model was not fitted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnseenRows {
    /// Every training row, answered by the model of the fold that left it out.
    OutOfFold,
    /// The rows that the split held out.
    HeldOut,
}

/// Observed values and answers `[rows]`.
#[derive(Debug, Clone, Copy)]
pub struct Answers<'a> {
    /// The observed values.
    pub y_true: &'a [f64],
    /// The predictions.
    pub prediction: &'a [f64],
    /// The lower limits.
    pub lower: &'a [f64],
    /// The upper limits.
    pub upper: &'a [f64],
}

/// A column of numbers in brief: its moments, and either all of its values or as many of its
/// quantiles as are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Distribution {
    count: usize,
    missing: usize,
    min: f64,
    max: f64,
    mean: f64,
    std: f64,
    values: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distinct: Option<Vec<ValueCount>>,
}

/// A value and how many rows have it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ValueCount {
    /// The value.
    pub value: f64,
    /// The number of rows, never 0.
    pub rows: usize,
}

/// Why there is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// A column has no finite value.
    #[error("`{0}` has no finite value")]
    NoValues(String),
    /// A column is so large that its moments are not finite.
    #[error("the values of `{0}` are too large for a finite deviation")]
    Overflow(String),
    /// Two series differ in length.
    #[error("`{left}` values do not go with `{right}`")]
    LengthMismatch {
        /// Length of the first series.
        left: usize,
        /// Length of the other.
        right: usize,
    },
    /// A stored distribution contradicts itself.
    #[error("the stored distribution is damaged: {0}")]
    Damaged(&'static str),
}

impl TrainingReference {
    /// Summarises the `features`, each a name and its column `[training rows]`, and the `answers`
    /// on unseen `rows`.
    ///
    /// # Errors
    /// A column without a finite value or with a deviation that is not finite; answers of different
    /// lengths.
    pub fn new(
        features: &[(&str, &[f64])],
        rows: UnseenRows,
        answers: Answers<'_>,
    ) -> Result<Self, ReferenceError> {
        let feature = |&(name, values): &(&str, &[f64])| {
            Ok(FeatureReference {
                name: name.to_owned(),
                distribution: Distribution::of(name, values)?,
            })
        };
        Ok(Self {
            features: features.iter().map(feature).collect::<Result<_, _>>()?,
            answers: AnswersReference::new(rows, answers)?,
        })
    }

    /// The feature called `name`.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<&Distribution> {
        let feature = self.features.iter().find(|feature| feature.name == name)?;
        Some(&feature.distribution)
    }
}

impl AnswersReference {
    /// Summarises `answers` on `rows`.
    ///
    /// # Errors
    /// Different lengths, no finite values, or values too large for a finite deviation.
    pub fn new(rows: UnseenRows, answers: Answers<'_>) -> Result<Self, ReferenceError> {
        let Answers {
            y_true,
            prediction,
            lower,
            upper,
        } = answers;
        let left = y_true.len();
        for right in [prediction.len(), lower.len(), upper.len()] {
            if left != right {
                return Err(ReferenceError::LengthMismatch { left, right });
            }
        }
        let widths: Vec<_> = upper.iter().zip(lower).map(|(up, low)| up - low).collect();
        let errors = y_true.iter().zip(prediction).map(|(y, p)| (y - p).abs());
        let limits = lower.iter().zip(upper);
        let inside = y_true.iter().zip(limits);
        let inside = inside.filter(|&(y, (low, high))| low <= y && y <= high);
        Ok(Self {
            rows,
            predictions: Distribution::of("prediction", prediction)?,
            widths: Distribution::of("width", &widths)?,
            absolute_errors: Distribution::of("absolute error", &errors.collect::<Vec<_>>())?,
            coverage: inside.count() as f64 / left as f64,
        })
    }

    /// The root mean squared error, in units of the target.
    #[must_use]
    pub fn root_mean_squared_error(&self) -> f64 {
        self.absolute_errors.mean.hypot(self.absolute_errors.std)
    }

    /// The mean absolute error, in units of the target.
    #[must_use]
    pub fn mean_absolute_error(&self) -> f64 {
        self.absolute_errors.mean
    }
}

impl Distribution {
    /// Summarises the column `name`; values that are not finite are missing.
    ///
    /// Of more than [`MOST_VALUES`] values those at the middle of equal shares of the sorted column
    /// are kept, so that the result depends on nothing but the values.
    ///
    /// # Errors
    /// No finite value, or a deviation that is not finite.
    pub fn of(name: &str, values: &[f64]) -> Result<Self, ReferenceError> {
        // Adding zero makes one value of the two zeros.
        let finite = values.iter().filter(|value| value.is_finite());
        let mut sorted: Vec<_> = finite.map(|value| value + 0.0).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else {
            return Err(ReferenceError::NoValues(name.to_owned()));
        };
        let count = sorted.len();
        let (mean, std) = moments(&sorted);
        if !(mean.is_finite() && std.is_finite()) {
            return Err(ReferenceError::Overflow(name.to_owned()));
        }
        Ok(Self {
            count,
            missing: values.len() - count,
            min,
            max,
            mean,
            std,
            distinct: few_values(&sorted),
            values: middles(sorted),
        })
    }

    /// The number of finite values it was made from.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The number of values that were missing.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// The smallest value.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.min
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.max
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation `√(Σ(x − mean)² / count)`, as `numpy.std` has it.
    #[must_use]
    pub fn std(&self) -> f64 {
        self.std
    }

    /// The values kept, ascending: all of them, or [`MOST_VALUES`] quantiles.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Every value with its rows, ascending, of a column of few whole numbers or of one value.
    #[must_use]
    pub fn distinct(&self) -> Option<&[ValueCount]> {
        self.distinct.as_deref()
    }
}

/// A distribution as it was stored, by nobody knows whom.
#[derive(Deserialize)]
struct Parts {
    count: usize,
    missing: usize,
    min: f64,
    max: f64,
    mean: f64,
    std: f64,
    values: Vec<f64>,
    #[serde(default)]
    distinct: Option<Vec<ValueCount>>,
}

impl TryFrom<Parts> for Distribution {
    type Error = ReferenceError;

    fn try_from(parts: Parts) -> Result<Self, ReferenceError> {
        parts.check().map_err(ReferenceError::Damaged)?;
        Ok(Self {
            count: parts.count,
            missing: parts.missing,
            min: parts.min,
            max: parts.max,
            mean: parts.mean,
            std: parts.std,
            values: parts.values,
            distinct: parts.distinct,
        })
    }
}

impl Parts {
    fn check(&self) -> Result<(), &'static str> {
        let holds = |condition, otherwise| if condition { Ok(()) } else { Err(otherwise) };
        let moments = [self.min, self.max, self.mean, self.std];
        holds(
            moments.iter().all(|moment| moment.is_finite()) && self.std >= 0.0,
            "a moment is not finite, or the deviation negative",
        )?;
        holds(
            self.values.len() == self.count.min(MOST_VALUES) && self.count > 0,
            "the number of values is not that of the count",
        )?;
        let within = |value: &f64| (self.min..=self.max).contains(value);
        holds(
            self.values.iter().all(within) && self.values.is_sorted(),
            "the values are not ascending between minimum and maximum",
        )?;
        let Some(distinct) = &self.distinct else {
            return Ok(());
        };
        let rows = distinct
            .iter()
            .try_fold(0_usize, |sum, value| sum.checked_add(value.rows));
        holds(
            rows == Some(self.count)
                && distinct.len() <= FEW_VALUES
                && distinct
                    .iter()
                    .all(|entry| within(&entry.value) && entry.rows > 0)
                && distinct.is_sorted_by(|a, b| a.value < b.value),
            "the rows of the distinct values do not add up",
        )
    }
}

/// Mean and standard deviation, without squares of large numbers (Welford, Technometrics 4, 1962).
fn moments(values: &[f64]) -> (f64, f64) {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        count += 1.0;
        let deviation = value - mean;
        mean += deviation / count;
        squares += deviation * (value - mean);
    }
    (mean, (squares / count).sqrt())
}

/// The distinct values of a sorted column if they are few whole numbers, or one of any kind.
fn few_values(sorted: &[f64]) -> Option<Vec<ValueCount>> {
    let mut distinct: Vec<ValueCount> = Vec::new();
    for run in sorted.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
        if distinct.len() == FEW_VALUES {
            return None;
        }
        distinct.push(ValueCount {
            value: run[0],
            rows: run.len(),
        });
    }
    let whole = distinct.iter().all(|entry| entry.value.fract() == 0.0);
    (whole || distinct.len() == 1).then_some(distinct)
}

/// The values at the middle of [`MOST_VALUES`] equal shares, or all if they are no more.
fn middles(sorted: Vec<f64>) -> Vec<f64> {
    let count = sorted.len();
    if count <= MOST_VALUES {
        return sorted;
    }
    let middle = |share| (2 * share + 1) * count / (2 * MOST_VALUES);
    (0..MOST_VALUES)
        .map(|share| sorted[middle(share)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{
        Answers, Distribution, MOST_VALUES, ReferenceError, TrainingReference, UnseenRows,
    };

    fn of(values: &[f64]) -> Distribution {
        Distribution::of("x", values).unwrap()
    }

    #[test]
    fn a_short_column_is_kept_whole_and_a_long_one_by_its_quantiles() {
        let short = of(&[3.0, f64::NAN, 1.5, 2.0]);
        assert_eq!(short.values(), [1.5, 2.0, 3.0]);
        assert_eq!((short.count(), short.missing()), (3, 1));
        let long: Vec<_> = (0..10 * MOST_VALUES).rev().map(|row| row as f64).collect();
        let long = of(&long);
        assert_eq!(long.values().len(), MOST_VALUES);
        assert_eq!((long.values()[0], long.values()[1]), (5.0, 15.0));
        assert_eq!((long.min(), long.max()), (0.0, 9999.0));
        assert_eq!(long.distinct(), None);
    }

    #[test]
    fn few_whole_numbers_are_counted() {
        let counts = |values: &[f64]| -> Option<Vec<(f64, usize)>> {
            let distribution = of(values);
            let distinct = distribution.distinct()?.iter();
            Some(distinct.map(|entry| (entry.value, entry.rows)).collect())
        };
        assert_eq!(counts(&[1.0, 0.0, -0.0]), Some(vec![(0.0, 2), (1.0, 1)]));
        assert_eq!(counts(&[0.1, 0.1]), Some(vec![(0.1, 2)]));
        assert_eq!(counts(&[0.5, 1.0]), None);
        let eleven: Vec<_> = (0..11).map(f64::from).collect();
        assert_eq!(counts(&eleven), None);
        assert!(counts(&eleven[1..]).is_some());
    }

    #[test]
    fn answers_are_summed_up() {
        let answers = Answers {
            y_true: &[1.0, 2.0, 3.0, 4.0],
            prediction: &[1.0, 2.0, 3.0, 8.0],
            lower: &[0.0, 2.0, 4.0, 7.0],
            upper: &[2.0, 3.0, 5.0, 9.0],
        };
        let features: [(&str, &[f64]); 1] = [("RM", &[5.0, 6.0])];
        let reference = TrainingReference::new(&features, UnseenRows::OutOfFold, answers).unwrap();
        assert_eq!(reference.feature("RM").map(Distribution::mean), Some(5.5));
        assert_eq!(reference.feature("LSTAT"), None);
        let unseen = &reference.answers;
        assert!((unseen.coverage - 0.5).abs() < 1e-15);
        assert!((unseen.mean_absolute_error() - 1.0).abs() < 1e-15);
        assert!((unseen.root_mean_squared_error() - 2.0).abs() < 1e-15);
        let text = serde_json::to_string(&reference).unwrap();
        assert_eq!(
            serde_json::from_str::<TrainingReference>(&text).unwrap(),
            reference
        );
        let short = Answers {
            upper: &[],
            ..answers
        };
        let refused = TrainingReference::new(&features, UnseenRows::HeldOut, short);
        assert_eq!(
            refused,
            Err(ReferenceError::LengthMismatch { left: 4, right: 0 })
        );
    }

    #[test]
    fn columns_without_moments_are_refused() {
        let none = Distribution::of("RM", &[f64::NAN]);
        assert_eq!(none, Err(ReferenceError::NoValues("RM".to_owned())));
        let far = Distribution::of("RM", &[f64::MAX, -f64::MAX]);
        assert_eq!(far, Err(ReferenceError::Overflow("RM".to_owned())));
    }

    #[test]
    fn a_damaged_distribution_does_not_load() {
        let text = serde_json::to_string(&of(&[1.0, 2.0, 2.0])).unwrap();
        assert!(serde_json::from_str::<Distribution>(&text).is_ok());
        let damages = [
            ("\"count\":3", "\"count\":4"),
            ("[1.0,2.0,2.0]", "[2.0,1.0,2.0]"),
            ("[1.0,2.0,2.0]", "[1.0,2.0,9.0]"),
            ("\"std\":0", "\"std\":-0"),
            ("\"rows\":2", "\"rows\":18446744073709551615"),
        ];
        for (sound, damaged) in damages {
            assert!(text.contains(sound), "{text}");
            let text = text.replacen(sound, damaged, 1);
            assert!(
                serde_json::from_str::<Distribution>(&text).is_err(),
                "{text}"
            );
        }
    }
}
