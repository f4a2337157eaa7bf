"""oneDAL through scikit-learn-intelex."""

import daal4py
from sklearnex.ensemble import RandomForestRegressor
from sklearnex.linear_model import LinearRegression, Ridge


def estimator(method, threads):
    params = {k: v for k, v in method.items() if k != "family"}
    daal4py.daalinit(threads)
    if method["family"] == "forest":
        return RandomForestRegressor(n_jobs=threads, random_state=42, **params)
    return {"linear": LinearRegression, "ridge": Ridge}[method["family"]](**params)
