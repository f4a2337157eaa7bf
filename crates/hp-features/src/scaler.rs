//! Standard scaling: each column to mean 0 and deviation 1.

use crate::error::FeatureError;

/// Means and deviations of columns, as fitted on training rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StandardScaler {
    /// Mean of each column.
    pub mean: Vec<f64>,
    /// Population deviation of each column; 1 where the column is constant.
    pub scale: Vec<f64>,
}

impl StandardScaler {
    /// Fits on `columns`, each with its name and values `[rows]`.
    ///
    /// # Errors
    /// When there is no row, or a mean or deviation is not finite.
    pub fn fit<'a>(
        columns: impl IntoIterator<Item = (&'a str, &'a [f64])>,
    ) -> Result<Self, FeatureError> {
        let mut scaler = Self::default();
        for (name, values) in columns {
            let (mean, scale) = moments(values)?;
            if !mean.is_finite() || !scale.is_finite() {
                return Err(FeatureError::Overflow {
                    column: name.to_owned(),
                });
            }
            scaler.mean.push(mean);
            scaler.scale.push(scale);
        }
        Ok(scaler)
    }

    /// The scaled value of column `column`.
    #[must_use]
    pub fn transform(&self, column: usize, value: f64) -> f64 {
        (value - self.mean[column]) / self.scale[column]
    }

    /// The value of column `column` whose scaled value is `scaled`.
    #[must_use]
    pub fn inverse_transform(&self, column: usize, scaled: f64) -> f64 {
        scaled * self.scale[column] + self.mean[column]
    }
}

/// Mean and population deviation, the deviation of a constant column being 1. Computed in two
/// passes with the correction term of Chan, Golub and LeVeque (1983), which cancels the rounding of
/// the mean.
fn moments(values: &[f64]) -> Result<(f64, f64), FeatureError> {
    if values.is_empty() {
        return Err(FeatureError::NoRows);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let (mut squares, mut correction) = (0.0, 0.0);
    for value in values {
        let deviation = value - mean;
        squares += deviation * deviation;
        correction += deviation;
    }
    let variance = (squares - correction * correction / n) / n;
    // What rounding alone can make of a constant column (scikit-learn's bound).
    let noise = n * f64::EPSILON * variance + (n * mean * f64::EPSILON).powi(2);
    let constant = variance.is_finite() && variance <= noise;
    Ok((mean, if constant { 1.0 } else { variance.sqrt() }))
}
