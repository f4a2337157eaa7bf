//! Predictions of a loaded version.

use crate::sample::Sample;
use hp_artifact::{What, load};
use ndarray::array;

#[test]
fn rows_and_matrices_agree_with_the_models() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Sample::new(20.0);
    sample.write(folder.path());
    let artifact = load(&folder.path().join("v1.0.0"), What::Served).unwrap();
    let x = array![[6.0, 1.0], [8.5, 3.0]];
    let predictions = artifact.trio().predict(x.view());
    let scaler = sample.preprocessor.scaler();
    let mut scratch = Vec::new();
    for (row, prediction) in x.rows().into_iter().zip(predictions) {
        let row = row.to_vec();
        let again = artifact.trio().predict_row(&row, &mut scratch);
        assert_eq!(again, prediction);
        let value = 2.5 * (row[0] - scaler.mean[0]) / scaler.scale[0] - 0.125 * row[1] + 20.0;
        assert!(
            (prediction.prediction - value).abs() < 1e-12,
            "{prediction:?}"
        );
        assert!(
            (prediction.interval_width() - 10.0).abs() < 1e-12,
            "{prediction:?}"
        );
    }
}
