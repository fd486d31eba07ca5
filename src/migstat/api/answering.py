"""What a label of a codebook means in a codelist: areas by their names, other codes by theirs."""

import re
from collections.abc import Iterator

from migstat.api.recognising import country, recognise
from migstat.read.codelists import codelist as codelist_of
from migstat.read.vocabulary import vocabulary
from migstat.words.country_match import CountryMatch
from migstat.words.draft import Guess
from migstat.words.plain_words import words
from migstat.work.draft.answers import AREAS, REST
from migstat.work.draft.likeness import best

AGES = frozenset(
    [
        "under",
        "over",
        "less",
        "more",
        "than",
        "old",
        "older",
        "younger",
        "age",
        "aged",
        "years",
        "year",
        "yrs",
        "and",
        "or",
        "above",
    ]
)
"""Words that say of whom it is asked, beside an answer."""
OTHER = frozenset(words("other others otro otra otros otras autre autres outro outra outros outras andere sonstige"))
OR = frozenset(("or", "o", "ou", "oder"))
WHOLE = 0.97
"""A label that is wholly a wording of a code is as sure as this; one that only holds it is less so."""
OPEN = 0.75
"""An answer that a person should look at is no surer than this."""


def recognised(codelist: str, label: str, beside: tuple[str, ...] = ()) -> tuple[Guess, ...]:
    """Return the codes of a codelist that a label means, best first."""
    found = _area(codelist, label) if codelist in AREAS else _named(codelist, label, beside)
    return tuple(sorted(found, key=lambda guess: -guess.confidence))


def coded(system: str, value: str) -> str | None:
    """Return the area that a code means in a system; a name is no code, and gives None."""
    found = country(value, system=system)
    return found.code if found.how in ("code", "numeric code") else None


def _area(codelist_id: str, label: str) -> Iterator[Guess]:
    known = codelist_of(codelist_id)
    found = country(label)
    rest = " ".join(word for word in words(label) if word not in REST)
    if found.code is None and rest and rest != " ".join(words(label)):
        # "United Kingdom, not specified" is the United Kingdom; a group that is left over has no code of a country.
        again = country(rest)
        if again.code is not None and again.how in ("name", "alias"):
            for code in (again.code, *(candidate.code for candidate in again.candidates)):
                # Of several that are called so, which are as sure as each other, none is taken.
                yield Guess(code, 0.86, f"{again.reason}; the rest of the label says nothing more")
    if found.code is not None and found.code in known:
        yield _of(found)
    elif found.how == "not a country" and len(found.candidates) == 1 and found.candidates[0].code in known:
        code = found.candidates[0].code
        yield Guess(code, 0.85, found.reason, "broader", f"a part of {known.label(code)}")
    for candidate in found.candidates:
        if candidate.code in known:
            yield Guess(candidate.code, min(candidate.score, OPEN), candidate.how or found.reason)
    if set(words(label)) <= REST and set(words(label)) & {
        "other",
        "others",
        "otro",
        "otros",
        "autre",
        "autres",
        "outro",
        "outros",
        "andere",
        "прочие",
        "другие",
        "أخرى",
        "其",
        "他",
    }:
        yield Guess("_O", 0.9, "the label says: another", "broader", "another country; none is named")


def _of(found: CountryMatch) -> Guess:
    assert found.code is not None
    name = codelist_of("CL_AREA").label(found.code) if found.code in codelist_of("CL_AREA") else found.code
    match found.mark:
        case "part":
            return Guess(found.code, found.confidence, found.reason, "broader", f"a part of {name}")
        case "with others" | "without others":
            return Guess(found.code, OPEN, found.reason, "broader", f"{name} {found.mark}")
    if found.how == "alias" and found.candidates:
        # Korea alone is South Korea in some lists, and either of the two in others.
        return Guess(found.code, OPEN, found.reason)
    return Guess(found.code, min(found.confidence, 0.99), found.reason)


def _named(codelist_id: str, label: str, beside: tuple[str, ...]) -> Iterator[Guess]:
    found = recognise(codelist_id, label, beside=beside)
    if found.code is not None:
        # What is left of two subjects is of neither alone: other social or environmental reasons.
        said = words(label)
        rest = bool(said) and said[0] in OTHER and bool(OR & set(said)) and found.confidence < WHOLE
        yield Guess(found.code, min(found.confidence, OPEN if rest else 0.99), found.reason)
    for candidate in found.candidates:
        yield Guess(candidate.code, min(candidate.score, OPEN), candidate.how or found.reason)
    for kind in ("_Z", "_N", "_U") if codelist_id == "CL_MISSING" else ():
        score = best(label, vocabulary().statements[kind], vocabulary(), AGES | set(re.findall(r"\d+", label)))
        if score >= 0.5:
            yield Guess(kind, min(score, 0.97), "the label says so")
