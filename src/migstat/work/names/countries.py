"""A text taken for an area, or not: codes first, then names, then a proposal."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from migstat.words.area_name import AreaLetters, AreaName
from migstat.words.country_match import Candidate, CountryMatch
from migstat.work.names.spelling import plain


@dataclass(frozen=True, slots=True)
class Index:
    """All spellings and codes of areas, ready to be asked."""

    names: dict[str, set[str]] = field(default_factory=dict)
    letters: dict[str, set[str]] = field(default_factory=dict)


def index(names: Iterable[AreaName], letters: Iterable[AreaLetters]) -> Index:
    """Make the index of names and codes."""
    made = Index()
    for name in names:
        if name.kind == "name":
            made.names.setdefault(plain(name.text), set()).update(name.codes)
    for one in letters:
        made.letters.setdefault(one.text, set()).update(one.codes)
    return made


def match_country(
    text: str,
    index: Index,
    *,
    system: str | None = None,
    language: str | None = None,
    at: datetime.date | None = None,
    least: float = 0.9,
) -> CountryMatch:
    """Say which area a text names; the code is None where that is not sure enough."""
    for how, found in (("code", index.letters.get(text)), ("name", index.names.get(plain(text)))):
        if found and len(found) == 1:
            return CountryMatch(text, next(iter(found)), how, 1.0, f"the {how} of one area")  # type: ignore[arg-type]
        if found:
            candidates = tuple(Candidate(code, code, 0.5) for code in sorted(found))
            return CountryMatch(text, None, "ambiguous", 0.0, f"the {how} of several areas", candidates=candidates)
    return CountryMatch(text, None, "nothing", 0.0, "no area bears this name")
