//! Why features could not be prepared.

/// Why features could not be prepared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FeatureError {
    /// One of the two sides of the split would be empty.
    #[error(
        "{rows} rows cannot be split with `test_size` {test_size}: {train} training and {test} test rows"
    )]
    EmptySplit {
        /// Rows of the data set.
        rows: usize,
        /// Share of test rows asked for.
        test_size: f64,
        /// Training rows it would give.
        train: usize,
        /// Test rows it would give.
        test: usize,
    },
    /// More folds than rows, or fewer than two.
    #[error("{rows} training rows cannot be divided into {folds} cross-validation folds")]
    Folds {
        /// Training rows.
        rows: usize,
        /// Folds asked for.
        folds: usize,
    },
    /// A scaler cannot be fitted on nothing.
    #[error("a scaler cannot be fitted without rows")]
    NoRows,
    /// The numbers of a column are too large for their mean and deviation.
    #[error("column `{column}` cannot be scaled: its mean or deviation overflows")]
    Overflow {
        /// The column.
        column: String,
    },
    /// The parts of a stored preprocessor do not fit together.
    #[error("the preprocessor is inconsistent: {0}")]
    Inconsistent(&'static str),
}
