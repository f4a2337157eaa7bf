//! Training data brought to a harmless scale and around its mean.

use crate::LinearModel;
use crate::magnitude::magnitude;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// Features and target, centred when the model has a constant term, and divided by one power of
/// two each so that their largest magnitudes lie in `[1, 2)`. Powers of two divide exactly, and
/// no sum of squares can overflow afterwards.
#[derive(Debug)]
pub(crate) struct Centred {
    /// Features `[rows, features]`.
    pub(crate) x: Array2<f64>,
    /// Target `[rows]`.
    pub(crate) y: Array1<f64>,
    /// What the features were divided by.
    pub(crate) x_scale: f64,
    /// What the target was divided by.
    pub(crate) y_scale: f64,
    /// Mean of each feature in its own unit; 0 without a constant term `[features]`.
    pub(crate) x_mean: Array1<f64>,
    y_mean: f64,
}

impl Centred {
    /// Centres (if there is a constant term to take the means up) and scales.
    pub(crate) fn new(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>, centre: bool) -> Self {
        let x_first = magnitude(x.iter());
        let y_first = magnitude(y.iter());
        let (mut x, mut y) = (&x / x_first, &y / y_first);
        let (mut x_mean, mut y_mean) = (Array1::zeros(x.ncols()), 0.0);
        if centre {
            for (mut column, mean) in x.axis_iter_mut(Axis(1)).zip(&mut x_mean) {
                *mean = centre_series(&mut column) * x_first;
            }
            y_mean = centre_series(&mut y.view_mut()) * y_first;
        }
        // A mean far larger than the spread leaves tiny numbers behind.
        let (x_second, y_second) = (magnitude(x.iter()), magnitude(y.iter()));
        x /= x_second;
        y /= y_second;
        Self {
            x,
            y,
            x_scale: x_first * x_second,
            y_scale: y_first * y_second,
            x_mean,
            y_mean,
        }
    }

    /// The model in the units of the data, given coefficients in those of [`x`](Self::x) and
    /// [`y`](Self::y).
    pub(crate) fn model(&self, coef: &Array1<f64>) -> LinearModel {
        self.shifted_model(coef, 0.0)
    }

    /// The same with a constant term added to the centred target.
    pub(crate) fn shifted_model(&self, coef: &Array1<f64>, constant: f64) -> LinearModel {
        let in_units = coef.mapv(|value| value * self.y_scale / self.x_scale);
        let at_mean = (coef * self.y_scale).dot(&(&self.x_mean / self.x_scale));
        let intercept = self.y_mean + constant * self.y_scale - at_mean;
        LinearModel::new(in_units.to_vec(), intercept)
    }
}

/// Subtracts the mean and returns it. Counting from the first value keeps a constant series at
/// exactly zero, where rounding would leave noise that a later division blows up.
fn centre_series(series: &mut ndarray::ArrayViewMut1<'_, f64>) -> f64 {
    let first = series[0];
    *series -= first;
    let mean = series.mean().unwrap_or_default();
    *series -= mean;
    first + mean
}
