"""Quantile regression by Portnoy and Koenker, the Fortran of R's quantreg."""

from pinball import QuantileRegressor


def estimator(method, threads):
    return QuantileRegressor(tau=method["quantile"], method="pfn")
