"""XGBoost."""

import xgboost


def estimator(method, threads):
    objectives = {
        "quantile": {"objective": "reg:quantileerror", "quantile_alpha": method["alpha"]},
        "squared_error": {"objective": "reg:squarederror"},
    }
    return xgboost.XGBRegressor(
        n_estimators=method["n_estimators"],
        learning_rate=method["learning_rate"],
        tree_method="hist",
        grow_policy="lossguide",
        max_leaves=method["max_leaf_nodes"],
        max_depth=0,
        n_jobs=threads,
        **objectives[method["loss"]],
    )
