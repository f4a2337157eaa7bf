//! Linear models as they are stored.

use hp_models::LinearModel;
use wincode::{SchemaRead, SchemaWrite};

/// A [`LinearModel`] in a file.
#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
pub(super) struct StoredLinear {
    /// One coefficient per feature `[features]`.
    coef: Vec<f64>,
    intercept: f64,
}

/// A coefficient is NaN or infinite.
#[derive(Debug, thiserror::Error)]
#[error("a coefficient of the linear model is not finite")]
pub(super) struct NotFinite;

impl From<&LinearModel> for StoredLinear {
    fn from(model: &LinearModel) -> Self {
        Self {
            coef: model.coef().to_vec(),
            intercept: model.intercept(),
        }
    }
}

impl TryFrom<StoredLinear> for LinearModel {
    type Error = NotFinite;

    fn try_from(stored: StoredLinear) -> Result<Self, NotFinite> {
        let finite = stored.coef.iter().all(|number| number.is_finite());
        if finite && stored.intercept.is_finite() {
            Ok(Self::new(stored.coef, stored.intercept))
        } else {
            Err(NotFinite)
        }
    }
}
