"""Answers: what the label of a value means for a component, best first, each with how sure it is and why."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from migstat.words.codelist import Codelist
from migstat.words.draft import Guess
from migstat.words.plain_words import plain, words
from migstat.words.structure import Component
from migstat.words.vocabulary import Vocabulary
from migstat.work.draft.likeness import best
from migstat.work.draft.spans import Span, is_under, span
from migstat.work.draft.systems import Coded

SURE = 0.8
"""A code is proposed from this confidence on; below it, it is a candidate."""
SAID = 0.72
"""A statement is taken from this likeness on."""
AREAS = ("CL_AREA", "CL_COUNTRY_BIRTH", "CL_CITIZENSHIP")
DOMESTIC = ("SAME_HOUSE", "SAME_MIN", "SAME_MAJ", "DIFF_MIN", "DIFF_MAJ", "DIFF_HOUSE", "DOMESTIC")
CITIZENS = ("TERRITORY", "DESCENT", "BIRTH", "NATURALISED", "NATIONAL", "FOREIGN")
ACQUIRED = {
    "TERRITORY": "BIRTH_TERRITORY",
    "DESCENT": "BIRTH_DESCENT",
    "BIRTH": "BIRTH",
    "NATURALISED": "NATURALISATION",
    "FOREIGN": "_Z",
}
AT_BIRTH = {"TERRITORY": "Y", "DESCENT": "Y", "BIRTH": "Y", "NATURALISED": "N", "FOREIGN": "N"}
IMMIGRANT = {"IMMIGRANT": "Y", "NOT_IMMIGRANT": "N"}
REST = frozenset(
    words(
        "other named others rest of not specified unspecified nos nec n e c s i stated determined undetermined "
        "elsewhere the and country its their "
        "otro otra otros otras resto de no especificado especificada sin especificar determinado autre autres reste "
        "precise precisee outro outros outras resto especificado andere anderes ubriges ubrige ohne angabe sonstige "
        "прочие другие остальные не указано أخرى باقي غير محدد 其他 未说明"
    )
)
"""Words that make of the name of a region what is left of it."""
SAME = frozenset(words("same this meme cette mismo misma esta este mesmo mesma neste nesta gleiche selbe diese"))
"""Words that say that a division is the same."""
DIVISIONS = frozenset(
    words(
        "county province district governorate prefecture oblast department municipality departamento provincia "
        "municipio comuna distrito municipalidade departement commune wilaya bundesland kreis gemeinde kommune "
        "fylke область край район محافظة ولاية 省 县"
    )
)
"""Words for a division of a country: what bears one and is no country's name is a part of the country."""
_REMARK = re.compile(r"\s[-–—]\s|[;:]\s")
"""What parts a kind of missing from whom it is of: not eligible - born in the country."""
NATIVE = frozenset(words("native national citizen nativo nacional natif natural"))
OUTLYING = frozenset(words("outlying area island territory"))
_INITIALS = re.compile(r"(?<=\b[a-z]) (?=[a-z]\b)")
"""The blanks between initials: U.S. is us."""
_BORN_IN = ("born in ", "born in the ", "nacido en ", "nacida en ", "ne en ", "nee en ", "nascido em ", "geboren in ")


class Recogniser(Protocol):
    """Says which codes of a codelist a label means, best first."""

    def __call__(self, codelist: str, label: str, beside: tuple[str, ...] = ()) -> tuple[Guess, ...]: ...


@dataclass(slots=True)
class Country:
    """What is known of the country of the source: its code, what it is called, and its territories and parts."""

    area: str = ""
    names: frozenset[str] = frozenset()
    """Plain words in its names and those of its territories and nationals: they say nothing more in a label."""
    territories: frozenset[str] = frozenset()
    """Other areas whose people are its citizens."""
    territory_names: tuple[str, ...] = ()
    """The names of these."""
    parts: frozenset[str] = frozenset()
    """Labels of its major divisions, as the codebook has them."""
    here: str = "TODO"

    def __post_init__(self) -> None:
        self.here = self.area or "TODO"


@dataclass(slots=True)
class Answers:
    """Tells what labels mean."""

    vocabulary: Vocabulary
    recognise: Recogniser
    codelists: Callable[[str], Codelist]
    country: Country
    coded: Coded = lambda system, value: None
    known: dict[tuple[str, str, tuple[str, ...]], tuple[Guess, ...]] = field(default_factory=dict)
    regions: dict[str, dict[tuple[str, ...], tuple[str, str]]] = field(default_factory=dict)

    def of(self, component: Component, label: str, beside: tuple[str, ...] = ()) -> tuple[Guess, ...]:
        """Return what a label means for a component, best first; none where nothing is like it.

        ``beside`` are the other labels of its column, which tell what a letter means.
        """
        key = (component.id, label, beside)
        if key not in self.known:
            ranked = sorted(self._all(component, label, beside), key=lambda guess: -guess.confidence)
            unique: dict[str, Guess] = {}
            for guess in ranked:
                unique.setdefault(guess.answer, guess)
            self.known[key] = tuple(unique.values())
        return self.known[key]

    def missing(self, label: str) -> Guess | None:
        """Return the kind of missing that a label says, or None."""
        if not label.strip():
            return None
        for said in dict.fromkeys((label, _REMARK.split(label)[0])):
            found = self.recognise("CL_MISSING", said)
            if found and found[0].confidence >= SURE and found[0].answer in {"_Z", "_N", "_U"}:
                return found[0]
        return None

    def unborn(self, label: str) -> Guess | None:
        """Return that there is nothing to ask yet, where a label says that the person was not born, or None."""
        said = self.statement(label, ("UNBORN",))
        return Guess("_Z", said[1], "the label says that the person was not born yet") if said else None

    def statement(self, label: str, subjects: Collection[str]) -> tuple[str, float] | None:
        """Return the statement that a label makes most plainly, or None."""
        scored = [
            (best(label, self.vocabulary.statements.get(subject, ()), self.vocabulary, self.country.names), subject)
            for subject in subjects
        ]
        score, subject = max(scored, default=(0.0, ""))
        return (subject, min(score, 0.97)) if score >= SAID else None

    def place(self, label: str) -> tuple[str, float] | None:
        """Return where a label says that something was: at home in one of seven ways, or ABROAD."""
        return self.statement(label, (*DOMESTIC, "ABROAD"))

    def _all(self, component: Component, label: str, beside: tuple[str, ...]) -> Iterator[Guess]:
        if not label.strip():
            return
        gone = self.missing(label)
        if gone is not None and not (component.codelist in AREAS and self._is_place(component.codelist, label)):
            yield gone
        if not component.coded:
            return
        unborn = self.unborn(label) if "RESID" in component.id else None
        if unborn is not None:
            yield unborn
        elif component.codelist not in ("CL_AGE", "CL_DURATION") and is_under(label):
            yield Guess("_Z", 0.9, "the label says: below the age at which it is asked")
        if component.codelist in AREAS:
            yield from self._area(component, label)
        elif component.codelist in ("CL_AGE", "CL_DURATION"):
            yield from self._span(component.codelist, label)
        elif component.codelist == "CL_RESID_PRIOR":
            yield from self._residence(label, beside)
        elif component.id == "ACQUISITION":
            yield from self._citizen(label, ACQUIRED)
        elif component.id == "IMMIGRANT_STATUS":
            said = self.statement(label, IMMIGRANT)
            if said is not None:
                yield Guess(IMMIGRANT[said[0]], said[1], f"'{label}' is said so")
        elif component.id == "NATIONAL_AT_BIRTH":
            yield from self._citizen(label, AT_BIRTH)
        if component.codelist not in AREAS and component.id != "NATIONAL_AT_BIRTH":
            yield from self.recognise(component.codelist, label, beside)

    def _is_place(self, codelist: str, label: str) -> bool:
        """Say whether a label names a place, whatever else it says: Africa, not determined."""
        more = [word for word in words(label) if word not in REST and word not in self.vocabulary.neutral]
        if len(more) > 1 and self.statement(label, ("_Z", "_N", "_U")) is None:
            return True
        found = self.recognise(codelist, label)
        return bool(found and found[0].confidence >= SURE) or self.region(codelist, label) is not None

    def _residence(self, label: str, beside: tuple[str, ...]) -> Iterator[Guess]:
        said = self.place(label)
        if said is None:
            named = self.recognise("CL_COUNTRY_BIRTH", label)
            here = {"", self.country.area, *self.country.territories}
            if self.country.area and named and named[0].confidence >= 0.9 and named[0].answer not in here:
                yield Guess("ABROAD", 0.9, f"'{label}' is another country")
            return
        others = {found[0] for one in beside if (found := self.place(one)) is not None}
        if said[0] == "DIFF_MIN" and beside and "DIFF_MAJ" not in others and not set(words(label)) & SAME:
            note = "another place in the country; whether in the same division is not said"
            yield Guess("DOMESTIC", said[1], f"'{label}', and no answer says another division", "broader", note)
        else:
            yield Guess(said[0], said[1], f"'{label}' is said so")

    def _citizen(self, label: str, codes: Mapping[str, str]) -> Iterator[Guess]:
        said = self.citizen(label)
        if said is not None and said[0] in codes:
            yield Guess(codes[said[0]], said[1], f"'{label}': {said[0].lower()}")

    def citizen(self, label: str) -> tuple[str, float] | None:
        """Return what a label says of citizenship: by birth, descent or naturalisation, national, or foreign."""
        text = _INITIALS.sub("", plain(label))
        for start in _BORN_IN if self.country.area else ():
            head, found, rest = f" {text}".partition(f" {start}")
            known = self.country.names | self.vocabulary.neutral | OUTLYING
            if found and rest and set(words(head)) <= NATIVE and set(words(rest)) <= known:
                return "TERRITORY", 0.95
        return self.statement(label, CITIZENS)

    def _area(self, component: Component, label: str) -> Iterator[Guess]:
        country = self.country
        named = self.recognise(component.codelist, label)
        if plain(label) in country.parts and not {guess.answer for guess in named[:1]} & country.territories:
            yield Guess(
                country.here, 0.96, "the label is one of the country's divisions", "broader", "a part of the country"
            )
            named = tuple(guess for guess in named if guess.confidence >= 0.97)
        if component.codelist == "CL_CITIZENSHIP":
            said = self.citizen(label)
            if said is not None and said[0] == "FOREIGN":
                note = "foreign; which citizenship is not said"
                yield Guess("_O", min(said[1], 0.95), "the label says: not a national", "broader", note)
            elif said is not None:
                yield Guess(country.here, min(said[1], 0.95), "the label says: a national")
        else:
            said = self.place(label)
            if said is not None and said[0] == "ABROAD":
                yield Guess(
                    "_O", min(said[1], 0.95), "the label says: abroad", "broader", "abroad; no country is named"
                )
            elif said is not None:
                yield Guess(country.here, min(said[1], 0.94), "the label says: in the country")
        for guess in named:
            yield self._within(component.codelist, guess)
        if not named and self._is_division(label):
            note = "a part of the country"
            yield Guess(country.here, 0.85, "the label is a division, and no country's name", "broader", note)
        head, colon, tail = label.partition(":")
        if colon and not any(guess.confidence >= SURE for guess in named) and self._is_world(component.codelist, head):
            yield from self.recognise(component.codelist, tail)
        region = self.region(component.codelist, label)
        if region is not None:
            # A name that is a country's too, such as Micronesia, is left to a person.
            yield replace(region, confidence=0.75) if any(one.confidence >= 0.5 for one in named) else region

    def is_part(self, label: str) -> bool:
        """Say whether a label is a division of the country: one that the codebook names, or by its own words."""
        return plain(label) in self.country.parts or (not self.place(label) and self._is_division(label))

    def _is_division(self, label: str) -> bool:
        said = words(label)
        other = REST - {"of", "the", "and", "de", "no"} | {"country", "pais", "pays", "pai", "land", "staat"}
        return len(said) > 1 and bool(set(said) & DIVISIONS) and not set(said) & other

    def _is_world(self, codelist: str, label: str) -> bool:
        """Say whether what stands before a colon is a part of the world: Europe: France."""
        return self.region(codelist, label) is not None or self.statement(label, ("ABROAD",)) is not None

    def region(self, codelist: str, label: str) -> Guess | None:
        """Return a part of the world that a label names, whole or what is left of it beside its countries."""
        said = tuple(word for word in words(label) if word not in REST)
        rest = len(said) < len(words(label))
        if not said:
            return None
        if codelist not in self.regions:
            self.regions[codelist] = {
                words(name): (code.id, code.names["en"])
                for code in self.codelists(codelist)
                if code.attributes.get("kind") == "region"
                for name in code.names.values()
            }
            for subject, phrases in self.vocabulary.statements.items():
                if subject.startswith("M49_") and subject in self.codelists(codelist):
                    name = self.codelists(codelist).label(subject)
                    self.regions[codelist] |= {phrase.words: (subject, name) for phrase in phrases}
        code, name = self.regions[codelist].get(said, ("", ""))
        note = f"what is left of {name}" if rest else "a part of the world only"
        return self._within(codelist, Guess(code, 0.9, f"'{label}' names it", "broader", note)) if code else None

    def _within(self, codelist: str, guess: Guess) -> Guess:
        """Return a region that holds the country itself as a residual: it would leave open what the answer says."""
        area, found = self.country.area, self.codelists(codelist)
        if area and guess.answer in found and guess.answer != area and area in found.descendants(guess.answer):
            note = f"{guess.answer} holds {area} too, and would leave open whether it is another country"
            return Guess("_O", min(guess.confidence, 0.85), guess.because, "residual", note)
        return guess

    def _span(self, codelist: str, label: str) -> Iterator[Guess]:
        said = span(label)
        if said is None:
            return
        found = []
        for code in self.codelists(codelist):
            unit = code.attributes.get("unit", "Y") or "Y"
            if (code.lower is not None or code.upper is not None) and Span(code.lower or 0, code.upper, unit) == said:
                found.append((len(_bare(code.names["en"]) & _bare(label)), code.id))
        if found:
            # Of two codes with these bounds, such as 0 to 15 and under 16, the one that says it with the same numbers.
            yield Guess(max(found)[1], 0.95, f"'{label}' has these bounds")


def _bare(text: str) -> set[str]:
    """Return the words of a text, its numbers without zeros before them."""
    return {word.lstrip("0") or "0" if word.isdecimal() else word for word in words(text)}
