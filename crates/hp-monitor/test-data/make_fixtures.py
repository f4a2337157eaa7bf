"""Writes statistics.json beside itself.

Usage: python make_fixtures.py   (numpy, scipy 1.17)
"""

import json
import pathlib

import numpy as np
from scipy import stats

HERE = pathlib.Path(__file__).parent


def samples():
    rng = np.random.default_rng(11)
    normal = rng.normal(22, 9, 404).round(4)
    yield "normal", normal, rng.normal(22, 9, 50).round(4)
    yield "shifted", normal, rng.normal(27, 9, 37).round(4)
    yield "scaled", normal, rng.normal(22, 14, 120).round(4)
    yield "equal sizes", normal[:60], rng.normal(24, 9, 60).round(4)
    yield "larger window", normal[:80], rng.normal(22, 9, 300).round(4)
    yield "skewed", rng.lognormal(0, 2, 300).round(5), rng.lognormal(0.4, 2, 70).round(5)
    yield "ties", rng.integers(0, 30, 200) * 0.5, rng.integers(2, 34, 90) * 0.5
    yield "two rows", np.array([1.5, 2.5]), np.array([2.0, 4.0])
    yield "the same", normal[:20], normal[:20]
    yield "apart", normal[:30], normal[:9] + 1e3
    yield "large", rng.normal(0, 1, 10_500).round(5), rng.normal(0.02, 1, 900).round(5)


def right_anderson_darling(reference, window):
    """The statistic of Scholz and Stephens before it is standardised."""
    pooled = np.sort(np.concatenate([reference, window]))
    unique = np.unique(pooled)
    return stats._morestats._anderson_ksamp_right(
        [np.sort(reference), np.sort(window)],
        pooled,
        unique,
        2,
        np.array([len(reference), len(window)]),
        len(pooled),
    )


def psi(reference, window):
    """Ten bins of equal shares of the reference, empty ones with the share 0.0001."""
    limits = np.unique(np.quantile(reference, np.arange(1, 10) / 10))
    limits = limits[limits < reference.max()]

    def shares(values):
        counts = np.bincount(np.searchsorted(limits, values, side="left"), minlength=len(limits) + 1)
        return np.maximum(counts / len(values), 1e-4)

    r, w = shares(reference), shares(window)
    return float(((w - r) * np.log(w / r)).sum())


def two_samples():
    for name, reference, window in samples():
        m, n = len(reference), len(window)
        ks = stats.ks_2samp(reference, window, method="exact" if max(m, n) <= 10_000 else "asymp")
        p_value = ks.pvalue
        if max(m, n) > 10_000:
            p_value = stats.kstwobign.sf(np.sqrt(m * n / (m + n)) * ks.statistic)
        case = {
            "name": name,
            "reference": reference.tolist(),
            "window": window.tolist(),
            "ks": ks.statistic,
            "ks_p_value": p_value,
            "wasserstein": stats.wasserstein_distance(reference, window),
            "anderson_darling": right_anderson_darling(reference, window),
            "mean": reference.mean(),
            "std": reference.std(),
        }
        if m <= 1000:
            case["psi"] = psi(reference, window)
        yield case


def chi_squares():
    tables = [
        ([10, 20, 30], [12, 8, 3]),
        ([376, 28], [40, 10]),
        ([5, 5, 5, 5, 5, 5, 5, 5, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ([1, 0, 4], [0, 2, 3]),
        ([1000, 2000], [4000, 1000]),
        ([50, 50], [25, 25]),
    ]
    for reference, window in tables:
        result = stats.chi2_contingency([reference, window], correction=False)
        # Whole numbers in the proportions of the shares.
        shares = np.array([reference, window]) * [[sum(window)], [sum(reference)]]
        yield {
            "reference": reference,
            "window": window,
            "statistic": result.statistic,
            "degrees_of_freedom": result.dof,
            "p_value": result.pvalue,
            "cramers_v": stats.contingency.association(shares, method="cramer"),
        }


def proportions():
    cases = [(80, 102), (0, 5), (5, 5), (1, 1), (0, 1), (1, 2), (9000, 10000), (1, 1_000_000)]
    cases += [(999_999, 1_000_000), (412_345, 1_000_000), (3, 20), (17, 20), (400, 506)]
    for successes, trials in cases:
        for confidence in (0.5, 0.9, 0.95, 0.999):
            # Not binomtest(...).proportion_ci(method="exact"), which stops at 2e-12.
            tail = (1 - confidence) / 2
            low = stats.beta.ppf(tail, successes, trials - successes + 1)
            high = stats.beta.isf(tail, successes + 1, trials - successes)
            yield {
                "successes": successes,
                "trials": trials,
                "confidence": confidence,
                "low": low if successes > 0 else 0.0,
                "high": high if successes < trials else 1.0,
            }


def false_discoveries():
    rng = np.random.default_rng(3)
    series = [rng.uniform(size=13), rng.uniform(size=40) ** 3, np.array([0.01, 0.01, 0.5, 1, 0])]
    for p_values in [*series, np.array([0.3])]:
        yield {
            "p_values": p_values.tolist(),
            "q_values": stats.false_discovery_control(p_values).tolist(),
        }


def main():
    fixture = {
        "two_samples": list(two_samples()),
        "chi_squares": list(chi_squares()),
        "proportions": list(proportions()),
        "false_discoveries": list(false_discoveries()),
    }
    (HERE / "statistics.json").write_text(json.dumps(fixture, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
