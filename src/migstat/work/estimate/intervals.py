"""Intervals of confidence: Student's t, and for proportions on the scale of the logit, which stays between 0 and 1."""

import math

from migstat.work.estimate.distributions import t_quantile


def interval(value: float, error: float, df: float, confidence: float, *, logit: bool) -> tuple[float, float]:
    """Return both ends; NaN where they cannot be told.

    For a proportion p the logit has the standard error se / (p (1 - p)) (Korn and Graubard 1999); at 0 and 1, where it
    has none, both ends are the estimate itself where the error is 0.

    >>> [round(end, 4) for end in interval(0.5, 0.1, math.inf, 0.95, logit=True)]
    [0.3135, 0.6865]
    """
    t = t_quantile(0.5 + confidence / 2, df)
    if not logit or not 0 < value < 1:
        return value - t * error, value + t * error
    middle, reach = math.log(value / (1 - value)), t * error / (value * (1 - value))
    if math.isnan(reach):
        return math.nan, math.nan
    return _expit(middle - reach), _expit(middle + reach)


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0
