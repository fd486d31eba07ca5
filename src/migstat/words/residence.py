"""Rules of residence: how much of a window a person must be on the new side of the border for residence to change."""

import re
from dataclasses import dataclass
from typing import Literal

from migstat.words.finding import misuse

Unit = Literal["days", "months"]
_SHORT = re.compile(r"(\d{1,4})\s*/\s*(\d{1,4})\s*(days|months)?")
DAYS_OF_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class ResidenceRule:
    """V in W: whoever is on the new side for ``threshold`` within a ``window`` that begins at the crossing has moved.

    In days both are numbers of days. In months they are calendar months from the day of each crossing, so that a year
    has 365 or 366 days.
    """

    threshold: int
    window: int
    unit: Unit = "days"

    def __str__(self) -> str:
        return f"{self.threshold}/{self.window} {self.unit}"


def residence_rule(text: str) -> ResidenceRule:
    """Read a rule: ``12/16`` is months reckoned in days, ``365/487 days`` is days, ``12/16 months`` calendar months.

    A month reckoned in days is a twelfth of 365.25 days, rounded for the whole span, which makes 12/16 the 365 days in
    487 of Statistics New Zealand.

    >>> residence_rule("12/16")
    ResidenceRule(threshold=365, window=487, unit='days')
    """
    match = _SHORT.fullmatch(text.strip())
    mend = "write it as 12/16, 9/12 or 6/12, as 365/487 days, or as 12/16 months for calendar months"
    if match is None:
        raise misuse(f"'{text}' is no rule of residence", mend)
    threshold, window = int(match[1]), int(match[2])
    if match[3] is None:
        threshold, window = round(threshold * DAYS_OF_MONTH), round(window * DAYS_OF_MONTH)
    rule = ResidenceRule(threshold, window, "months" if match[3] == "months" else "days")
    if not 0 < threshold <= window:
        raise misuse(f"{text}: the threshold is not above 0, or longer than its window", mend)
    if 2 * threshold <= window:
        raise misuse(
            f"{text}: both sides of the border can reach the threshold in one window",
            "let the threshold be more than half of the window",
        )
    if window > (36_525 if rule.unit == "days" else 1_200):
        raise misuse(f"{text}: the window is longer than a hundred years", mend)
    return rule
