"""Weight: a sum of weights as it is told."""

import math


def tidy(weight: float) -> float:
    """Round away what the order of a floating sum leaves behind: six places are kept, more of a weight below 1.

    >>> tidy(1234.00000000001), tidy(0.00000012345678)
    (1234.0, 1.234568e-07)
    """
    below = -math.floor(math.log10(abs(weight))) if 0 < abs(weight) < 1 else 0
    return round(weight, 6 + below) + 0.0
