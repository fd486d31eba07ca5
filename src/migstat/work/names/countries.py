"""A text taken for an area, or not: as a code, as a name, in its parts; else a proposal, which nobody applies."""

from dataclasses import dataclass, replace
from datetime import date

from migstat.words.country_match import Candidate, CountryMatch, Mark
from migstat.work.names.asked import beside, named
from migstat.work.names.found import Found, dated
from migstat.work.names.gazetteer import Gazetteer
from migstat.work.names.letters import by_code, by_sport
from migstat.work.names.likeness import Likeness, edits
from migstat.work.names.nearly import nearly
from migstat.work.names.remarks import Parts, apart
from migstat.work.names.spelling import listed, mended, plain

CHINA = ("CHN", frozenset({"HKG", "MAC", "TWN"}))
"""A State, and the areas with codes of their own that are often written as its parts."""
SAYS_NOTHING = listed(
    "country state nation the of all whole pais land staat pays estado etat since from to associate member mainland",
    "under un security council resolution res unscr unsc independent sovereign elsewhere otherwise nos nes",
    "not stated specified unspecified",
)
"""What may stand in a remark without changing what is meant."""
NOT_SAID = frozenset({"stated", "specified", "unspecified", "nos"})
LEAST_LIKE = 0.75
"""What is less like a name is not proposed."""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """The names and codes of areas, with what is needed to look for likenesses among them."""

    gazetteer: Gazetteer
    likeness: Likeness

    @classmethod
    def of(cls, gazetteer: Gazetteer) -> "Recogniser":
        """Make one of all names that are an area's."""
        names = (name for name, entries in gazetteer.spellings.items() if any(one.areas for one in entries))
        return cls(gazetteer, Likeness(names))


def match_country(
    text: str,
    recogniser: Recogniser,
    *,
    system: str | None = None,
    language: str | None = None,
    at: date | None = None,
    least: float = 0.9,
) -> CountryMatch:
    """Say which area a text means; the code is None where that is not sure enough, and never a likeness."""
    gazetteer = recogniser.gazetteer
    clean = mended(text).strip()
    if not any(sign.isalnum() for sign in clean):
        return CountryMatch(text, None, "nothing", 0.0, "nothing is written")
    found = by_code(clean, gazetteer, system, at) or _said(clean, recogniser, language) or by_sport(clean, gazetteer)
    if found is None:
        return _proposal(text, clean, recogniser)
    found = dated(_doubted(found, clean, recogniser), gazetteer, at)
    if found.area is not None and found.confidence >= least:
        candidates = _candidates(found.hints, gazetteer, 0.5)
        sure = round(found.confidence, 2)
        return CountryMatch(text, found.area, found.how, sure, found.reason, found.mark, candidates)
    areas = (*found.areas, *found.hints)
    score = found.confidence or (0.5 if found.how == "ambiguous" else 0.3)
    candidates = _candidates(areas, gazetteer, score)
    reason = found.reason if found.area is None else f"{found.reason}; {found.confidence:.2f} is below {least}"
    return CountryMatch(text, None, found.how, 0.0, reason, candidates=candidates)


def _doubted(found: Found, text: str, recogniser: Recogniser) -> Found:
    """Refuse what was found by leaving words out, where the text is but for one letter the name of another area."""
    if found.area is None or not found.doubtful:
        return found
    spelling = plain(text)
    for name, _ in recogniser.likeness.nearest(spelling, 3, 0.85):
        areas = {area for entry in recogniser.gazetteer.spellings[name] for area in entry.areas}
        if found.area not in areas and edits(name, spelling, 1) <= 1:
            both = (found.area, *sorted(areas))
            return Found(both, "ambiguous", 0.0, f"{found.reason} of {found.area}, and but for a letter {name!r}")
    return found


def _said(text: str, recogniser: Recogniser, language: str | None) -> Found | None:
    gazetteer = recogniser.gazetteer
    whole = named(text, gazetteer, language)
    if whole is not None and (whole.area or whole.how == "not a country"):
        return whole
    refused = whole
    for parts in apart(text):
        if found := _of_parts(parts, recogniser, language):
            if found.area or found.how == "not a country":
                return found
            refused = refused or found
    return nearly(text, gazetteer) or _two_spellings(text, recogniser, language) or refused


def _of_parts(parts: Parts, recogniser: Recogniser, language: str | None) -> Found | None:
    gazetteer = recogniser.gazetteer
    head = named(parts.head, gazetteer, language) or nearly(parts.head, gazetteer)
    if parts.bound:
        if head is None or head.area is None:
            return head
        mark: Mark = "with others" if parts.bound == "with" else "without others"
        what = f"{head.reason}, {parts.bound} {', '.join(parts.remarks)}"
        return replace(head, confidence=min(head.confidence, 0.92), mark=mark, reason=what)
    remarks = [_remark(one, gazetteer, language) for one in parts.remarks]
    told = [one for one in remarks if one is not None]
    if head is None or (head.area is None and head.how != "ambiguous"):
        return head or _confirmed(parts, told, recogniser)
    areas = {one.area for one in told if one.area}
    if head.area is None:
        if len(areas) == 1 and len(head.areas) > 1 and (area := next(iter(areas))) in head.areas:
            return Found((area,), "alias", 0.94, f"{head.reason}; the remark says {area}")
        return head
    if not told:
        plain_remarks = all(_says_nothing(one) for one in parts.remarks)
        if plain_remarks and head.hints and any(NOT_SAID & set(plain(one).split()) for one in parts.remarks):
            return Found((*head.areas, *head.hints), "ambiguous", 0.0, "which of the areas of that name is not said")
        if plain_remarks:
            return replace(head, confidence=min(head.confidence, 0.92))
        reason = f"{head.areas[0]}, but for a remark that is not understood: {'; '.join(parts.remarks)}"
        return Found(head.areas, "ambiguous", 0.0, reason)
    if len(told) < len(remarks) or len(areas) != 1:
        return Found((head.area, *sorted(areas - {head.area})), "ambiguous", 0.0, "names several areas")
    return _together(head, told[0], gazetteer)


def _together(head: Found, remark: Found, gazetteer: Gazetteer) -> Found:
    """Choose between what stands first and what stands beside it."""
    one, other = head.areas[0], remark.areas[0]
    first, second = gazetteer.areas[one], gazetteer.areas[other]
    if one == other:
        return min(head, remark, key=lambda found: found.how != "part")
    if first.sovereign == other or (other == CHINA[0] and one in CHINA[1]):
        return replace(head, confidence=min(head.confidence, 0.95))
    if second.sovereign == one or (one == CHINA[0] and other in CHINA[1]):
        return replace(remark, confidence=min(remark.confidence, 0.93))
    if first.renamed == other or second.renamed == one:
        return remark if first.renamed == other else head
    if (new := second.renamed or other) in head.hints:
        return Found((new,), "alias", 0.93, f"one of two areas of that name; the remark says {new}")
    if first.former_kind and other in first.terminal:
        return head
    return Found((one, other), "ambiguous", 0.0, f"names {one}, and beside it {other}")


def _remark(text: str, gazetteer: Gazetteer, language: str | None) -> Found | None:
    found = beside(text, gazetteer, language)
    if found is None and len(text) == 2 and text.isupper():
        found = by_code(text, gazetteer, None, None)
    return found


def _says_nothing(remark: str) -> bool:
    words = plain(remark).split()
    return all(word.isdigit() or word in SAYS_NOTHING for word in words)


def _confirmed(parts: Parts, told: list[Found], recogniser: Recogniser) -> Found | None:
    """Take a misspelt name that is followed by a right one of the same area."""
    if len(told) != 1 or told[0].area is None or len(parts.remarks) != 1:
        return None
    near = {candidate.code for candidate in _likely(parts.head, recogniser, 0.8)[:1]}
    if near == {told[0].area}:
        return Found(told[0].areas, "corroborated", 0.93, "a name misspelt, and beside it a right one of the same area")
    return Found((), "not a country", 0.0, f"says something of {told[0].area}", hints=told[0].areas)


def _two_spellings(text: str, recogniser: Recogniser, language: str | None) -> Found | None:
    pieces = [one for one in text.split("-") if one.strip()]
    if len(pieces) != 2:
        return None
    for head, remark in (pieces, pieces[::-1]):
        found = named(remark, recogniser.gazetteer, language)
        if found and (sure := _confirmed(Parts(head, (remark,)), [found], recogniser)) and sure.area:
            return sure
    return None


def _likely(text: str, recogniser: Recogniser, least: float) -> list[Candidate]:
    """Return the areas with names most like a text, each once, the best first."""
    spelling = plain(text)
    if len(spelling) < 4:
        return []
    found: dict[str, Candidate] = {}
    for name, score in recogniser.likeness.nearest(spelling, 8, least):
        for entry in recogniser.gazetteer.spellings[name]:
            for area in entry.areas:
                if area not in found:
                    about = recogniser.gazetteer.areas[area]
                    found[area] = Candidate(area, about.name, round(score, 3), f"like {name!r}")
    return list(found.values())


def _proposal(text: str, clean: str, recogniser: Recogniser) -> CountryMatch:
    candidates = tuple(_likely(clean, recogniser, LEAST_LIKE)[:3])
    if not candidates:
        return CountryMatch(text, None, "nothing", 0.0, "no area bears this name or code")
    reason = f"no area bears this name; {candidates[0].how} ({candidates[0].code}): a proposal only"
    return CountryMatch(text, None, "fuzzy", 0.0, reason, candidates=candidates)


def _candidates(areas: tuple[str, ...], gazetteer: Gazetteer, score: float) -> tuple[Candidate, ...]:
    return tuple(Candidate(area, gazetteer.areas[area].name, round(score, 3)) for area in dict.fromkeys(areas))[:3]
