//! The fitted preprocessing: which features are scaled, and by what.

use crate::error::FeatureError;
use crate::scaler::StandardScaler;
use hp_core::schema::{DType, Schema};
use hp_core::table::Table;
use ndarray::{Array2, ArrayView2};

/// Turns raw features into model input: float features scaled, integer features as they are, in
/// the schema's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Preprocessor {
    n_features: usize,
    /// Positions of the scaled features, ascending.
    scaled: Vec<usize>,
    scaler: StandardScaler,
}

impl Preprocessor {
    /// Fits the scaler on the float features of the training rows `x` `[rows, features]`.
    ///
    /// # Errors
    /// When there is no row, or a column overflows.
    pub fn fit(schema: &Schema, x: ArrayView2<'_, f64>) -> Result<Self, FeatureError> {
        let is_float = |&index: &usize| schema.features[index].dtype == DType::Float;
        let scaled: Vec<usize> = (0..schema.features.len()).filter(is_float).collect();
        let columns: Vec<Vec<f64>> = scaled.iter().map(|&i| x.column(i).to_vec()).collect();
        let names = scaled.iter().map(|&i| schema.features[i].name.as_str());
        let scaler = StandardScaler::fit(names.zip(columns.iter().map(Vec::as_slice)))?;
        Ok(Self {
            n_features: schema.features.len(),
            scaled,
            scaler,
        })
    }

    /// Puts a preprocessor together from stored parts.
    ///
    /// # Errors
    /// When the parts do not fit together.
    pub fn from_parts(
        n_features: usize,
        scaled: Vec<usize>,
        scaler: StandardScaler,
    ) -> Result<Self, FeatureError> {
        let ascending = scaled.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || scaled.last().is_some_and(|&last| last >= n_features) {
            return Err(FeatureError::Inconsistent(
                "scaled features are out of order",
            ));
        }
        if scaler.mean.len() != scaled.len() || scaler.scale.len() != scaled.len() {
            return Err(FeatureError::Inconsistent(
                "scaler and features differ in length",
            ));
        }
        let usable = |&scale: &f64| scale.is_finite() && scale > 0.0;
        if !scaler.mean.iter().all(|mean| mean.is_finite()) || !scaler.scale.iter().all(usable) {
            return Err(FeatureError::Inconsistent("the scaler is not finite"));
        }
        Ok(Self {
            n_features,
            scaled,
            scaler,
        })
    }

    /// Number of features of a row.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Positions of the scaled features, ascending.
    #[must_use]
    pub fn scaled_features(&self) -> &[usize] {
        &self.scaled
    }

    /// The fitted scaler, in the order of [`scaled_features`](Self::scaled_features).
    #[must_use]
    pub fn scaler(&self) -> &StandardScaler {
        &self.scaler
    }

    /// Scales one row `[features]` in place.
    ///
    /// # Panics
    /// When the row has not [`n_features`](Self::n_features) values.
    pub fn transform_row(&self, row: &mut [f64]) {
        assert_eq!(row.len(), self.n_features, "features of the row");
        for (column, &feature) in self.scaled.iter().enumerate() {
            row[feature] = self.scaler.transform(column, row[feature]);
        }
    }

    /// Scales every row of `x` `[rows, features]`.
    ///
    /// # Panics
    /// When `x` has not [`n_features`](Self::n_features) columns.
    #[must_use]
    pub fn transform(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        assert_eq!(x.ncols(), self.n_features, "features of the matrix");
        let mut x = x.to_owned();
        for (column, &feature) in self.scaled.iter().enumerate() {
            x.column_mut(feature)
                .mapv_inplace(|value| self.scaler.transform(column, value));
        }
        x
    }
}

/// The features of a table as a matrix `[rows, features]` in row-major order, restricted to `rows`
/// and in their order.
#[must_use]
pub fn feature_matrix(table: &Table, rows: &[usize]) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), table.features.len()), |(row, feature)| {
        table.features[feature][rows[row]]
    })
}
