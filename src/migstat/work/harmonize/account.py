"""The account of a run as rows that add up: parts that were counted apart give one tally."""

import json
from collections.abc import Iterable, Iterator

from migstat.work.harmonize.plan import Plan
from migstat.work.harmonize.rows import faults
from migstat.work.harmonize.tally import MOST_VALUES, Tally

Entry = tuple[str, str, int, float]
"""What was counted, which of it, rows and weight. Rows of the same first two add up."""

DIGIT, DIGITS = 40, 4
"""The bits and the number of digits in which an exact weight is sent; those of a million parts add up in 64 bits."""


def entries(tally: Tally) -> Iterator[Entry]:
    """Yield a tally as rows."""
    for state, counted in tally.states.items():
        yield from _exact("state", state, counted)
    for number, counted in tally.keeps.items():
        yield from _exact("keep", str(number), counted)
    for id, (rows, weight) in tally.faults.items():
        yield "fault", id, int(rows), weight
    for number, values in tally.values.items():
        for met, (rows, weight) in values.items():
            yield "value", json.dumps([number, *met], ensure_ascii=False), int(rows), weight
    for number in tally.overflow:
        yield "overflow", str(number), 1, 0.0
    for (number, kind), (rows, weight) in tally.doubts.items():
        yield "doubt", json.dumps([number, kind]), int(rows), weight


def _exact(kind: str, key: str, counted: list[int]) -> Iterator[Entry]:
    """Yield rows, and the digits of a weight in whole units, the last one with its sign."""
    rows, units = counted
    yield kind, json.dumps([key, -1]), rows, 0.0
    for place in range(DIGITS):
        rest = units >> DIGIT * place
        yield kind, json.dumps([key, place]), rest if place == DIGITS - 1 else rest & ((1 << DIGIT) - 1), 0.0


def tally_of(plan: Plan, found: Iterable[Entry]) -> Tally:
    """Return the tally that the rows make; rows of other kinds are left out."""
    tally = Tally(plan)
    for kind, key, rows, weight in found:
        total = [rows, float(weight)]
        match kind:
            case "state" | "keep":
                which, place = json.loads(key)
                counts = (
                    tally.states.setdefault(which, [0, 0])
                    if kind == "state"
                    else (tally.keeps.setdefault(int(which), [0, 0]))
                )
                counts[place >= 0] += rows << DIGIT * max(place, 0)
            case "fault":
                tally.faults[key] = total
            case "value":
                number, *met = json.loads(key)
                tally.values.setdefault(number, {})[tuple(met)] = total
            case "overflow":
                tally.overflow.add(int(key))
            case "doubt":
                number, told = json.loads(key)
                tally.doubts[number, told] = total
    order = [*(f"keep{number}" for number in range(len(plan.keeps))), *(id for id, _, _ in faults(plan))]
    tally.faults = {id: tally.faults[id] for id in order if id in tally.faults}
    tally.doubts = dict(sorted(tally.doubts.items()))
    tally.overflow |= {number for number, values in tally.values.items() if len(values) > MOST_VALUES}
    for number in tally.overflow:
        tally.values[number] = {}
    return tally
