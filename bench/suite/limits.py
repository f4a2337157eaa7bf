"""The least that the work of a row can take on this machine: its memory read once, or its innermost steps
at one a cycle on every core."""

from math import log2

from suite.table import BULK, FEATURES

# Of a core at 4 GHz. A step loads two values and compares them, or adds to a bin: more than one a cycle
# is beyond the ports of a core for loads and stores.
CYCLE = 0.25e-9


def limit(result, about):
    """What the work consists of, and the seconds that it takes at least; `None` where that says nothing."""
    family = result["method"]["family"]
    if family in ("all", "trio"):
        return None
    if result["task"] == "predict":
        visits = [side["visits"] for side in result["sides"].values() if side["visits"]]
        return steps(about, visits[0] * BULK, "node visits") if visits else None
    rows = result["train_rows"]
    trees = result["method"].get("n_estimators")
    if family == "forest":
        # Each tree sees 63 % of the rows, and halves them level by level until each is alone.
        count = trees * FEATURES * 0.632 * rows * log2(rows)
        return steps(about, count, "values sorted into nodes")
    if trees:
        # Below the root at most half of the rows are counted: the sibling's counts are a difference.
        levels = log2(result["method"].get("max_leaf_nodes") or 2 ** result["method"]["max_depth"])
        return steps(about, trees * FEATURES * rows * (1 + levels / 2), "values counted")
    size = 8 * rows * (FEATURES + 1)
    words = f"{size / 1e6:.3g} MB read once at {about['bandwidth'] / 1e9:.0f} GB/s"
    return words, size / about["bandwidth"]


def steps(about, count, what):
    return f"{count:.1e} {what}, one a cycle", count * CYCLE / about["threads"]
