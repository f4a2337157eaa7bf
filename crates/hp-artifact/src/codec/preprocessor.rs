//! The preprocessor as it is stored.

use hp_features::{FeatureError, Preprocessor, StandardScaler};
use wincode::{SchemaRead, SchemaWrite};

/// A [`Preprocessor`] in a file.
#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
pub(super) struct StoredPreprocessor {
    n_features: u64,
    /// Positions of the scaled features `[scaled]`.
    scaled: Vec<u64>,
    /// Their means `[scaled]`.
    mean: Vec<f64>,
    /// Their deviations `[scaled]`.
    scale: Vec<f64>,
}

impl From<&Preprocessor> for StoredPreprocessor {
    fn from(preprocessor: &Preprocessor) -> Self {
        let scaled = preprocessor.scaled_features().iter();
        Self {
            n_features: preprocessor.n_features() as u64,
            scaled: scaled.map(|&feature| feature as u64).collect(),
            mean: preprocessor.scaler().mean.clone(),
            scale: preprocessor.scaler().scale.clone(),
        }
    }
}

impl TryFrom<StoredPreprocessor> for Preprocessor {
    type Error = FeatureError;

    fn try_from(stored: StoredPreprocessor) -> Result<Self, FeatureError> {
        let position = |&feature: &u64| usize::try_from(feature);
        let n_features = position(&stored.n_features);
        let scaled: Result<Vec<usize>, _> = stored.scaled.iter().map(position).collect();
        let (Ok(n_features), Ok(scaled)) = (n_features, scaled) else {
            return Err(FeatureError::Inconsistent("a position is too large"));
        };
        let scaler = StandardScaler {
            mean: stored.mean,
            scale: stored.scale,
        };
        Self::from_parts(n_features, scaled, scaler)
    }
}
