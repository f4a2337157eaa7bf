//! Why a model could not be fitted.

/// Why a model could not be fitted. Nothing of it is left behind.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// There is not a single training row.
    #[error("there are no training rows")]
    NoRows,
    /// There is not a single feature.
    #[error("there are no features")]
    NoFeatures,
    /// The matrix and the target differ in length.
    #[error("{rows} rows of features but {targets} targets")]
    LengthMismatch {
        /// Rows of the matrix.
        rows: usize,
        /// Length of the target.
        targets: usize,
    },
    /// A feature is NaN or infinite.
    #[error("feature {column} of training row {row} is not finite")]
    FeatureNotFinite {
        /// 0-based row.
        row: usize,
        /// 0-based column.
        column: usize,
    },
    /// A target is NaN or infinite.
    #[error("the target of training row {row} is not finite")]
    TargetNotFinite {
        /// 0-based row.
        row: usize,
    },
    /// A parameter does not fit the data (what does not depend on data is checked before).
    #[error("`{parameter}` {problem}")]
    Parameter {
        /// scikit-learn's name of the parameter.
        parameter: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The numbers overflowed or a matrix could not be decomposed.
    #[error("the fit failed numerically: {0}")]
    Numerical(String),
    /// [`Progress`](crate::Progress) asked to stop.
    #[error("the fit was interrupted")]
    Interrupted,
}
