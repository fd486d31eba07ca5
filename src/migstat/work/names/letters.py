"""A text as a code: of ISO without a system, or of the system asked for."""

import re
from datetime import date

from migstat.words.country_match import How
from migstat.work.names.found import Found
from migstat.work.names.gazetteer import Gazetteer

NUMBER = re.compile(r"([0-9]{1,5})(?:\.0+)?")
ISO = ("ISO3", "ISO2", "ISO3166-3", "M49")
SPORT = ("IOC", "FIFA")
MISSING = frozenset({"NA"})
"""Letters that are a code, and in many files say that nothing was answered."""


def by_code(text: str, gazetteer: Gazetteer, system: str | None, at: date | None) -> Found | None:
    """Return what a text means as a code; None where it is none. Numbers may lack zeros, or have a decimal point."""
    if system is not None:
        return _in_system(text, gazetteer, system)
    if number := NUMBER.fullmatch(text):
        areas = gazetteer.letters.get(("M49", number[1].zfill(3)), ())
        return _numeric(number[1].zfill(3), areas, gazetteer)
    if not (text.isascii() and text.isupper() and (text.isalpha() or text in gazetteer.areas)):
        return None
    if text in MISSING:
        areas = gazetteer.letters["ISO2", text]
        why = "the code of ISO 3166-1, and how many files write that there is no answer; say system='ISO' for the code"
        return Found(areas, "ambiguous", 0.0, why)
    return _iso(text, gazetteer, at)


def by_sport(text: str, gazetteer: Gazetteer) -> Found | None:
    """Return the area of three letters of the IOC that no other system gives to another area."""
    systems = gazetteer.by_letters.get(text, {}) if len(text) == 3 and text.isupper() else {}
    areas = {area for found in systems.values() for area in found}
    if "IOC" in systems and len(areas) == 1:
        return Found(tuple(areas), "code", 0.9, "the code of the IOC, which means nothing else in other systems")
    return None


def _numeric(digits: str, areas: tuple[str, ...], gazetteer: Gazetteer) -> Found | None:
    current = tuple(one for one in areas if not gazetteer.areas[one].former_kind)
    found = current or areas
    if not found:
        return None
    if len(found) > 1:
        return Found(found, "ambiguous", 0.0, f"the numeric code {digits} of {', '.join(found)}")
    return Found(found, "numeric code", 0.9, f"{digits} in M49 and ISO 3166-1; other lists number otherwise")


def _iso(text: str, gazetteer: Gazetteer, at: date | None) -> Found | None:
    systems = [one for one in ISO if (one, text) in gazetteer.letters]
    if not systems:
        return Found((text,), "code", 0.97, "the id of the area") if text in gazetteer.areas else None
    areas = gazetteer.letters[systems[0], text]
    current = tuple(one for one in areas if not gazetteer.areas[one].former_kind)
    formers = tuple(one for one in areas if gazetteer.areas[one].former_kind)
    sure = 0.97 if len(text) > 2 else 0.95
    if not current:
        if len(formers) > 1:
            return Found(formers, "ambiguous", 0.0, f"letters of {', '.join(formers)}")
        return Found(formers, "code", sure, "a withdrawn code of ISO 3166")
    if at is not None:
        then = [one for one in formers if _then(gazetteer, one, at)]
        strangers = [one for one in then if current[0] not in gazetteer.areas[one].terminal]
        if strangers:
            return Found((*current, *strangers), "ambiguous", 0.0, f"on {at} letters of {', '.join(strangers)} too")
    other = sorted(
        f"{name} {', '.join(there)}"
        for name, there in gazetteer.by_letters[text].items()
        if name not in ISO and not set(there) & set(current)
    )
    note = f"; not so in {'; '.join(other)}" if other else ""
    return Found(current, "code", sure, f"the code of ISO 3166-1{note}")


def _then(gazetteer: Gazetteer, code: str, at: date) -> bool:
    area = gazetteer.areas[code]
    if area.valid_to is None:
        return False
    return (area.valid_from is None or area.valid_from <= at) and at < area.valid_to


def _in_system(text: str, gazetteer: Gazetteer, system: str) -> Found | None:
    systems = ISO if system == "ISO" else (system,)
    number = NUMBER.fullmatch(text)
    digits = number[1] if number else ""
    ways = [text, text.upper()]
    if digits:
        ways = [digits, digits.lstrip("0"), *(digits.zfill(width) for width in (2, 3, 4, 5))]
    for one in systems:
        for way in dict.fromkeys(ways):
            areas = gazetteer.letters.get((one, way), ())
            current = tuple(area for area in areas if not gazetteer.areas[area].former_kind)
            if found := current or areas:
                how: How = "numeric code" if digits else "code"
                if len(found) > 1:
                    return Found(found, "ambiguous", 0.0, f"the {how} in {one} of {', '.join(found)}")
                return Found(found, how, 1.0, f"the {how} in {one}")
    if digits or len(text) <= 3:
        return Found((), "nothing", 0.0, f"{system} has no code {text}")
    return None
