"""statsmodels' quantile regression, by reweighted least squares."""

from statsmodels.api import add_constant
from statsmodels.regression.quantile_regression import QuantReg


def estimator(method, threads):
    return Quantile(method["quantile"])


class Quantile:
    def __init__(self, quantile):
        self.quantile = quantile

    def fit(self, x, y):
        self.fitted = QuantReg(y, add_constant(x)).fit(q=self.quantile)
        return self

    def predict(self, x):
        return self.fitted.predict(add_constant(x))
