"""The account of a run as rows that add up: parts that were counted apart give one tally."""

import json
from collections.abc import Iterable, Iterator

from migstat.work.harmonize.plan import Plan
from migstat.work.harmonize.rows import faults
from migstat.work.harmonize.tally import MOST_VALUES, Tally

Entry = tuple[str, str, int, float]
"""What was counted, which of it, rows and weight. Rows of the same first two add up."""


def entries(tally: Tally) -> Iterator[Entry]:
    """Yield a tally as rows."""
    for state, (rows, weight) in tally.states.items():
        yield "state", state, int(rows), weight
    for number, (rows, weight) in tally.keeps.items():
        yield "keep", str(number), int(rows), weight
    for id, (rows, weight) in tally.faults.items():
        yield "fault", id, int(rows), weight
    for number, values in tally.values.items():
        for met, (rows, weight) in values.items():
            yield "value", json.dumps([number, *met], ensure_ascii=False), int(rows), weight
    for number in tally.overflow:
        yield "overflow", str(number), 1, 0.0
    for (number, kind), (rows, weight) in tally.doubts.items():
        yield "doubt", json.dumps([number, kind]), int(rows), weight


def tally_of(plan: Plan, found: Iterable[Entry]) -> Tally:
    """Return the tally that the rows make; rows of other kinds are left out."""
    tally = Tally(plan)
    for kind, key, rows, weight in found:
        total = [rows, float(weight)]
        match kind:
            case "state":
                tally.states[key] = total
            case "keep":
                tally.keeps[int(key)] = total
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
    order = [*(f"keep{number}" for number in range(len(plan.keeps))), *(id for id, _ in faults(plan))]
    tally.faults = {id: tally.faults[id] for id in order if id in tally.faults}
    tally.doubts = dict(sorted(tally.doubts.items()))
    tally.overflow |= {number for number, values in tally.values.items() if len(values) > MOST_VALUES}
    for number in tally.overflow:
        tally.values[number] = {}
    return tally
