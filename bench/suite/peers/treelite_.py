"""treelite's own traversal."""

import treelite


def model(fitted):
    """The trees of another peer in treelite's form."""
    if hasattr(fitted, "booster_"):
        return treelite.frontend.from_lightgbm(fitted.booster_)
    return treelite.sklearn.import_model(fitted)


def predictor(fitted, x, threads):
    trees = model(fitted)
    return lambda: treelite.gtil.predict(trees, x, nthread=threads).ravel()
