"""The shape of the note in a footer: of each key that is read again, what must stand under it; other keys are free."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, assert_never

from migstat.words.design import CALIBRATING, CENTRES, LONELY, METHODS

DEEPEST = 100
"""Objects in objects: each verb that goes on from a file puts the note of that file into its own."""
LARGEST = 1e15
LONGEST = 100
"""Characters of the name of a key that are told."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A value that is no object and no list; ``wrong`` says what one is that does not hold."""

    wrong: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of values of one shape."""

    of: "Shape"
    least: int = 0


@dataclass(frozen=True, slots=True)
class Each:
    """An object whose keys are names, with values of one shape."""

    of: "Shape"


@dataclass(frozen=True, slots=True)
class Keys:
    """An object of these keys; a key may be left out unless it is needed, and others may be there."""

    of: Mapping[str, "Shape"]
    needed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """A value that may be null."""

    of: "Shape"


Shape = Plain | Listed | Each | Keys | Or


def _day(value: Any) -> bool:
    try:
        return bool(value == "open" or str(date.fromisoformat(value)) == value)
    except (TypeError, ValueError):
        return False


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST


def _coded(value: Any) -> bool:
    """Tell whether a value is the codes of a margin and its total."""
    codes, total = (value[:-1], value[-1]) if isinstance(value, list) and value else ([], None)
    return _number(total) and all(isinstance(one, str) for one in codes)


def _one_of(*known: str) -> Plain:
    return Plain(
        f"none of {', '.join(one for one in known if one)}", lambda value: isinstance(value, str) and value in known
    )


TEXT = Plain("no text", lambda value: isinstance(value, str))
DAY = Plain("no day", _day)
NUMBER = Plain("no number", _number)
SHARE = Plain("no number from 0 to below 1", lambda value: _number(value) and 0 <= value < 1)
COUNT = Plain("no whole number up to 10,000", lambda value: type(value) is int and 0 < value <= 10_000)
WHOLE = Plain("no whole number from 0", lambda value: type(value) is int and 0 <= value < LARGEST)
YES = Plain("neither true nor false", lambda value: isinstance(value, bool))
SIMPLE = Plain("no text or number", lambda value: value is None or isinstance(value, str | bool) or _number(value))
TEXTS = Listed(TEXT)

_CODED = Plain("no list of codes and a number", _coded)
_DESIGN = Keys(
    {
        "weight": TEXT,
        "stages": Listed(Keys({"unit": TEXT, "strata": TEXT, "fpc": TEXT})),
        "lonely": _one_of(*LONELY),
        "replicates": Or(
            Keys({
                "columns": Or(TEXTS),
                "method": _one_of(*METHODS),
                "fay": SHARE,
                "scale": Or(NUMBER),
                "rscales": Or(Listed(NUMBER)),
                "combined": YES,
                "centre": _one_of("", *CENTRES),
                "number": COUNT,
                "seed": WHOLE,
            })
        ),
        "calibration": Or(
            Keys(
                {
                    "method": _one_of(*CALIBRATING),
                    "margins": Listed(
                        Keys({"by": TEXTS, "of": TEXT, "totals": Listed(_CODED)}, ("by", "of", "totals"))
                    ),
                },
                ("method", "margins"),
            )
        ),
        "df": Or(NUMBER),
    }
)  # fmt: skip
_RUN: Mapping[str, Shape] = {
    "structure": TEXT,
    "source": Each(SIMPLE),
    "mapping": Or(Keys({"id": Or(TEXT), "version": Or(TEXT), "wave": Or(TEXT)})),
    "not_collected_because": Each(TEXT),
    "design": Or(_DESIGN),
    "pseudonyms": Each(Keys({"keys": Listed(TEXT, 1)}, ("keys",))),
    "rule": TEXT,
    "until": DAY,
    "initial": TEXT,
}
RECORDS = Keys({**_RUN, "parts": Listed(Keys(_RUN))})
"""What stands in a file of records, of residence, or of linked records."""
_LEVEL = Plain("no level", lambda value: type(value) is int or (isinstance(value, str) and value.isascii()))
_CELLS: Mapping[str, Shape] = {
    "structure": TEXT,
    "definitions": Listed(Keys({"id": TEXT, "text": TEXT}, ("id",))),
    "notes": TEXTS,
    "by": TEXTS,
    "broad": Each(TEXTS),
    "universe": Keys({"text": TEXT}, ("text",)),
    "measures": Listed(Keys({})),
    "protection": Keys({"small": NUMBER}),
    "source": Each(SIMPLE),
    "title": Each(TEXT),
    "records": TEXT,
    "rule": TEXT,
    "until": DAY,
}
TABLE = Keys({**_CELLS, "levels": Each(_LEVEL), "provenance": RECORDS})
COMBINED = Keys({**_CELLS, "provenance": Each(RECORDS)})
"""What stands in a file of a table that was combined: the provenance of each of those that it was made of."""


def deep(value: Any, most: int = DEEPEST) -> bool:
    """Tell whether a value lies deeper than any note does."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most < 0 or any(deep(one, most - 1) for one in inner)


def faults(value: Any, shape: Shape, at: str = "") -> Iterator[str]:
    """Say of each value that has not its shape what it is not; of a list, of the first such value.

    >>> list(faults({"until": "soon", "design": {"stages": [{"unit": 7}]}, "new": 1}, RECORDS))
    ["'design.stages[0].unit' is no text", "'until' is no day"]
    """
    told = f"'{at[:LONGEST]}'" if at else "it"
    match shape:
        case Or(of):
            if value is not None:
                yield from faults(value, of, at)
        case Plain(wrong, holds):
            if not holds(value):
                yield f"{told} is {wrong}"
        case Listed(of, least):
            if not isinstance(value, list):
                yield f"{told} is no list"
            elif len(value) < least:
                yield f"{told} is empty"
            else:
                found = (one for number, each in enumerate(value) for one in faults(each, of, f"{at}[{number}]"))
                yield from islice(found, 1)
        case Each(of):
            yield from _of_keys(value, dict.fromkeys(value, of) if isinstance(value, dict) else {}, (), at, told)
        case Keys(of, needed):
            yield from _of_keys(value, of, needed, at, told)
        case _:
            assert_never(shape)


def _of_keys(value: Any, of: Mapping[str, Shape], needed: tuple[str, ...], at: str, told: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{told} is no object"
        return
    for key, shape in of.items():
        place = f"{at}.{key}" if at else key
        if key in value:
            yield from faults(value[key], shape, place)
        elif key in needed:
            yield f"'{place[:LONGEST]}' is not there"
