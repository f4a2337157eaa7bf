"""LightGBM."""

import lightgbm


def estimator(method, threads):
    params = {k: v for k, v in method.items() if k not in ("family", "max_leaf_nodes", "loss")}
    return lightgbm.LGBMRegressor(
        objective={"quantile": "quantile", "squared_error": "regression"}[method["loss"]],
        num_leaves=method["max_leaf_nodes"],
        n_jobs=threads,
        verbosity=-1,
        **params,
    )


def visits(fitted, x):
    """Nodes that a row visits in all trees, on average over the training rows."""
    table = fitted.booster_.trees_to_dataframe()
    leaves = table[table.left_child.isna()]
    weighted = (leaves.node_depth * leaves["count"]).groupby(leaves.tree_index).sum()
    return float((weighted / leaves["count"].groupby(leaves.tree_index).sum()).sum())
