"""The kinds of absence, never mixed: not applicable, not stated, unknown, not collected."""

from typing import Final

NOT_APPLICABLE: Final = "_Z"
NOT_STATED: Final = "_N"
UNKNOWN: Final = "_U"
OTHER: Final = "_O"
NOT_COLLECTED: Final = "_X"
TOTAL: Final = "_T"

KINDS: Final = {
    NOT_APPLICABLE: "not applicable",
    NOT_STATED: "not stated",
    UNKNOWN: "unknown",
    NOT_COLLECTED: "not collected in this source",
}
"""Codes that stand where a value is absent. ``_O`` is a valid residual value and is not among them."""

MISSING_SUFFIX: Final = "_MISSING"
"""A component that is not coded (a number, a date, a text) has a second column that says why its value is absent."""
