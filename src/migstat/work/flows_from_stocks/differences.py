"""Stock differences: growth of those born in A who live in B is a flow from A to B."""

import numpy as np


def differences(first: np.ndarray, second: np.ndarray, *, reverse: bool) -> np.ndarray:
    """Return the flows by birthplace; with ``reverse`` a decline is a flow back to the birthplace, else no flow."""
    n = len(first)
    flows = np.zeros((n, n, n))
    change = second - first
    for birth in range(n):
        for residence in range(n):
            if birth == residence:
                continue
            moved = change[birth, residence]
            if moved > 0:
                flows[birth, birth, residence] = moved
            elif reverse:
                flows[birth, residence, birth] = -moved
    return flows
