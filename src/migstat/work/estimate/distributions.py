"""The one door for scipy in this room: Student's t and the normal distribution."""

import math


def t_quantile(share: float, df: float) -> float:
    """Return the quantile of Student's t; of the normal distribution where ``df`` is infinite, NaN where it is not > 0.

    >>> round(t_quantile(0.975, 10), 4), round(t_quantile(0.975, math.inf), 4)
    (2.2281, 1.96)
    """
    from scipy.special import ndtri, stdtrit

    if math.isinf(df):
        return float(ndtri(share))
    return float(stdtrit(df, share)) if df > 0 else math.nan


def two_sided(statistic: float, df: float) -> float:
    """Return the chance of a value as far from 0 as this, under Student's t or, with infinite ``df``, the normal.

    >>> round(two_sided(1.96, math.inf), 4), round(two_sided(2.2281, 10), 4)
    (0.05, 0.05)
    """
    from scipy.special import ndtr, stdtr

    far = -abs(statistic)
    if math.isinf(df):
        return 2 * float(ndtr(far))
    return 2 * float(stdtr(df, far)) if df > 0 else math.nan
