"""oneDAL's model builder, which predicts with the trees of others."""

import daal4py

from suite.peers import treelite_


def predictor(fitted, x, threads):
    daal4py.daalinit(threads)
    source = fitted.booster_ if hasattr(fitted, "booster_") else treelite_.model(fitted)
    model = daal4py.mb.convert_model(source)
    return lambda: model.predict(x).ravel()
