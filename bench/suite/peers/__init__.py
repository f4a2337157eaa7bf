"""The peers, a module each.

A module that fits has `estimator(method, threads)`, which gives an object with `fit(x, y)` and
`predict(x)`. A module that only predicts has `predictor(fitted, x, threads)`: from the model that
another peer fitted and the rows to a call without arguments that predicts them.
"""

MODULES = {
    "scikit-learn": "scikit",
    "oneDAL": "onedal",
    "LightGBM": "lightgbm_",
    "XGBoost": "xgboost_",
    "pinball-qr pfn": "quantreg",
    "statsmodels": "statsmodels_",
    "daal4py model builder": "daal4py_",
    "lleaves": "lleaves_",
    "onnxruntime": "onnx_",
    "tl2cgen": "tl2cgen_",
    "treelite": "treelite_",
}
