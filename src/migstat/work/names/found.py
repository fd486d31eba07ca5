"""What a text was found to mean, before it is decided what to make of that."""

from dataclasses import dataclass, replace
from datetime import date

from migstat.words.country_match import How, Mark
from migstat.work.names.gazetteer import CORE, RANKS, Area, Called, Gazetteer


@dataclass(frozen=True, slots=True)
class Found:
    """Areas that a text may mean: one is an answer, several are a question, none says that it is no country."""

    areas: tuple[str, ...]
    how: How
    confidence: float
    reason: str
    mark: Mark = ""
    hints: tuple[str, ...] = ()
    doubtful: bool = False
    """Words were left out or completed, so that it may be a misspelling of another name."""

    @property
    def area(self) -> str | None:
        """The one area that is meant."""
        return self.areas[0] if len(self.areas) == 1 and self.how not in ("ambiguous", "not a country") else None


def settled(entries: list[Called], language: str | None, confidence: float, reason: str) -> Found:
    """Choose among the things that one spelling means: by language, then names before nationalities before parts."""
    chosen = [one for one in entries if not one.languages or language in one.languages] if language else []
    chosen = chosen or entries
    meant = [one for one in chosen if one.kind != "not a country"]
    if not meant:
        hints = tuple(dict.fromkeys(area for one in chosen for area in one.areas))
        what = f"a place or group in {', '.join(hints)}, not a country" if hints else "a group or region, not a country"
        return Found((), "not a country", 0.0, what, hints=hints)
    rank = min(RANKS[one.kind] for one in meant)
    best = [one for one in meant if RANKS[one.kind] == rank]
    if len({one.areas for one in best}) > 1:
        best = [one for one in best if not one.languages or one.languages & CORE] or best
    areas = tuple(sorted({area for one in best for area in one.areas}))
    if len(meant) < len(chosen):
        return Found(areas, "ambiguous", 0.0, "the name of a region or place as well")
    if len(areas) > 1:
        return Found(areas, "ambiguous", 0.0, f"may mean any of {', '.join(areas)}")
    kind = next((one.kind for one in best if one.kind == "name"), best[0].kind)
    match kind:
        case "part":
            return Found(areas, "part", min(confidence, 0.92), f"a part of {areas[0]}", "part")
        case "with others":
            return Found(areas, "alias", min(confidence, 0.92), f"{areas[0]} with others", "with others")
        case "former name":
            return Found(areas, "former name", min(confidence, 0.95), f"a former name{reason}", "renamed")
        case "nationality":
            return Found(areas, "nationality", min(confidence, 0.97), f"the nationality{reason}")
        case "name":
            return Found(areas, "name", confidence, f"the name of one area{reason}")
        case _:
            return Found(areas, "alias", min(confidence, 0.98), f"another way to write the name{reason}")


def dated(found: Found, gazetteer: Gazetteer, at: date | None) -> Found:
    """Say whether the area is the one of the day asked for: a former state, a new name, or not a State yet."""
    if len(found.areas) > 1 and at and found.how == "ambiguous":
        return _of_the_day(found, gazetteer, at)
    if found.area is None:
        if at is None and len(found.areas) > 1 and _all_former(found.areas, gazetteer):
            return replace(found, reason=f"{found.reason}: say of which day (at)")
        return found
    area = gazetteer.areas[found.area]
    if area.former_kind:
        return _former(found, area, gazetteer, at)
    return found if at is None else _current(found, area, gazetteer, at)


def _of_the_day(found: Found, gazetteer: Gazetteer, at: date) -> Found:
    there = [one for one in found.areas if _holds(gazetteer.areas[one], at)]
    formers = [one for one in there if gazetteer.areas[one].former_kind]
    if len(there) == 1 and formers:
        reason = f"of {', '.join(found.areas)} the one that was there on {at}"
        return Found((there[0],), "former name", 0.95, reason, "former")
    return found


def _all_former(areas: tuple[str, ...], gazetteer: Gazetteer) -> bool:
    return all(gazetteer.areas[one].former_kind for one in areas)


def _holds(area: Area, at: date) -> bool:
    return (area.valid_from is None or area.valid_from <= at) and (area.valid_to is None or at < area.valid_to)


def _former(found: Found, area: Area, gazetteer: Gazetteer, at: date | None) -> Found:
    new = area.renamed
    if new is None or (at is not None and area.valid_to is not None and at < area.valid_to):
        until = f" until {area.valid_to}" if area.valid_to else ""
        reason = f"{area.name}, a former area{until}; since then {', '.join(area.terminal)}"
        return replace(found, how=_how(found), reason=reason, mark="former", confidence=min(found.confidence, 0.95))
    name = gazetteer.areas[new].name
    reason = f"the former name ({area.code}, until {area.valid_to}) of {name}"
    return replace(found, areas=(new,), how=_how(found), confidence=min(found.confidence, 0.93), reason=reason,
                   mark="renamed")  # fmt: skip


def _how(found: Found) -> How:
    return "former name" if found.how in ("name", "alias") else found.how


def _current(found: Found, area: Area, gazetteer: Gazetteer, at: date) -> Found:
    """Look at the states that were there on the day, and of which this area is a successor."""
    before = [gazetteer.areas[one] for one in gazetteer.formers.get(area.code, ())]
    before = [one for one in before if one.valid_to is not None and at < one.valid_to and _holds(one, at)]
    whole = [one for one in before if one.former_kind == "territorial change" and area.code in one.shares]
    new_name = [one for one in before if one.renamed == area.code]
    merged = [one for one in before if one.former_kind == "merged" and one.sovereign == one.code]
    if whole or new_name:
        old = (whole or new_name)[0]
        reason = f"on {at} this was {old.name}"
        return replace(found, areas=(old.code,), reason=reason, mark="former", confidence=min(found.confidence, 0.95))
    if merged:
        codes = tuple(one.code for one in merged)
        if found.how == "code" and (same := [one.code for one in merged if area.code in one.shares]):
            return replace(found, areas=(same[0],), mark="former", reason=f"the code, on {at}, of {same[0]}")
        return Found(codes, "ambiguous", 0.0, f"on {at} there were {', '.join(codes)}")
    states = [one for one in before if one.former_kind in ("dissolved", "renamed", "territorial change")]
    parted = [one for one in states if (day := _parted(one, area.code, gazetteer)) is None or at < day]
    if parted:
        reason = f"on {at} not yet a State: then part of {parted[0].name} ({parted[0].code})"
        return replace(found, reason=reason, mark="not yet", confidence=min(found.confidence, 0.92))
    return found


def _parted(state: Area, code: str, gazetteer: Gazetteer) -> date | None:
    """Return the day on which an area left a former state, also by way of another former state."""
    if code in state.successors:
        return state.successors[code] or state.valid_to
    for next_, day in state.successors.items():
        if next_ in gazetteer.areas and code in gazetteer.areas[next_].terminal:
            return day
    return state.valid_to
